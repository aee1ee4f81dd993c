import path from 'node:path'
import { type Detected, detectIntegration, keyScheme } from './dagster/assetKeys.ts'
import { dataVersionRule } from './dagster/dataVersions.ts'
import { type Definitions, loadDefinitions } from './dagster/definitions.ts'
import { assetCount, assetGraphs, type Loaded, withSteadyVersions } from './dagster/graphs.ts'
import { compareAssetGraphs, comparePartitions } from './dagster/staleness.ts'
import type { Comparison } from './event.ts'
import { Failure, type Side, toFailure } from './failure.ts'
import { type ChangedFile, changedFiles } from './git/changedFiles.ts'
import { checkedOutCommit, resolveCommits } from './git/commits.ts'
import { openRepository } from './git/repository.ts'
import { readTexts, type Texts } from './git/texts.ts'
import { checkoutTrees, type Trees } from './git/trees.ts'
import type { Request } from './inputs.ts'
import type { Printed } from './python/ask.ts'
import { type Environments, openEnvironments } from './python/environments.ts'
import * as notices from './report/notices.ts'
import { NO_SOURCES, type Sources } from './report/presentation.ts'
import {
  comparisonReport,
  describeAssets,
  errorReport,
  type Notice,
  type Report,
  type Subject,
} from './report/report.ts'
import { unknownSubject, withCommits, withVersion } from './report/subject.ts'
import {
  compareManifests,
  findHashCollisions,
  isUpgradeOnly,
  type ModelChange,
} from './sqlmesh/changes.ts'
import { loadEnvironment } from './sqlmesh/environment.ts'
import type { Manifest } from './sqlmesh/manifest.ts'
import { loadManifest } from './sqlmesh/probe.ts'
import { projectsIn } from './sqlmesh/project.ts'
import {
  changedByLoadAlone,
  findUnstable,
  needsSecondLook,
  type Unstable,
} from './sqlmesh/stability.ts'
import { explainUpgrade, type Upgrade } from './sqlmesh/upgrade.ts'
import { judge, type Verdict } from './verdict.ts'

/** What a door lends to a check. */
export type Ports = {
  /** A folder inside the user's checkout. */
  readonly folder: string
  /** Where private folders are made. */
  readonly temporary: string
  /** Environment that the loads' own is chosen from. */
  readonly environment: NodeJS.ProcessEnv
  /** Which commits to compare, given the one that is checked out. */
  readonly choose: (checkedOut: string) => Comparison
  /** Shows that a stage of work is under way. */
  readonly stage: <T>(name: string, work: () => Promise<T>) => Promise<T>
  /**
   * Gets the last part of what a load or an installation printed, if it failed. Not to be trusted.
   *
   * @param what what printed it: `loading base`
   */
  readonly onPrinted: (what: string, printed: Printed) => void
}

/** How a check ended. Also when it could not tell: then the report says why. */
export type Outcome = {
  readonly report: Report
  /** null when no comparison was made. */
  readonly verdict: Verdict | null
  /** null when it failed before it was known what to compare. */
  readonly comparison: Comparison | null
  /** What was thrown, for the log; null when a comparison was made. */
  readonly failure: Failure | null
  /** What the report's readers may want to see besides it. */
  readonly sources: Sources
}

/** The story of one pull request: from two commits to what they do to Dagster's assets. */
export async function check(request: Request, ports: Ports): Promise<Outcome> {
  const known: Known = { subject: unknownSubject(request.projects.join(', ')), notices: [] }
  let comparison: Comparison | null = null
  try {
    const { root, git } = await openRepository(ports.folder)
    comparison = ports.choose(await checkedOutCommit(git))
    const wanted = comparison
    const commits = await ports.stage('Finding the commits', () => resolveCommits(git, wanted))
    known.subject = withCommits(known.subject, commits, comparison)
    const changed = await changedFiles(git, commits)
    const texts = await readTexts(git, commits, changed)

    const place = ports.temporary
    await using trees = await ports.stage('Reading their files', () =>
      checkoutTrees(git, commits, place),
    )
    await using environments = await ports.stage('Finding Python', () =>
      openEnvironments(request, { ...ports, workspace: root, visit: trees.visit }),
    )
    const load = { request, ports, trees, environments, workspace: root }
    const base = await loadSide('base', load, known)
    const head = await loadSide('head', load, known)
    const upgrade = await explainUpgrade(
      { base: base.manifest, head: head.manifest },
      {
        changed: new Set(changed.map((file) => file.path)),
        installed: environments.dependencyFiles,
      },
      () => loadAgain('base', 'head', load, known),
    )
    const unstable =
      upgrade === null ? await lookAgain(base, head, changed, load, known) : NO_UNSTABLE
    known.notices.push(...notices.aboutPins(environments, base.manifest, head.manifest))

    const sources = sourcesOf(texts, head.manifest)
    const compared = compare({ base, head, upgrade, unstable }, request, known)
    return { ...compared, comparison, failure: null, sources }
  } catch (thrown) {
    const failure = toFailure(thrown)
    const report = errorReport(known, failure)
    return { report, verdict: null, comparison, failure, sources: NO_SOURCES }
  }
}

