import type { Asset, AssetGraph, PartitionKey } from './asset.ts'
import { type AssetKey, keyId } from './assetKeys.ts'
import {
  type EventLog,
  eventsOf,
  INITIAL,
  latestOf,
  latestOfPartition,
  type Materialization,
} from './materializations.ts'
import { readingOf } from './partitions.ts'

/** Dagster's MISSING, of an asset without partitions or of one partition. */
export function isMissing({ key }: Asset, partition: PartitionKey, log: EventLog): boolean {
  return latestOfPartition(key, partition, log) === undefined
}

export type StaleCauses = {
  readonly code: boolean
  readonly added: readonly AssetKey[]
  readonly removed: readonly AssetKey[]
  /**
   * Parents whose data version is not the one that the last run saw, and assets behind virtual parents
   * that ran since.
   */
  readonly data: readonly AssetKey[]
}

const NONE: StaleCauses = { code: false, added: [], removed: [], data: [] }

/**
 * Why an asset of `graph`, or one of its partitions, is STALE; nothing if it is FRESH or MISSING. The rules
 * are those of `CachingStaleStatusResolver._get_stale_causes_materialized`. They are not transitive: only
 * parents count.
 */
export function staleCauses(
  asset: Asset,
  partition: PartitionKey,
  graph: AssetGraph,
  log: EventLog,
): StaleCauses {
  const latest = latestOfPartition(asset.key, partition, log)
  if (latest === undefined) return NONE
  const { inputs, parents } = latest
  const now = new Set(asset.parents.map(keyId))
  const reads = asset.parents.map((key) => ({ key, read: readOf(asset, partition, key, graph) }))
  return {
    // None → X fires (the stamp is the run then); X → none does not.
    code: Boolean(asset.codeVersion) && asset.codeVersion !== latest.codeVersion,
    added: reads
      .filter(({ key, read }) => !inputs.has(keyId(key)) && read?.length !== 0)
      .map(({ key }) => key),
    removed: parents.filter((key) => !now.has(keyId(key))),
    data: each([
      ...reads.filter(({ key, read }) => hasMoved(key, read, latest, log)).map(({ key }) => key),
      // Whether a data version moved does not matter there.
      ...behindVirtual(asset, graph).filter(
        (key) => (latestOf(key, log)?.place ?? 0) > latest.place,
      ),
    ]),
  }
}

/** The partitions of a parent that are looked at; null where it has none (`_get_partition_dependencies`). */
function readOf(
  asset: Asset,
  partition: PartitionKey,
  parent: AssetKey,
  graph: AssetGraph,
): readonly PartitionKey[] | null {
  if ((graph.get(keyId(parent))?.partitions ?? null) === null) return null
  const { tracked, rows } = readingOf(asset, parent)
  return (tracked ? rows.get(partition) : null) ?? []
}

/** The nearest assets behind virtual parents that are not virtual themselves. */
export function behindVirtual(asset: Asset, graph: AssetGraph): readonly AssetKey[] {
  const found: AssetKey[] = []
  const seen = new Set<string>()
  const open = asset.parents.filter((key) => graph.get(keyId(key))?.virtual)
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    const id = keyId(key)
    if (seen.has(id)) continue
    seen.add(id)
    const ancestor = graph.get(id)
    if (ancestor?.virtual) open.push(...ancestor.parents)
    else found.push(key)
  }
  return found
}

/** Each key once. */
function each(keys: readonly AssetKey[]): readonly AssetKey[] {
  return [...new Map(keys.map((key) => [keyId(key), key])).values()]
}

/** Whether a parent, or one of its partitions that are read, has another data version than the run saw. */
function hasMoved(
  key: AssetKey,
  read: readonly PartitionKey[] | null,
  run: Materialization,
  log: EventLog,
): boolean {
  const seen = run.inputs.get(keyId(key))
  const latest = latestOf(key, log)
  if (seen === undefined || latest === undefined) return false
  if (read === null) return latest.dataVersion !== seen
  // Dagster looks for partitions newer than the event that the run noted; INITIAL is none.
  return seen !== INITIAL && read.some((partition) => hasMovedSince(run, key, partition, log))
}

function hasMovedSince(
  { place }: Materialization,
  key: AssetKey,
  partition: PartitionKey,
  log: EventLog,
): boolean {
  if (partition === null) return false
  const events = eventsOf(key, partition, log)
  const latest = events.at(-1)
  if (latest === undefined || latest.place < place) return false
  const then = events.findLast((event) => event.place < place)
  return then?.dataVersion !== latest.dataVersion
}
