import type { AssetKey } from '../assetKeys.ts'
import type { Reason } from '../staleness.ts'

/** What a running Dagster says of an asset as it is now, before anything of head is deployed. */
export type LiveAsset = {
  /** When Dagster was asked; ISO 8601, UTC. */
  readonly asOf: string
  /**
   * `synced`, `unsynced`, `neverMaterialized` as Dagster's page shows it; `absent` where it has no such
   * asset; null where it has no status: a partitioned asset, or one that it does not tell of.
   */
  readonly status: 'synced' | 'unsynced' | 'neverMaterialized' | 'absent' | null
  /** Why it is unsynced already. */
  readonly reasons: readonly Reason[]
  /** Of the definition that is deployed; null = none, or not known. */
  readonly codeVersion: string | null
  /** Whether a run that is to materialize it is queued, starting or under way. */
  readonly running: boolean
  /** Whether the latest run that was to materialize it failed, after the last materialization. */
  readonly lastRunFailed: boolean
  readonly lastMaterialization: LastMaterialization | null
  /** null where the asset has none. */
  readonly partitions: LivePartitions | null
  /** Of its page; null where it has none. */
  readonly url: string | null
}

export type LastMaterialization = {
  /** ISO 8601, UTC. */
  readonly at: string
  /** null where no run made it, but an event that was reported. */
  readonly runId: string | null
  /** Of the run; null where the time is that of the whole run. */
  readonly step: string | null
  /** How long the step took, or the run; null = not known. */
  readonly seconds: number | null
  /** How many other assets were materialized in the same time; null = not known. */
  readonly sharedWith: number | null
}

export type LivePartitions = {
  readonly total: number
  readonly materialized: number
  readonly failed: number
  readonly running: number
  /** null where there are too many to ask for each. */
  readonly unsynced: number | null
}

/** An asset to ask for. */
export type WantedAsset = {
  readonly key: AssetKey
  /** Whether a run's first step does the work of all, so that only the whole run has a time. */
  readonly timedByRun: boolean
}
