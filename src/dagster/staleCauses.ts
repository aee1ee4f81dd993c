import type { Asset, AssetGraph } from './assetGraph.ts'
import { type AssetKey, keyId } from './assetKeys.ts'
import { type EventLog, INITIAL, type Materialization, versionSeen } from './materializations.ts'

/**
 * Dagster's MISSING. An asset that gets partitions has none of them materialized, whatever ran before.
 */
export function isMissing(asset: Asset, log: EventLog): boolean {
  const latest = log.get(keyId(asset.key))
  return latest === undefined || (asset.partitioned && !latest.partitioned)
}

export type StaleCauses = {
  readonly code: boolean
  readonly added: readonly AssetKey[]
  readonly removed: readonly AssetKey[]
  /**
   * Parents whose data version is not the one that the asset's last run saw, and assets behind
   * virtual parents that ran since.
   */
  readonly data: readonly AssetKey[]
}

/**
 * Why an asset of `graph` is STALE; nothing if it is FRESH or MISSING. The rules are those of
 * `CachingStaleStatusResolver._get_stale_causes_materialized`. They are not transitive: only parents
 * count.
 */
export function staleCauses(asset: Asset, graph: AssetGraph, log: EventLog): StaleCauses {
  const latest = log.get(keyId(asset.key))
  if (latest === undefined || isMissing(asset, log)) {
    return { code: false, added: [], removed: [], data: [] }
  }
  const { inputs, parents } = latest
  const now = new Set(asset.parents.map(keyId))
  const tracked = asset.parents.filter((key) => isTracked(graph.get(keyId(key)), asset))
  return {
    // None → X fires (the stamp is the run then); X → none does not.
    code: Boolean(asset.codeVersion) && asset.codeVersion !== latest.codeVersion,
    added: tracked.filter((key) => !inputs.has(keyId(key))),
    removed: parents.filter((key) => !now.has(keyId(key))),
    data: each([
      ...tracked.filter((key) => hasMoved(inputs.get(keyId(key)), key, graph, log)),
      // Whether a data version moved does not matter there.
      ...behindVirtual(asset, graph).filter((key) => hasRunSince(latest, key, log)),
    ]),
  }
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

function hasRunSince({ wave }: Materialization, key: AssetKey, log: EventLog): boolean {
  return (log.get(keyId(key))?.wave ?? 0) > wave
}

/** Each key once. */
function each(keys: readonly AssetKey[]): readonly AssetKey[] {
  return [...new Map(keys.map((key) => [keyId(key), key])).values()]
}

function isTracked(parent: Asset | undefined, child: Asset): boolean {
  const untracked = parent?.partitioned === true && parent.partitionsTracked === false
  return !untracked || child.partitioned
}

function hasMoved(
  seen: string | undefined,
  key: AssetKey,
  graph: AssetGraph,
  log: EventLog,
): boolean {
  const parent = graph.get(keyId(key))
  const latest = log.get(keyId(key))
  if (seen === undefined || latest === undefined) return false
  // Dagster looks for partitions newer than the event that the child's run noted; INITIAL is none.
  if (parent?.partitioned && (!latest.partitioned || seen === INITIAL)) return false
  return versionSeen(parent, latest) !== seen
}
