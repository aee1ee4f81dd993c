import { createHash } from 'node:crypto'
import type { Asset, AssetGraph, PartitionKey } from './asset.ts'
import { type AssetKey, keyId } from './assetKeys.ts'
import { readingOf } from './partitions.ts'

/** One event of Dagster's log: what a run keeps of an asset, or of one of its partitions (`DataProvenance`). */
export type Materialization = {
  /** Its place in the log. */
  readonly place: number
  /** The asset's code version, or the run's name where it has none. */
  readonly codeVersion: string
  readonly parents: readonly AssetKey[]
  /** The data version that the run saw of each parent, by `keyId`. */
  readonly inputs: ReadonlyMap<string, string>
  readonly dataVersion: string
}

type Events = {
  /** Of whatever partition. */
  readonly latest: Materialization
  readonly byPartition: ReadonlyMap<PartitionKey, readonly Materialization[]>
}

/** Dagster's event log: all materializations, by the asset's `keyId`. */
export type EventLog = { length: number; readonly events: Map<string, Events> }

export const emptyLog = (): EventLog => ({ length: 0, events: new Map() })

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

/** An asset's last event, of whatever partition. */
export function latestOf(key: AssetKey, log: EventLog): Materialization | undefined {
  return log.events.get(keyId(key))?.latest
}

/** The last event that counts for a partition; for an asset without, one of a partition it once had does too. */
export function latestOfPartition(
  key: AssetKey,
  partition: PartitionKey,
  log: EventLog,
): Materialization | undefined {
  return partition === null ? latestOf(key, log) : eventsOf(key, partition, log).at(-1)
}

/** All events of one partition, the oldest first. */
export function eventsOf(
  key: AssetKey,
  partition: PartitionKey,
  log: EventLog,
): readonly Materialization[] {
  return log.events.get(keyId(key))?.byPartition.get(partition) ?? []
}

/** Adds a run of one asset, or of one of its partitions, to the log. */
export function materialize(
  asset: Asset,
  partition: PartitionKey,
  graph: AssetGraph,
  log: EventLog,
  stamped: StampedVersion,
): void {
  const id = keyId(asset.key)
  log.length += 1
  const place = log.length
  // An empty code version is none to Dagster, which then stamps the run's id.
  const codeVersion = asset.codeVersion || `run ${place} of ${id}`
  const { parents } = asset
  const inputs = new Map(
    parents.map((key) => [keyId(key), versionSeen(asset, partition, key, graph, log)]),
  )
  const known = log.events.get(id)
  const dataVersion =
    stamped(asset, known?.latest) ?? logicalDataVersion(codeVersion, parents, inputs)
  const latest = { place, codeVersion, parents, inputs, dataVersion }
  const byPartition = new Map(known?.byPartition)
  byPartition.set(partition, [...(byPartition.get(partition) ?? []), latest])
  log.events.set(id, { latest, byPartition })
}

/** The version of a parent as a run notes it: of all partitions that it reads (`DataVersionCache`). */
function versionSeen(
  asset: Asset,
  partition: PartitionKey,
  parent: AssetKey,
  graph: AssetGraph,
  log: EventLog,
): string {
  const latest = latestOf(parent, log)
  if (latest === undefined) return INITIAL
  if ((graph.get(keyId(parent))?.partitions ?? null) === null) return latest.dataVersion
  const read = readingOf(asset, parent).rows.get(partition) ?? null
  if (read === null) return latest.dataVersion
  const keys = read.filter((key) => key !== null).sort()
  return digest(keys.map((key) => eventsOf(parent, key, log).at(-1)?.dataVersion ?? ''))
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
  return digest([codeVersion, ...ordered.map(({ version }) => version)])
}

function digest(texts: readonly string[]): string {
  return createHash('sha256').update(texts.join('')).digest('hex')
}
