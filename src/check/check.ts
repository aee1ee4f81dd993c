import { type ChangedTexts, readTexts } from '../git/changedTexts.ts'
import type { Comparison } from '../git/comparison.ts'
import type { Request } from '../inputs/request.ts'
import { type Failure, toFailure } from '../platform/failure.ts'
import { nothingFound, withCommits, withNotices } from '../report/findings.ts'
import type { Report } from '../report/model.ts'
import type { Verdict } from '../report/policy.ts'
import { NO_SOURCES, type Sources } from '../report/presentation.ts'
import { errorReport } from '../report/report.ts'
import { aboutWithheld } from '../report/words/notices.ts'
import { compareFiles } from '../scope/compareFiles.ts'
import { modelsThatReuseVersions } from '../sqlmesh/keptVersions.ts'
import { addLive } from './addLive.ts'
import { askSnapshotVersions } from './categories.ts'
import { findCommits, openCheckout, openCommits } from './checkout.ts'
import {
  type CommitPair,
  compareCommits,
  concludeComparison,
  concludeUnloaded,
  versionsInQuestion,
} from './compareCommits.ts'
import { explainLoads } from './explainLoads.ts'
import { loadCommits } from './loadCommits.ts'
import { withLoads } from './loadFindings.ts'
import { settleScope } from './observeReads.ts'
import type { Ports } from './ports.ts'
import { openSession } from './session.ts'

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
  const { projects, definitions, failOn, dagster } = request
  const { environment, stage } = ports
  let findings = nothingFound(projects.join(', '))
  let comparison: Comparison | null = null
  const unloaded = (why: string): Outcome => {
    const concluded = concludeUnloaded(why, failOn, findings)
    return { ...concluded, comparison, failure: null, sources: NO_SOURCES }
  }
  try {
    const checkout = await openCheckout(request, ports)
    comparison = checkout.comparison
    const commits = await findCommits(checkout, ports)
    findings = withCommits(findings, commits, comparison)
    await using files = await openCommits(checkout, commits, ports)
    const search = { environment, workspace: checkout.repository.root }
    const differences = await stage('git', 'Comparing their files', () =>
      compareFiles(files.reader, files.submodules, request, search),
    )
    const { changed, scope, installs } = differences
    if (scope.kind === 'nothing' && installs.kind === 'same') return unloaded(scope.why)
    findings = withNotices(findings, aboutWithheld(checkout.withheld))
    ports.onIsolation(await checkout.isolate())
    const only = scope.kind === 'files' && request.install === null ? scope.files : null
    await using session = await openSession(request, ports, checkout, files, only)
    findings = withNotices(findings, session.notices)
    const texts = await stage('git', 'Reading what changed', () =>
      readTexts(files.reader.git, files.submodules.commits, changed),
    )
    const settled = await settleScope(differences, session)
    if (settled.kind === 'nothing') return unloaded(settled.why)
    const loads = await loadCommits(settled, definitions, session)
    findings = withLoads(findings, loads)
    if (loads.kind === 'failed') throw loads.failure
    const { pair, notices } = await explainLoads(loads.both, changed, session)
    findings = withNotices(findings, notices)
    const compared = compareCommits(pair, request)
    const question = versionsInQuestion(compared, request, loads.both.extents.head)
    const told = await askSnapshotVersions(question, session)
    findings = withNotices(findings, told.notices)
    const { report, verdict } = concludeComparison(compared, told.versions, request, findings)
    const live = await askDagster(report, dagster, ports)
    return { report: live, verdict, comparison, failure: null, sources: sourcesOf(texts, pair) }
  } catch (thrown) {
    const failure = toFailure(thrown)
    const report = errorReport(findings, failure)
    return { report, verdict: null, comparison, failure, sources: NO_SOURCES }
  }
}

/** The outcome of a run that failed before there was anything to check. */
export function refuse(thrown: unknown): Outcome {
  const failure = toFailure(thrown)
  const report = errorReport(nothingFound(''), failure)
  return { report, verdict: null, comparison: null, failure, sources: NO_SOURCES }
}

async function askDagster(
  report: Report,
  server: Request['dagster'],
  { stage }: Ports,
): Promise<Report> {
  if (server === null || report.assets.length === 0) return report
  const [told = report] = await stage('Dagster', 'Asking Dagster', () => addLive([report], server))
  return told
}

function sourcesOf(texts: ChangedTexts, { base, head }: CommitPair): Sources {
  if (base.manifest === null || head.manifest === null) return { ...texts, forwardOnly: new Set() }
  const reusing = modelsThatReuseVersions(base.manifest, head.manifest)
  const forwardOnly = head.manifest.models.filter((model) => model.reusesVersion === 'forward-only')
  const names = forwardOnly.map(({ fqn }) => fqn).filter((fqn) => reusing.has(fqn))
  return { ...texts, forwardOnly: new Set(names) }
}
