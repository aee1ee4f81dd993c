import type { Asset, AssetGraph } from './assetGraph.ts'
import { type AssetKey, keyId } from './assetKeys.ts'
import type { DefinedAsset, Definitions } from './definitions.ts'

/** The partitions of an asset. */
export type Partitions = {
  /** Those that are looked at, in their definition's order. */
  readonly keys: readonly string[]
  /** They are all. */
  readonly complete: boolean
  /** How many there are; null where time or an instance adds some. */
  readonly count: number | null
  /** Of all keys; equal where two definitions have the same. */
  readonly digest: string
}

/** The key of one partition; null for an asset without. */
export type PartitionKey = string | null

/** Which partitions of one parent each of an asset's own reads. */
export type Reading = {
  /** False where only a running instance could tell, or Dagster itself cannot. */
  readonly resolved: boolean
  /** False where stale statuses leave the parent out, although a run notes its data version. */
  readonly tracked: boolean
  /**
   * By own partition: the parent's, null for one that is not looked at. null for 100 and more, where both
   * stale statuses and runs take the parent as a whole (`SKIP_PARTITION_DATA_VERSION_DEPENDENCY_THRESHOLD`).
   */
  readonly rows: ReadonlyMap<PartitionKey, readonly (string | null)[] | null>
}

/** One asset's partitions, and how it reads those of its parents. */
type Partitioned = Pick<Asset, 'partitions' | 'reads'>

/** By `keyId`, what the definitions say of partitions. */
export function partitionsOf(
  assets: readonly DefinedAsset[],
  { partitions, mappings }: Pick<Definitions, 'partitions' | 'mappings'>,
): ReadonlyMap<string, Partitioned> {
  const tableOf = (asset: DefinedAsset | undefined) => partitions[asset?.partitions ?? -1] ?? null
  const byId = new Map(assets.map((asset) => [keyId(asset.key), asset]))
  const shared = new Map<(typeof mappings)[number], Reading>()
  const readingOf = (place: number, own: Partitions | null, parent: Partitions): Reading => {
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

const UNRESOLVED: Reading = { resolved: false, tracked: true, rows: new Map() }

/** Keys of the partitions that are looked at; for an asset without it stands for itself. */
export function partitionKeys({ partitions }: Asset): readonly PartitionKey[] {
  return partitions === null ? [null] : partitions.keys
}

/** How an asset reads a parent that has partitions. */
export function readingOf(asset: Asset, parent: AssetKey): Reading {
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
  const decide = (asset: Asset, id: string, reading: Reading): Reading => {
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
