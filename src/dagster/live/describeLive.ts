import { keyId } from '../assetKeys.ts'
import type { Reason } from '../staleness.ts'
import { assetUrl } from './dagsterServer.ts'
import type { LatestAnswer, NodeAnswer, RunAnswer } from './liveAnswers.ts'
import type { LastMaterialization, LiveAsset, LivePartitions, WantedAsset } from './liveAsset.ts'

/** What the first question told of one asset. */
export type SeenAsset = {
  readonly wanted: WantedAsset
  /** null where Dagster has no such definition. */
  readonly node: NodeAnswer | null
  readonly latest: LatestAnswer | null
}

/** What the other questions told. */
export type More = {
  readonly runs: ReadonlyMap<string, RunAnswer>
  /** By `keyId`. */
  readonly partitions: ReadonlyMap<string, readonly string[]>
}

const REASONS: readonly (readonly [string, Reason])[] = [
  ['CODE', 'code'],
  ['DEPENDENCIES', 'dependencies'],
  ['DATA', 'data'],
]

/** Joins what was told of one asset. */
export function describeAsset(seen: SeenAsset, more: More, server: string, asOf: Date): LiveAsset {
  const { wanted, node, latest } = seen
  const categories = new Set(node?.staleCauses.map(({ category }) => category))
  const status = statusOf(node)
  return {
    asOf: asOf.toISOString(),
    status,
    reasons:
      status === 'unsynced'
        ? REASONS.filter(([category]) => categories.has(category as 'CODE')).map(([, name]) => name)
        : [],
    codeVersion: node?.opVersion ?? null,
    running: (latest?.inProgressRunIds.length ?? 0) + (latest?.unstartedRunIds.length ?? 0) > 0,
    lastRunFailed: lastRunFailed(latest),
    lastMaterialization: lastMaterialization(seen, more),
    partitions: partitionsOf(node, more.partitions.get(keyId(wanted.key)) ?? null),
    url: node === null ? null : assetUrl(server, wanted.key),
  }
}

/** A partitioned asset is fresh to Dagster whatever its partitions are. */
function statusOf(node: NodeAnswer | null): LiveAsset['status'] {
  if (node === null) return 'absent'
  if (node.isPartitioned === true) return null
  switch (node.staleStatus) {
    case 'STALE':
      return 'unsynced'
    case 'FRESH':
      return 'synced'
    case 'MISSING':
      return 'neverMaterialized'
    case null:
      return null
  }
}

function lastRunFailed(latest: LatestAnswer | null): boolean {
  const run = latest?.latestRun ?? null
  return run?.status === 'FAILURE' && run.runId !== latest?.latestMaterialization?.runId
}

function lastMaterialization(
  { wanted, latest }: SeenAsset,
  { runs }: More,
): LastMaterialization | null {
  const event = latest?.latestMaterialization ?? null
  if (event === null || event.timestamp === null) return null
  const at = new Date(Number(event.timestamp)).toISOString()
  const run = event.runId === null ? undefined : runs.get(event.runId)
  const { runId } = event
  if (run === undefined) return { at, runId, step: null, seconds: null, sharedWith: null }
  if (wanted.timedByRun) {
    const all = run.stepStats.reduce((sum, step) => sum + (step.materializations?.length ?? 0), 0)
    return { at, runId, step: null, seconds: secondsOf(run), sharedWith: others(all) }
  }
  const step = run.stepStats.find(({ stepKey }) => stepKey !== null && stepKey === event.stepKey)
  return {
    at,
    runId,
    step: event.stepKey,
    seconds: step === undefined ? null : secondsOf(step),
    sharedWith: others(step?.materializations?.length ?? 0),
  }
}

/** Its own event is among them; none at all means that they are not known. */
function others(all: number): number | null {
  return all === 0 ? null : all - 1
}

/** Thirty years: a clock was wrong. */
const MOST_SECONDS = 1e9

/** In tenths of a second. */
function secondsOf({
  startTime,
  endTime,
}: {
  readonly startTime: number | null
  readonly endTime: number | null
}): number | null {
  if (startTime === null || endTime === null) return null
  const seconds = Math.round((endTime - startTime) * 10) / 10
  return seconds >= 0 && seconds <= MOST_SECONDS ? seconds : null
}

function partitionsOf(
  node: NodeAnswer | null,
  statuses: readonly string[] | null,
): LivePartitions | null {
  const stats = node?.partitionStats ?? null
  if (node?.isPartitioned !== true || stats === null || stats.numPartitions === null) return null
  return {
    total: stats.numPartitions,
    materialized: stats.numMaterialized ?? 0,
    failed: stats.numFailed ?? 0,
    running: stats.numMaterializing ?? 0,
    unsynced: statuses === null ? null : statuses.filter((status) => status === 'STALE').length,
  }
}
