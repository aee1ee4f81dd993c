import type {
  LastMaterialization,
  LiveAsset,
  LivePartitions,
} from '../../dagster/live/liveAsset.ts'
import { counted, thousands } from '../markdown/markdown.ts'
import type { Report, ReportAsset } from '../model.ts'
import { agoText, durationText, timeText } from './times.ts'

/*
 * Numbers and words of ours only: whatever a server answered, nothing of it ends up in a document as
 * it came.
 */

const REASONS = {
  code: 'code version',
  dependencies: 'dependencies',
  data: 'upstream data',
} as const

/** What Dagster says of an asset now: `materialized 3 h ago, took 12 min`; '' if that is nothing. */
export function liveText({ status, live }: ReportAsset): string {
  if (live === undefined) return ''
  if (live.status === 'absent') return status === 'new' ? '' : 'not in Dagster'
  const parts = [
    live.running ? 'running now' : '',
    live.status === 'unsynced' ? alreadyText(live) : '',
    live.status === 'neverMaterialized' ? 'never materialized' : '',
    live.partitions === null ? '' : partitionsText(live.partitions),
    live.lastMaterialization === null ? '' : lastText(live.lastMaterialization, live),
    live.lastRunFailed ? 'last run failed' : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function alreadyText({ reasons }: LiveAsset): string {
  const words = reasons.map((reason) => REASONS[reason])
  return words.length === 0 ? 'already unsynced' : `already unsynced (${words.join(', ')})`
}

function partitionsText({
  total,
  materialized,
  failed,
  running,
  unsynced,
}: LivePartitions): string {
  const parts = [
    `${thousands(materialized)} of ${counted(total, 'partition')} materialized`,
    unsynced !== null && unsynced > 0 ? `${thousands(unsynced)} already unsynced` : '',
    failed > 0 ? `${thousands(failed)} failed` : '',
    running > 0 ? `${thousands(running)} running` : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function lastText(last: LastMaterialization, { asOf, partitions }: LiveAsset): string {
  const { at, seconds, sharedWith, step } = last
  const ago = agoText(at, asOf)
  // One partition's time says nothing of the asset's.
  if (seconds === null || partitions !== null) return `last materialized ${ago}`
  const took = durationText(seconds)
  if (sharedWith === 0) return `last materialized ${ago}, took ${took}`
  const others = sharedWith === null ? '' : ` with ${counted(sharedWith, 'other')}`
  return `last materialized ${ago}, in a ${step === null ? 'run' : 'step'} of ${took}${others}`
}

/** What Dagster says of what will be unsynced, in one or two sentences; '' if nothing was asked. */
export function liveSentence({ assets }: Report): string {
  const rows = assets.filter(
    (row) =>
      row.live !== undefined && (row.status === 'unsynced' || row.status === 'afterUpstream'),
  )
  const asOf = timeText(rows[0]?.live?.asOf ?? '')
  if (asOf === null) return ''
  const having = (is: (live: LiveAsset) => boolean) => rows.filter(({ live }) => live && is(live))
  const counts = [
    [having((live) => live.status === 'unsynced').length, 'already unsynced'],
    [having((live) => live.status === 'neverMaterialized').length, 'never materialized'],
    [having((live) => live.running).length, 'running now'],
  ] as const
  const parts = counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${thousands(count)} ${what}`)
  const now = parts.length === 0 ? 'none of them unsynced, missing or running' : parts.join(', ')
  return [`In Dagster at ${asOf}: ${now}.`, costText(rows)].filter((part) => part !== '').join(' ')
}

/** How long the last runs took; each step or run once, however many assets it made. */
function costText(rows: readonly ReportAsset[]): string {
  const timed = rows.flatMap(({ live }) => {
    const last = live?.lastMaterialization ?? null
    // Of a partitioned asset it is one partition's time.
    const whole = last !== null && last.seconds !== null && live?.partitions === null
    return whole ? [last] : []
  })
  if (timed.length === 0) return ''
  const units = new Map(timed.map((last) => [`${last.runId}\n${last.step}`, last.seconds ?? 0]))
  const total = [...units.values()].reduce((sum, seconds) => sum + seconds, 0)
  const known =
    timed.length === rows.length
      ? ''
      : `, known of ${thousands(timed.length)} of ${thousands(rows.length)}`
  return `Materializing them took ≈ ${durationText(total)} by last runs${known}.`
}
