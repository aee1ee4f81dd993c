import { createHash } from 'node:crypto'
import type { Asset, AssetGraph } from './assetGraph.ts'
import { type AssetKey, keyId } from './assetKeys.ts'

/** What Dagster's event log keeps of an asset's last materialization, such as its `DataProvenance`. */
export type Materialization = {
  /** Number of the round that it was part of; 0 with base. */
  readonly wave: number
  /** The asset's code version, or the run's name where it has none. */
  readonly codeVersion: string
  readonly parents: readonly AssetKey[]
  /** The data version that the run saw of each parent, by `keyId`. */
  readonly inputs: ReadonlyMap<string, string>
  readonly dataVersion: string
  /** It was of partitions, which an asset without partitions does not have. */
  readonly partitioned: boolean
}

/** Last materializations by `keyId`; none for what never ran. */
export type EventLog = Map<string, Materialization>

/**
 * The data version that a run stamps in place of Dagster's own.
 *
 * @param earlier the asset's last materialization
 * @returns null to leave it to Dagster
 */
export type StampedVersion = (asset: Asset, earlier: Materialization | undefined) => string | null

/** What a run sees of a parent that never ran (Dagster's `DEFAULT_DATA_VERSION`). */
export const INITIAL = 'INITIAL'

/** Whether something materializes the asset. */
export function canRun(asset: Asset): boolean {
  return !asset.external && !asset.neverMaterialized
}

/**
 * Adds a run of one asset to the log.
 *
 * @param wave number of the round; runs of an asset without code version differ by it
 */
export function materialize(
  asset: Asset,
  graph: AssetGraph,
  log: EventLog,
  wave: number,
  stamped: StampedVersion,
): void {
  const id = keyId(asset.key)
  // An empty code version is none to Dagster, which then stamps the run's id.
  const codeVersion = asset.codeVersion || `run ${wave} of ${id}`
  const seen = (key: AssetKey) => versionSeen(graph.get(keyId(key)), log.get(keyId(key)))
  const { parents, partitioned } = asset
  const inputs = new Map(parents.map((key) => [keyId(key), seen(key)]))
  const dataVersion =
    stamped(asset, log.get(id)) ?? logicalDataVersion(codeVersion, parents, inputs)
  log.set(id, { wave, codeVersion, parents, inputs, dataVersion, partitioned })
}

/** The version of a parent as a child's run notes it: of all its partitions, where it has some. */
export function versionSeen(
  parent: Asset | undefined,
  latest: Materialization | undefined,
): string {
  if (latest === undefined) return INITIAL
  if (parent?.partitioned !== true) return latest.dataVersion
  return `partitions of ${latest.partitioned ? latest.dataVersion : 'nothing'}`
}

/** Dagster's own data version (`compute_logical_data_version`), equal to it byte by byte. */
function logicalDataVersion(
  codeVersion: string,
  parents: readonly AssetKey[],
  inputs: ReadonlyMap<string, string>,
): string {
  // Inputs go in the order of Python's `str(key)`, in which a longer key can come before a shorter.
  const ordered = parents
    .map((key) => ({ name: `['${key.join("', '")}']`, version: inputs.get(keyId(key)) ?? INITIAL }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const text = [codeVersion, ...ordered.map(({ version }) => version)].join('')
  return createHash('sha256').update(text).digest('hex')
}
