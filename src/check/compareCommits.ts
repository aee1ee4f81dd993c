import { dataVersionRule, stampedBy } from '../dagster/dataVersions.ts'
import {
  assetCount,
  assetGraphs,
  type Graphs,
  ignoreUnstable,
  type Loaded,
} from '../dagster/graphs.ts'
import { type Detected, detectIntegration } from '../dagster/integrations/registry.ts'
import { type AssetImpact, compareAssetGraphs, withAddedPartitions } from '../dagster/staleness.ts'
import { missingCatalogs, refuseUnknown, type UnknownCatalog } from '../dagster/unknownCatalogs.ts'
import type { Request } from '../inputs/request.ts'
import { Failure } from '../platform/failure.ts'
import { type Findings, withIntegration, withNotices } from '../report/findings.ts'
import type { Report } from '../report/model.ts'
import { judge, type Verdict } from '../report/policy.ts'
import { comparisonReport, describeAssets } from '../report/report.ts'
import * as notices from '../report/words/notices.ts'
import { compareManifests, findHashCollisions, type ModelChange } from '../sqlmesh/changes.ts'
import { countModels } from '../sqlmesh/completeManifests.ts'
import { isHarmless, modelsThatKeepVersions } from '../sqlmesh/keptVersions.ts'
import type { Manifest } from '../sqlmesh/manifest.ts'
import type { Extent } from '../sqlmesh/probe.ts'
import {
  type SnapshotVersions,
  type VersionsQuestion,
  versionsQuestion,
} from '../sqlmesh/snapshotVersions.ts'
import { changedByLoadAlone, type Unstable } from '../sqlmesh/stability.ts'
import type { Upgrade } from '../sqlmesh/upgrade.ts'

/** All that two commits' loads gave. */
export type CommitPair = {
  readonly base: Loaded
  readonly head: Loaded
  readonly upgrade: Upgrade | null
  readonly unstable: readonly Unstable[]
}

/** Two commits side by side: what changed in SQLMesh's models, and what both make of Dagster's assets. */
export type ComparedCommits = {
  readonly pair: CommitPair
  readonly changes: ReadonlyMap<string, ModelChange>
  /** Models of which it is certain, without asking SQLMesh, that they keep their snapshot version. */
  readonly keeping: ReadonlySet<string>
  readonly detected: Detected
  readonly graphs: Graphs
  /** Gateways whose catalog is missing in keys. */
  readonly missing: readonly UnknownCatalog[]
}

/**
 * Puts two loaded commits side by side.
 *
 * @throws Failure `config` when neither commit has a project, or the integration is ambiguous
 */
export function compareCommits(pair: CommitPair, request: Request): ComparedCommits {
  const { base, head, upgrade, unstable } = pair
  const manifests = [base.manifest, head.manifest] as const
  const detected = integrationOf(request, base, head)
  const scheme = detected.integration.keys
  const derived = base.definitions === null || head.definitions === null ? scheme : null
  refuseUnknown(base.manifest, head.manifest, derived)
  const missing = [base, head].flatMap(({ manifest }) => missingCatalogs(manifest, derived))
  const restless = ifBothLoaded(
    manifests,
    (...both) => changedByLoadAlone(unstable, ...both),
    NO_MODELS,
  )
  const graphs = ignoreUnstable(assetGraphs(base, head, scheme), restless)
  const changes = ifBothLoaded(
    manifests,
    (...both) => compareManifests(...both, upgrade),
    NO_CHANGES,
  )
  const keep = (...both: [Manifest, Manifest]) => modelsThatKeepVersions(changes, ...both)
  const keeping = ifBothLoaded(manifests, keep, NO_MODELS)
  return { pair, changes, keeping, detected, graphs, missing }
}

/**
 * What to ask SQLMesh about the snapshot versions that decide what follows the change; null where
 * nothing follows, or data versions are not SQLMesh's.
 *
 * @param extent how much of head was loaded
 */
