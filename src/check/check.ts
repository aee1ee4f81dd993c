import { type ChangedTexts, readTexts } from '../git/changedTexts.ts'
import { checkedOutCommit, committedAt, resolveCommits } from '../git/commits.ts'
import type { Comparison } from '../git/comparison.ts'
import { pointersIn } from '../git/lfsPointers.ts'
import { openReader } from '../git/objectReader.ts'
import { completeCommits } from '../git/partialClone.ts'
import { openRepository } from '../git/repository.ts'
import { readSubmodules } from '../git/submodules.ts'
import { openTrees } from '../git/trees.ts'
import type { Request } from '../inputs/request.ts'
import { openEnvironments } from '../interpreter/environments.ts'
import { refuseUnmet } from '../interpreter/unmetPins.ts'
import { type Failure, toFailure } from '../platform/failure.ts'
import type { Report } from '../report/model.ts'
import type { Verdict } from '../report/policy.ts'
import { NO_SOURCES, type Sources } from '../report/presentation.ts'
import { errorReport } from '../report/report.ts'
import { type Known, unknownSubject, withCommits } from '../report/subject.ts'
import * as notices from '../report/words/notices.ts'
import { aboutPins } from '../report/words/pinNotices.ts'
import { lookForGit } from '../sandbox/hiddenPlaces.ts'
import { isolate } from '../sandbox/sandbox.ts'
import { tryWays } from '../sandbox/sandboxWays.ts'
import { compareFiles } from '../scope/compareFiles.ts'
import { modelsThatReuseVersions } from '../sqlmesh/keptVersions.ts'
import type { Manifest } from '../sqlmesh/manifest.ts'
import { explainUpgrade } from '../sqlmesh/upgrade.ts'
import { addLive } from './addLive.ts'
import { askSnapshotVersions } from './categories.ts'
import {
  compareCommits,
  concludeComparison,
  concludeUnloaded,
  versionsInQuestion,
} from './compareCommits.ts'
import { loadAgain, loadSides, lookAgain } from './loadCommits.ts'
import { startProbesEarly } from './loadRequest.ts'
import { observe } from './observeReads.ts'
import type { Ports } from './ports.ts'

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
export async function check(request: Request, lent: Ports): Promise<Outcome> {
  const known: Known = { subject: unknownSubject(request.projects.join(', ')), notices: [] }
  let comparison: Comparison | null = null
  let ports = lent
  // Takes longer than the first questions to git, and is not needed before their answers.
  const trying = tryWays(ports.environment)
  try {
    const repository = await openRepository(ports.folder)
    const { root, git } = repository
    const looking = lookForGit({ environment: ports.environment, workspace: root })
    comparison = ports.choose(await checkedOutCommit(git))
    const wanted = comparison
    const commits = await ports.stage('git', 'Finding the commits', async () => {
      const found = await resolveCommits(git, wanted)
      await completeCommits(repository, found)
      return found
    })
    known.subject = withCommits(known.subject, commits, comparison)
    await using submodules = await ports.stage('git', 'Reading submodules', () =>
      readSubmodules(repository, commits, ports.temporary),
    )
    // From here on both commits are read with the files of their submodules in them.
    const { objects } = submodules
    await using reader = await openReader(objects, ports.temporary)
    const compared = await ports.stage('git', 'Comparing their files', () =>
      compareFiles(reader, submodules, request, {
        workspace: root,
        environment: ports.environment,
      }),
    )
    const unloaded = (why: string) => {
      const concluded = concludeUnloaded(why, request, known)
      return { ...concluded, comparison: wanted, failure: null, sources: NO_SOURCES }
    }
    const { changed, scope, installs } = compared
    if (scope.kind === 'nothing' && installs.kind === 'same') return unloaded(scope.why)

    const { environment } = lent
    const given = comparison.foreign ? [] : request.env
    if (given.length < request.env.length) {
      ports = withEmpty(request.env, lent)
      known.notices.push(notices.variablesWithheld(request.env))
    }
    const surroundings = { environment, workspace: root, given, gitFolders: await looking }
    const isolation = isolate(request.isolation, await trying, surroundings)
    ports.onIsolation(isolation)
    await using trees = await openTrees(ports.temporary)
    // Whoever says that data versions are Dagster's own is not told what becomes of SQLMesh's.
    const kept = request.dataVersion === 'dagster' ? null : trees.models
    const at = await committedAt(reader.git, commits)
    const early = { request, ports, isolation, trees, workspace: root, at, kept }
    await using probes = await startProbesEarly(early)
    const only = scope.kind === 'files' && request.install === null ? scope.files : null
    const { linksOut, pointers } = await ports.stage('git', 'Reading their files', async () => ({
      linksOut: await trees.checkout(objects, submodules.commits, only),
      pointers: await pointersIn(reader.git, submodules.commits.head, request.projects),
    }))
    known.notices.push(...notices.aboutFiles(linksOut, pointers))
    const texts = await ports.stage('git', 'Reading what changed', () =>
      readTexts(reader.git, submodules.commits, changed),
    )
    await using environments = await ports.stage('Python', 'Finding Python', () =>
      openEnvironments(request, { ...ports, isolation, workspace: root, visit: trees.visit }),
    )
    const ready = { ...early, environments, probes }
    const settled = await observe(compared, ready)
    if (settled.kind === 'nothing') return unloaded(settled.why)
    const load = { ...ready, scope: settled }
    const both = await loadSides(load, known)
    const { base, head, extents } = both
    refuseUnmet(environments, {
      base: base.manifest?.versions ?? null,
      head: head.manifest?.versions ?? null,
    })
    const upgrade = await explainUpgrade(
      { base: base.manifest, head: head.manifest },
      {
        changed: new Set(changed.map((file) => file.path)),
        installed: environments.dependencyFiles,
      },
      () => loadAgain('base', 'head', extents.base, load, known),
    )
    const unstable = upgrade === null ? await lookAgain(both, changed, load, known) : []
    known.notices.push(...aboutPins(environments, base.manifest, head.manifest))

    const sides = compareCommits({ base, head, upgrade, unstable }, request)
    const inQuestion = versionsInQuestion(
      sides,
      request,
      extents.head.scope && extents.head.changed,
    )
    const versions = await askSnapshotVersions(inQuestion, load, known)

    const concluded = concludeComparison(sides, versions, request, known)
    const report = await withDagster(concluded.report, request, ports)
    const sources = sourcesOf(texts, base.manifest, head.manifest)
    return { ...concluded, report, comparison, failure: null, sources }
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

function withEmpty(names: readonly string[], ports: Ports): Ports {
  const empty = Object.fromEntries(names.map((name) => [name, '']))
  return { ...ports, environment: { ...ports.environment, ...empty } }
}

async function withDagster(report: Report, request: Request, ports: Ports): Promise<Report> {
  const { dagster } = request
  if (dagster === null || report.assets.length === 0) return report
  const [told = report] = await ports.stage('Dagster', 'Asking Dagster', () =>
    addLive([report], dagster),
  )
  return told
}

function sourcesOf(texts: ChangedTexts, base: Manifest | null, head: Manifest | null): Sources {
  if (base === null || head === null) return { ...texts, forwardOnly: new Set() }
  const reusing = modelsThatReuseVersions(base, head)
  const forwardOnly = head.models.filter((model) => model.reusesVersion === 'forward-only')
  const names = forwardOnly.map(({ fqn }) => fqn).filter((fqn) => reusing.has(fqn))
  return { ...texts, forwardOnly: new Set(names) }
}