/** The outcome of a run that failed before there was anything to check. */
export function refuse(thrown: unknown): Outcome {
  const failure = toFailure(thrown)
  const report = errorReport({ subject: unknownSubject(''), notices: [] }, failure)
  return { report, verdict: null, comparison: null, failure, sources: NO_SOURCES }
}

/** What is known so far, so that a failure can still say it. */
type Known = { subject: Subject; notices: Notice[] }

type Comparable = {
  readonly base: Loaded
  readonly head: Loaded
  readonly upgrade: Upgrade | null
  readonly unstable: readonly Unstable[]
}

/** From two loaded commits to the report; nothing here touches the outside. */
function compare(
  { base, head, upgrade, unstable }: Comparable,
  request: Request,
  known: Known,
): { report: Report; verdict: Verdict } {
  const manifests = [base.manifest, head.manifest] as const
  const integration = integrationOf(request, base, head)
  const { name, version } = integration
  const derivable = name !== 'custom' || request.assetKey !== null
  const scheme = derivable ? keyScheme(name, request.assetKey) : null
  const restless = ofBoth(manifests, (...both) => changedByLoadAlone(unstable, ...both), NO_MODELS)
  const graphs = withSteadyVersions(assetGraphs(base, head, scheme), restless)
  known.subject = { ...known.subject, integration: { name, version, wired: graphs.wired } }

  const changes = ofBoth(
    manifests,
    (...both) => compareManifests(...both, upgrade),
    new Map<string, ModelChange>(),
  )
  const reusing = modelsThatReuseVersions(head.manifest)
  const versionOf = (fqn: string) => {
    const change = changes.get(fqn)
    // An upgrade migrates the state, which keeps every version (SQLMesh `StateMigrator`).
    const kept = change !== undefined && (change.formattingOnly || isUpgradeOnly(change))
    return kept || reusing.has(fqn) ? 'reused' : 'unknown'
  }
  const rule = dataVersionRule(request.dataVersion, integration, versionOf)
  const impacts = compareAssetGraphs(graphs.base, graphs.head, rule)

  const assets = describeAssets(impacts, changes, ...manifests)
  const verdict = judge(assets, request.failOn)
  known.notices.push(
    ...notices.aboutCollisions(graphs.collisions),
    ...notices.aboutCauses(changes, upgrade),
    ...notices.aboutHashCollisions(ofBoth(manifests, findHashCollisions, [])),
    ...notices.aboutStability(unstable, head.manifest),
    ...notices.aboutMissingVersions(graphs.head, request.definitions !== null),
    ...notices.aboutPartitions(comparePartitions(graphs.base, graphs.head)),
    ...notices.aboutIntegration(integration),
  )
  const size = ({ manifest }: Loaded, graph: typeof graphs.base) =>
    request.definitions === null ? modelCount(manifest) : assetCount(graph)
  const sizes = { base: size(base, graphs.base), head: size(head, graphs.head) }
  return { report: comparisonReport(known, assets, sizes, verdict.conclusion), verdict }
}

const NO_MODELS: ReadonlySet<string> = new Set()
const NO_UNSTABLE: readonly Unstable[] = []

/** What two manifests give together; nothing where one of the commits has no project. */
function ofBoth<T>(
  [base, head]: readonly [Manifest | null, Manifest | null],
  work: (base: Manifest, head: Manifest) => T,
  nothing: T,
): T {
  return base === null || head === null ? nothing : work(base, head)
}

/** Loads head once more where no changed file explains a change, to tell whose it is. */
async function lookAgain(
  base: Loaded,
  head: Loaded,
  changed: readonly ChangedFile[],
  loading: Loading,
  known: Known,
): Promise<readonly Unstable[]> {
  if (base.manifest === null || head.manifest === null) return []
  const both = [base.manifest, head.manifest] as const
  const paths = new Set(changed.map(({ path }) => path))
  if (!needsSecondLook(compareManifests(...both), ...both, paths)) return []
  const again = await loadAgain('head', 'head', loading, known)
  return again === null ? [] : findUnstable(head.manifest, again)
}

/**
 * Loads a commit once more, for comparison only: what it says besides is known already.
 *
 * @param by the side whose Python loads it
 */
async function loadAgain(
  side: Side,
  by: Side,
  loading: Loading,
  known: Known,
): Promise<Manifest | null> {
  const silent: Known = { subject: known.subject, notices: [] }
  return await loading.trees.visit(side, (tree, scratch) =>
    manifestOf(side, loading, silent, { tree, scratch }, by),
  )
}