export function versionsInQuestion(
  compared: ComparedCommits,
  request: Request,
  { scope, changed }: Extent,
): VersionsQuestion | null {
  const { base, head, upgrade } = compared.pair
  const follows = impactsOf(compared, request, new Map()).some(
    ({ status }) => status === 'afterUpstream',
  )
  // Two versions of SQLMesh cannot read each other's models.
  if (!follows || upgrade !== null) return null
  if (stampedBy(request.dataVersion, compared.detected) === 'dagster') return null
  const ask = (...both: [Manifest, Manifest]) =>
    versionsQuestion(compared.changes, ...both, scope && changed)
  return ifBothLoaded([base.manifest, head.manifest], ask, null)
}

/** From two commits side by side to the report. */
export function concludeComparison(
  compared: ComparedCommits,
  versions: SnapshotVersions,
  request: Request,
  before: Findings,
): { report: Report; verdict: Verdict } {
  const { pair, changes, detected, graphs, missing } = compared
  const { base, head, upgrade, unstable } = pair
  const manifests = [base.manifest, head.manifest] as const
  const { integration, version } = detected
  const { name } = integration
  const assets = describeAssets(impactsOf(compared, request, versions), changes, ...manifests)
  const verdict = judge(assets, request.failOn)
  const found = [
    ...notices.aboutCatalogs(missing),
    ...notices.aboutCollisions(graphs.collisions),
    ...notices.aboutCauses(changes, upgrade),
    ...notices.aboutHashCollisions(ifBothLoaded(manifests, findHashCollisions, [])),
    ...notices.aboutStability(unstable, head.manifest),
    ...notices.aboutMissingVersions(graphs.head, request.definitions !== null),
    ...notices.aboutAddedPartitions(withAddedPartitions(graphs.base, graphs.head)),
    ...notices.aboutIntegration(detected),
  ]
  const named = withIntegration(before, { name, version, wired: graphs.wired })
  const findings = withNotices(named, found)
  const sizes =
    request.definitions === null
      ? countModels(...manifests)
      : { base: assetCount(graphs.base), head: assetCount(graphs.head) }
  return { report: comparisonReport(findings, assets, sizes, verdict.conclusion), verdict }
}

/** The report where no load could give anything else for head than for base. */
export function concludeUnloaded(
  why: string,
  failOn: Request['failOn'],
  before: Findings,
): { report: Report; verdict: Verdict } {
  const verdict = judge([], failOn)
  const findings = withNotices(before, [notices.nothingLoaded(why)])
  const uncounted = { base: null, head: null }
  return { report: comparisonReport(findings, [], uncounted, verdict.conclusion), verdict }
}

function impactsOf(
  compared: ComparedCommits,
  request: Request,
  versions: SnapshotVersions,
): readonly AssetImpact[] {
  const { changes, keeping, detected, graphs } = compared
  const versionOf = (fqn: string) => {
    const told = versions.get(fqn) ?? (keeping.has(fqn) ? 'reused' : null)
    if (told !== null) return told
    const change = changes.get(fqn)
    // A change of the text alone moves the version only as those above do.
    return change === undefined || isHarmless(change) ? 'unknown' : 'new'
  }
  const rule = dataVersionRule(request.dataVersion, detected, versionOf)
  return compareAssetGraphs(graphs.base, graphs.head, rule)
}

const NO_MODELS: ReadonlySet<string> = new Set()
const NO_CHANGES: ReadonlyMap<string, ModelChange> = new Map()

/** What two manifests give together; nothing where one of the commits has no project. */
function ifBothLoaded<T>(
  [base, head]: readonly [Manifest | null, Manifest | null],
  work: (base: Manifest, head: Manifest) => T,
  nothing: T,
): T {
  return base === null || head === null ? nothing : work(base, head)
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
  return detectIntegration(request, manifest.versions.integrations, imported)
}
