import type { AssetKey } from '../dagster/assetKeys.ts'
import { assetUrl } from '../dagster/live/dagsterServer.ts'
import type { FileDiff } from '../git/textDiff.ts'
import { counted, encodePath, thousands } from './markdown/markdown.ts'
import type { Report, ReportAsset } from './model.ts'
import type { FailOn, Verdict } from './policy.ts'

/** A report and all that its renderers need besides it. */
export type Presentation = {
  readonly report: Report
  readonly failOn: readonly FailOn[]
  /** Name of the label that accepts; '' where nothing can be accepted. */
  readonly acceptLabel: string
  /** null when no comparison was made. */
  readonly verdict: Verdict | null
  /** What a maintainer accepted of a change set that the policy refuses; null = nothing. */
  readonly acceptance: AcceptanceShown | null
  /** What an earlier push did, for a report that found nothing or could not tell; null = unknown. */
  readonly previous: { readonly head: string; readonly unsynced: number } | null
  readonly sources: Sources
  /** null where nothing can be linked, as in a terminal. */
  readonly links: Links | null
}

/** An acceptance as it is shown. */
export type AcceptanceShown = {
  /** `void`: it was given for another change set than this. */
  readonly state: 'accepted' | 'void'
  /** A trailer is a line of the description. */
  readonly means: 'label' | 'trailer'
  /** Login; '' where GitHub does not tell, as of who wrote a trailer. */
  readonly by: string
  /** ISO 8601; '' like `by`. */
  readonly at: string
  /** What was accepted; '' when the label was there before anything was shown. */
  readonly fingerprint: string
  /** Assets that the accepted change set had not, or not like this; empty if that is not known. */
  readonly newAssets: readonly AssetKey[]
}

/** What the two commits' files and models say beyond the report. Empty where they are not at hand. */
export type Sources = {
  /** By the path that a file has at head. */
  readonly diffs: ReadonlyMap<string, FileDiff>
  /** By path at head: the line on which a model's definition starts. */
  readonly modelLines: ReadonlyMap<string, number>
  /** fqns of models whose changes apply forward only. */
  readonly forwardOnly: ReadonlySet<string>
}

export const NO_SOURCES: Sources = {
  diffs: new Map(),
  modelLines: new Map(),
  forwardOnly: new Set(),
}

/** Addresses of this repository's pages. */
export type Links = {
  /** e.g. `https://github.com/acme/data` */
  readonly repository: string
  readonly run: string
  /** Commits whose files can be linked. */
  readonly head: string
  readonly base: string
  /** Of the running Dagster that was asked, without a slash at the end; null = none was. */
  readonly dagster: string | null
}

/** An asset key as people write it. */
export function keyText(key: AssetKey): string {
  return key.join('/')
}

/** `INCREMENTAL_BY_TIME_RANGE` → `incremental by time range`, and which partitions it is about. */
export function kindText(asset: ReportAsset): string {
  const kind = (asset.modelKind ?? (asset.model === null ? 'not SQLMesh' : 'unknown'))
    .toLowerCase()
    .replaceAll('_', ' ')
    .replace(/^scd /, 'SCD ')
  const partitions = partitionsText(asset)
  return partitions === '' ? kind : `${kind}, ${partitions}`
}

/** Which partitions Dagster flags; '' for an asset without. */
function partitionsText({ partitions, status }: ReportAsset): string {
  if (partitions === null) return ''
  const { scope, count } = partitions
  if (status === 'new' || status === 'removed') {
    return count === null ? 'partitioned' : counted(count, 'partition')
  }
  if (scope === 'every')
    return count === null ? 'every partition' : `every partition (${thousands(count)})`
  return count === null ? 'partitions that map' : counted(count, 'partition')
}

/** The kind, and whether it reuses its snapshot version on purpose. */
export function fullKindText(asset: ReportAsset, { sources }: Presentation): string {
  const kind = kindText(asset)
  return sources.forwardOnly.has(asset.model ?? '') ? `${kind}, forward-only` : kind
}

/** Address of an asset's page in the running Dagster that was asked; null where it has none. */
export function dagsterPage(asset: ReportAsset, links: Links | null): string | null {
  if (!links?.dagster || !asset.live?.url) return null
  return assetUrl(links.dagster, asset.key)
}

/** Address of a file of one commit. */
export function fileUrl(links: Links, path: string, side: 'base' | 'head'): string {
  return `${links.repository}/blob/${links[side]}/${encodePath(path)}`
}
