import type { AssetKey } from '../dagster/assetKeys.ts'
import type { LiveAsset } from '../dagster/live/liveAsset.ts'
import type { AffectedPartitions, Reason, Status } from '../dagster/staleness.ts'
import type { Side } from '../platform/failure.ts'
import type { Cause } from '../sqlmesh/changes.ts'

/** One row of the report: an asset that deploying head affects. */
export type ReportAsset = {
  readonly key: AssetKey
  readonly model: string | null
  readonly status: Status
  readonly reasons: readonly Reason[]
  readonly codeVersion: { readonly base: string | null; readonly head: string | null }
  readonly parents: { readonly added: readonly AssetKey[]; readonly removed: readonly AssetKey[] }
  readonly causes: readonly Cause[]
  readonly formattingOnly: boolean
  readonly modelKind: string | null
  readonly path: string | null
  /** null for an asset without. */
  readonly partitions: AffectedPartitions | null
  readonly wave: number
  readonly waitsFor: readonly AssetKey[]
  readonly confidence: 'certain' | 'expected' | 'possible'
  /** What a running Dagster says of it; absent where none was asked, or it did not tell. */
  readonly live?: LiveAsset
}

export type Notice = {
  readonly level: 'info' | 'warning'
  readonly code: string
  readonly message: string
}

export type Counts = {
  /** Models of each commit; null where none had to be loaded, so that nobody counted. */
  readonly base: number | null
  readonly head: number | null
  readonly unsynced: number
  readonly afterUpstream: number
  readonly new: number
  readonly removed: number
  readonly formattingOnly: number
}

/** The JSON report. The same two commits always give byte-equal JSON, but for what a running Dagster says. */
export type Report = {
  readonly schemaVersion: 1
  readonly result: 'synced' | 'unsynced' | 'error'
  readonly conclusion: 'success' | 'failure'
  readonly fingerprint: string
  readonly base: Commit
  readonly head: Commit
  readonly project: string
  readonly sqlmesh: { readonly base: string | null; readonly head: string | null }
  readonly integration: {
    readonly name: string | null
    readonly version: string | null
    readonly wired: 'yes' | 'no' | 'unknown'
  }
  /** null when no comparison was made: an unknown count is not zero. */
  readonly counts: Counts | null
  readonly assets: readonly ReportAsset[]
  readonly notices: readonly Notice[]
  readonly error: ReportError | null
}

export type Commit = { readonly sha: string | null; readonly ref: string | null }

export type ReportError = {
  readonly side: Side | null
  readonly code: string
  readonly message: string
  readonly hint: string | null
  readonly file: string | null
}
