import type { Outcome } from '../../check/check.ts'
import type { Side } from '../../platform/failure.ts'
import { fingerprintOfAll, newSince, rowDigests } from '../../report/fingerprint.ts'
import { type Memory, type Past, type Remembered, remember } from '../../report/memory.ts'
import type { Counts, Report } from '../../report/model.ts'
import { type Acceptance, conclude, decideAcceptance } from '../../report/policy.ts'
import type { Links, Presentation } from '../../report/presentation.ts'
import type { RunResult } from './runResult.ts'
import { hasLabel, lastAdded, rememberedBy, trailersOf, type View } from './thread.ts'

/** What a run came to, all its projects together. */
export type Conclusion = {
  readonly result: Report['result']
  readonly conclusion: Report['conclusion']
  readonly fingerprint: string
  /** null when one of the projects could not be compared: an unknown count is not zero. */
  readonly counts: Counts | null
  readonly acceptance: Acceptance | null
  /** The reports with their conclusion. */
  readonly reports: readonly Report[]
  readonly presentations: readonly Presentation[]
  /** Whether there is anything to tell a reader who was never told anything. */
  readonly starts: boolean
  readonly memory: Memory
}

/** Whether it depends on an acceptance how the check ends. */
export function asksAcceptance({ outcomes }: RunResult): boolean {
  return (
    outcomes.every(({ report }) => report.error === null) &&
    outcomes.some(({ verdict }) => verdict?.conclusion === 'failure')
  )
}

/**
 * Joins what was found with what a maintainer accepts.
 *
 * @param view what the pull request looks like; null = not looked, or not to be had
 * @param description of the pull request, where the view has none
 */
export function decideConclusion(
  found: RunResult,
  view: View | null,
  description: string,
): Conclusion {
  const { outcomes, request } = found
  const shown = view === null ? null : rememberedBy(view.ours)
  const labelled = hasAcceptLabel(found, view)
  const fingerprint = fingerprintOfAll(outcomes.map(({ report }) => report))
  const acceptance = asksAcceptance(found)
    ? decideAcceptance({
        fingerprint,
        label: { present: labelled, added: addedBy(view) },
        trailers: trailersOf(view?.pull?.body ?? description),
        shown,
      })
    : null
  const reports = outcomes.map(({ report, verdict }) => ({
    ...report,
    conclusion: conclude(report, verdict, acceptance),
  }))
  const counts = sumCounts(reports)
  const assets = reports.flatMap((report) => report.assets)
  const head = linksOf(found, outcomes[0])?.head ?? ''
  const past = counts === null ? null : { head, unsynced: counts.unsynced }
  return {
    result: counts === null ? 'error' : counts.unsynced > 0 ? 'unsynced' : 'synced',
    conclusion: reports.every((report) => report.conclusion === 'success') ? 'success' : 'failure',
    fingerprint,
    counts,
    acceptance,
    reports,
    presentations: outcomes.map((outcome, index) => {
      const report = reports[index] as Report
      return {
        report: { ...report, fingerprint },
        verdict: outcome.verdict,
        failOn: request?.failOn ?? [],
        acceptLabel: request?.acceptLabel ?? '',
        acceptance: acceptance && {
          state: acceptance.state,
          means: acceptance.means,
          by: acceptance.by,
          at: acceptance.at,
          fingerprint: acceptance.fingerprint,
          newAssets: acceptance.state === 'void' ? newSince(acceptance.rows, report.assets) : [],
        },
        previous: index === 0 ? previousOf(shown, past, assets.length) : null,
        sources: outcome.sources,
        links: linksOf(found, outcome),
      }
    }),
    starts: counts === null || assets.length > 0,
    memory: remember(shown, {
      fingerprint,
      rows: rowDigests(assets),
      labelled,
      accepted: acceptance?.means === 'label' ? acceptance : null,
      past,
    }),
  }
}

function hasAcceptLabel({ request }: RunResult, view: View | null): boolean {
  if (request === null || view?.pull === undefined || view.pull === null) return false
  return hasLabel(view.pull, request.acceptLabel)
}

function addedBy(view: View | null): { by: string; at: string; event: number } | null {
  const added = lastAdded(view?.labelEvents ?? null)
  return added === null ? null : { by: added.by, at: added.at, event: added.id }
}

/** What an earlier push did is worth telling where this one did nothing, or could not be told. */
function previousOf(
  shown: Remembered | null,
  past: Past | null,
  assets: number,
): Presentation['previous'] {
  if (past === null) return shown?.good ?? null
  return assets === 0 ? (shown?.impact ?? null) : null
}

function sumCounts(reports: readonly Report[]): Counts | null {
  const all = reports.flatMap(({ counts }) => (counts === null ? [] : [counts]))
  if (all.length < reports.length) return null
  const sum = (name: Exclude<keyof Counts, Side>) =>
    all.reduce((total, counts) => total + counts[name], 0)
  // What one of the reports did not count, all of them together have not counted.
  const sumOrNull = (side: Side) =>
    all.reduce<number | null>((total, { [side]: one }) => {
      return total === null || one === null ? null : total + one
    }, 0)
  return {
    base: sumOrNull('base'),
    head: sumOrNull('head'),
    unsynced: sum('unsynced'),
    afterUpstream: sum('afterUpstream'),
    new: sum('new'),
    removed: sum('removed'),
    formattingOnly: sum('formattingOnly'),
  }
}

function linksOf({ request, runner, pullRequest }: RunResult, outcome: Outcome | undefined): Links {
  const repository = `${runner.serverUrl}/${runner.repository.owner}/${runner.repository.name}`
  const report = outcome?.report
  // The merge commit of a pull request is gone after the merge; its head stays.
  const lasting = outcome?.comparison?.headFile ?? (outcome?.comparison ? null : pullRequest?.head)
  return {
    repository,
    run: `${repository}/actions/runs/${runner.run.id}`,
    head: lasting ?? report?.head.sha ?? 'HEAD',
    base: report?.base.sha ?? 'HEAD',
    dagster: request?.dagster?.url ?? null,
  }
}
