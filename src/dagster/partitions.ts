import type { Asset, AssetGraph, PartitionKey, PartitionReading, Partitions } from './asset.ts'
import { type AssetKey, keyId } from './assetKeys.ts'
import type { DefinedAsset, Definitions } from './definitions.ts'

/** One asset's partitions, and how it reads those of its parents. */
type Partitioned = Pick<Asset, 'partitions' | 'reads'>

/** By `keyId`, what the definitions say of partitions. */
export function partitionsOf(
  assets: readonly DefinedAsset[],
  { partitions, mappings }: Pick<Definitions, 'partitions' | 'mappings'>,
): ReadonlyMap<string, Partitioned> {
  const tableOf = (asset: DefinedAsset | undefined) => partitions[asset?.partitions ?? -1] ?? null
  const byId = new Map(assets.map((asset) => [keyId(asset.key), asset]))
  const shared = new Map<(typeof mappings)[number], PartitionReading>()
  const readingOf = (
    place: number,
    own: Partitions | null,
    parent: Partitions,
  ): PartitionReading => {
    const mapping = mappings[place]
    if (mapping === undefined) return UNRESOLVED
    const known = shared.get(mapping)
    if (known !== undefined) return known
    const { resolved, tracked, rows, of } = mapping
    const keys = rows.map((row) => row?.map((each) => parent.keys[each] ?? null) ?? null)
    const owns = own?.keys ?? [null]
    const reading = {
      resolved,
      tracked,
      rows: new Map(of.map((row, index) => [owns[index] ?? null, keys[row] ?? null])),
    }
    shared.set(mapping, reading)
    return reading
  }
  return new Map(
    assets.map((asset) => {
      const own = tableOf(asset)
      const reads = asset.parents.flatMap((key, index) => {
        const [id, place] = [keyId(key), asset.reads[index] ?? null]
        const parent = tableOf(byId.get(id))
        if (place === null || parent === null) return []
        return [[id, readingOf(place, own, parent)] as const]
      })
      return [keyId(asset.key), { partitions: own, reads: new Map(reads) }]
    }),
  )
}

const UNRESOLVED: PartitionReading = { resolved: false, tracked: true, rows: new Map() }

/** Keys of the partitions that are looked at; for an asset without it stands for itself. */
export function partitionKeys({ partitions }: Asset): readonly PartitionKey[] {
  return partitions === null ? [null] : partitions.keys
}

/** How an asset reads a parent that has partitions. */
export function readingOf(asset: Asset, parent: AssetKey): PartitionReading {
  return asset.reads?.get(keyId(parent)) ?? UNRESOLVED
}

/** Whether some mapping is open, so that what follows by it is only possible. */
export function hasOpenMappings(graph: AssetGraph): boolean {
  return [...graph.values()].some(({ reads }) =>
    [...(reads?.values() ?? [])].some(({ resolved }) => !resolved),
  )
}

/**
 * The graph with its open mappings decided: each own partition reads all of a parent's, or stale statuses
 * look at none.
 */
export function withMappings(graph: AssetGraph, open: 'read' | 'left out'): AssetGraph {
  if (!hasOpenMappings(graph)) return graph
  const decide = (asset: Asset, id: string, reading: PartitionReading): PartitionReading => {
    if (reading.resolved) return reading
    const parent = graph.get(id)
    // What an asset has of itself came before: it would follow itself for ever.
    const read = open === 'read' && parent !== asset
    const all = parent === undefined ? [] : partitionKeys(parent)
    const rows = new Map(partitionKeys(asset).map((key) => [key, all]))
    return { resolved: true, tracked: reading.tracked && read, rows }
  }
  return new Map(
    [...graph].map(([id, asset]) => {
      const reads = [...(asset.reads ?? [])].map(
        ([parent, reading]) => [parent, decide(asset, parent, reading)] as const,
      )
      return [id, { ...asset, reads: new Map(reads) }]
    }),
  )
}

/**
 * The graph without partitions of which it is not known whether base had them: where a definition has too
 * many to look at all, the two commits may look at others.
 */
export function withKnownPartitions(graph: AssetGraph, base: AssetGraph): AssetGraph {
  return new Map(
    [...graph].map(([id, asset]) => {
      const before = base.get(id)?.partitions ?? null
      if (asset.partitions === null || before === null || before.complete) return [id, asset]
      const known = new Set(before.keys)
      const keys = asset.partitions.keys.filter((key) => known.has(key))
      return [id, { ...asset, partitions: { ...asset.partitions, keys, complete: false } }]
    }),
  )
}
