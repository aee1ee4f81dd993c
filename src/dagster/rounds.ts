import { type Asset, type AssetGraph, parentsFirst } from './assetGraph.ts'
import { type AssetKey, keyId } from './assetKeys.ts'
import { canRun, type EventLog, materialize, type StampedVersion } from './materializations.ts'
import { behindVirtual, staleCauses } from './staleCauses.ts'

/** An asset that is stale after a round because of the data versions of some parents. */
export type Flagged = {
  /** Number of the round, from 1. */
  readonly wave: number
  readonly asset: Asset
  readonly parents: readonly AssetKey[]
}

/**
 * Materializes what is not fresh, round after round, each asset after its parents. What a round
 * leaves stale runs in the next one; that ends, because each round starts further down.
 *
 * @param first ids of what is not fresh at the start
 * @param log gets the runs added
 */
export function* materializeInRounds(
  graph: AssetGraph,
  first: readonly string[],
  log: EventLog,
  stamped: StampedVersion,
): Generator<Flagged> {
  const ranks = new Map(parentsFirst(graph).map((id, rank) => [id, rank]))
  const children = childrenIn(graph, ranks)
  const byRank = (a: Asset, b: Asset) => rankOf(ranks, a) - rankOf(ranks, b)
  let stale = first.flatMap((id) => graph.get(id) ?? [])
  for (let wave = 1; stale.length > 0; wave += 1) {
    const ran = stale.filter(canRun).sort(byRank)
    for (const asset of ran) materialize(asset, graph, log, wave, stamped)
    const below = new Set(ran.flatMap(({ key }) => children.get(keyId(key)) ?? []))
    const flagged = [...below].flatMap((asset): Flagged[] => {
      const parents = staleCauses(asset, graph, log).data
      return parents.length === 0 ? [] : [{ wave, asset, parents }]
    })
    yield* flagged
    stale = flagged.map(({ asset }) => asset)
  }
}

function rankOf(ranks: ReadonlyMap<string, number>, { key }: { key: AssetKey }): number {
  return ranks.get(keyId(key)) ?? -1
}

/** The assets that each one can flag: its children further down, so that a cycle is cut. */
function childrenIn(
  graph: AssetGraph,
  ranks: ReadonlyMap<string, number>,
): ReadonlyMap<string, readonly Asset[]> {
  const children = new Map<string, Asset[]>()
  for (const asset of graph.values()) {
    for (const key of [...asset.parents, ...behindVirtual(asset, graph)]) {
      if (rankOf(ranks, { key }) >= rankOf(ranks, asset)) continue
      const known = children.get(keyId(key))
      if (known === undefined) children.set(keyId(key), [asset])
      else known.push(asset)
    }
  }
  return children
}