type Loading = {
  readonly request: Request
  readonly ports: Ports
  readonly trees: Trees
  readonly environments: Environments
  readonly workspace: string
}

/** One commit's project, and its Dagster definitions if they are asked for. */
async function loadSide(side: Side, loading: Loading, known: Known): Promise<Loaded> {
  return await loading.trees.visit(side, async (tree, scratch) => ({
    manifest: await manifestOf(side, loading, known, { tree, scratch }),
    definitions: await definitionsOf(side, loading, known, { tree, scratch }),
  }))
}

type Place = { readonly tree: string; readonly scratch: string }

/** @param by the side whose Python loads it */
async function manifestOf(
  side: Side,
  loading: Loading,
  known: Known,
  { tree, scratch }: Place,
  by = side,
): Promise<Manifest | null> {
  const { request, ports, workspace } = loading
  const projects = projectsIn(tree, request.projects)
  if (projects.length < request.projects.length) {
    known.notices.push(notices.projectAbsent(side, request.projects, projects))
  }
  if (projects.length === 0) return null
  const { python, environment } = await interpreterOf(by, loading, { tree, scratch })
  const { gateway, timeoutSeconds, env: given } = request
  const place = { python, tree, projects, workspace }
  const load = { side, ...place, gateway, timeoutSeconds, environment, given }
  const what = by === side ? side : `${side} with the Python of ${by}`
  const manifest = await ports.stage(`Loading ${what}`, () =>
    loadManifest(load, (printed) => ports.onPrinted(`loading ${what}`, printed)),
  )
  known.subject = withVersion(known.subject, side, manifest.versions.sqlmesh)
  known.notices.push(...notices.fromLoad(side, manifest))
  return manifest
}

async function definitionsOf(
  side: Side,
  loading: Loading,
  known: Known,
  { tree, scratch: parent }: Place,
): Promise<Definitions | null> {
  const { request, ports, workspace } = loading
  const { definitions: target, timeoutSeconds } = request
  if (target === null) return null
  const scratch = path.join(parent, 'definitions')
  const { python, environment } = await interpreterOf(side, loading, { tree, scratch })
  const load = { side, python, tree, workspace, scratch, target, timeoutSeconds, environment }
  const definitions = await ports.stage(`Loading the definitions of ${side}`, () =>
    loadDefinitions(load, (printed) =>
      ports.onPrinted(`loading the definitions of ${side}`, printed),
    ),
  )
  known.notices.push(...notices.fromLoad(side, definitions))
  return definitions
}

/** The Python of one side, installed when it is first needed, and the variables of a load in it. */
async function interpreterOf(
  side: Side,
  { request, ports, environments }: Loading,
  { tree, scratch }: Place,
) {
  const find = () => environments.of(side, tree)
  const missing = environments.isMissing(side)
  const found = missing ? await ports.stage(`Installing for ${side}`, find) : await find()
  const inherited = { ...ports.environment, ...found.variables }
  return {
    python: found.python,
    environment: loadEnvironment(inherited, request.env, scratch),
  }
}

function sourcesOf(texts: Texts, head: Manifest | null): Sources {
  const forwardOnly = head?.models.filter((model) => model.reusesVersion === 'forward-only') ?? []
  return { ...texts, forwardOnly: new Set(forwardOnly.map((model) => model.fqn)) }
}

/** Models whose snapshot version outlives a change: forward-only ones and those with a pinned version. */
function modelsThatReuseVersions(manifest: Manifest | null): ReadonlySet<string> {
  const reusing = manifest?.models.filter((model) => model.reusesVersion !== null) ?? []
  return new Set(reusing.map((model) => model.fqn))
}

function modelCount(manifest: Manifest | null): number {
  return manifest?.models.filter((model) => !model.external).length ?? 0
}

function absent(request: Request): Failure {
  const where = request.projects.map((project) => `\`${project}\``).join(', ')
  return new Failure('config', `Neither commit has a SQLMesh project in ${where}.`, {
    hint: 'Point the input `project` to the folder that holds config.yaml or config.py.',
  })
}

/** @throws Failure `config` when neither commit has a project, or the integration is ambiguous */
function integrationOf(request: Request, base: Loaded, head: Loaded): Detected {
  const manifest = head.manifest ?? base.manifest
  if (manifest === null) throw absent(request)
  const imported = head.definitions?.imported ?? null
  const detected = detectIntegration(request.integration, manifest.versions, imported)
  if (detected !== null) return detected
  throw new Failure('config', 'Both dg-sqlmesh and dagster-sqlmesh are installed.', {
    hint: 'Say which one makes the assets: the input `integration`.',
  })
}
