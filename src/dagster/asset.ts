import type { AssetKey } from './assetKeys.ts'

/** One asset of a Dagster code location. */
export type Asset = {
  readonly key: AssetKey
  /** fqns of the SQLMesh models behind it: one, none for a stub, several where keys collide. */
  readonly models: readonly string[]
  /** Dagster's `code_version`; null = none, and then Dagster never flags a code change. */
  readonly codeVersion: string | null
  /** Keys of the assets it depends on, sorted. */
  readonly parents: readonly AssetKey[]
  /** No definition materializes it: Dagster calls it external, and it is never Unsynced. */
  readonly external: boolean
  /**
   * Defined as an asset although nothing ever materializes it (declared external models under
   * dagster-sqlmesh): Dagster shows it as never materialized for good.
   */
  readonly neverMaterialized: boolean
  /** null without partitions. Dagster has a status for each partition, and none for the asset. */
  readonly partitions: Partitions | null
  /** How it reads those of its parents that have partitions, by their `keyId`. */
  readonly reads?: ReadonlyMap<string, PartitionReading>
  /**
   * Staleness passes through it: an asset that reads it follows what lies behind it (Dagster 1.13).
   * A virtual asset is external.
   */
  readonly virtual?: boolean
}

/** Assets by `keyId`. Holds a stub for every parent that the project does not define. */
export type AssetGraph = ReadonlyMap<string, Asset>

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
export type PartitionReading = {
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
