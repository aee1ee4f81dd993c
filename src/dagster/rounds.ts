import type { Asset, AssetGraph, PartitionKey } from './asset.ts'
import { parentsFirst } from './assetGraph.ts'
import { type AssetKey, keyId } from './assetKeys.ts'
import { canRun, type EventLog, materialize, type StampedVersion } from './materializations.ts'
import { partitionKeys } from './partitions.ts'
import { behindVirtual, staleCauses } from './staleCauses.ts'

/** What runs: an asset without partitions, or one of its partitions. */
export type Runnable = { readonly asset: Asset; readonly partition: PartitionKey }

/** Something that is stale after a round because of the data versions of some parents. */
export type Flagged = Runnable & {
  /** Number of the round, from 1. */
  readonly wave: number
  readonly parents: readonly AssetKey[]
}

/**
 * Materializes what is not fresh, round after round, each asset after its parents. What a round
 * leaves stale runs in the next one; that ends, because each round starts further down.
 *
 * @param first what is not fresh at the start
 * @param log gets the runs added
 */
export function* materializeInRounds(
  graph: AssetGraph,
  first: readonly Runnable[],
  log: EventLog,
  stamped: StampedVersion,
): Generator<Flagged> {
  const ranks = new Map(parentsFirst(graph).map((id, rank) => [id, rank]))
  const children = childrenIn(graph, ranks)
  const byRank = (a: Runnable, b: Runnable) => rankOf(ranks, a.asset) - rankOf(ranks, b.asset)
  let stale = first
  for (let wave = 1; stale.length > 0; wave += 1) {
    const ran = stale.filter(({ asset }) => canRun(asset)).sort(byRank)
    for (const { asset, partition } of ran) materialize(asset, partition, graph, log, stamped)
    const below = new Set(ran.flatMap(({ asset }) => children.get(keyId(asset.key)) ?? []))
    const flagged = [...below].flatMap((asset) =>
      partitionKeys(asset).flatMap((partition): Flagged[] => {
        const parents = staleCauses(asset, partition, graph, log).data
        return parents.length === 0 ? [] : [{ wave, asset, partition, parents }]
      }),
    )
    yield* flagged
    stale = flagged
  }
}

function rankOf(ranks: ReadonlyMap<string, number>, { key }: { key: AssetKey }): number {
  return ranks.get(keyId(key)) ?? -1
}

/**
 * The assets that each one can flag: its children further down, so that a cycle is cut, and itself where
 * its partitions read earlier ones.
 */
function childrenIn(
  graph: AssetGraph,
  ranks: ReadonlyMap<string, number>,
): ReadonlyMap<string, readonly Asset[]> {
  const children = new Map<string, Asset[]>()
  for (const asset of graph.values()) {
    for (const key of [...asset.parents, ...behindVirtual(asset, graph)]) {
      const itself = keyId(key) === keyId(asset.key) && asset.partitions !== null
      if (!itself && rankOf(ranks, { key }) >= rankOf(ranks, asset)) continue
      const known = children.get(keyId(key))
      if (known === undefined) children.set(keyId(key), [asset])
      else known.push(asset)
    }
  }
  return children
}
