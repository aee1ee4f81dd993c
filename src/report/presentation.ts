import type { AssetKey } from '../dagster/assetKeys.ts'
import { compareKeys, keyId } from '../dagster/assetKeys.ts'
import type { FailOn } from '../inputs.ts'
import { isUpgradeOnly } from '../sqlmesh/changes.ts'
import type { Verdict } from '../verdict.ts'
import { isIncremental } from '../verdict.ts'
import { FIRST_CODE_VERSION, type Report, type ReportAsset } from './report.ts'

/** A report and all that its renderers need besides it. */
export type Presentation = {
  readonly report: Report
  readonly failOn: readonly FailOn[]
  /** Name of the label that accepts. */
  readonly acceptLabel: string
  /** null when no comparison was made. */
  readonly verdict: Verdict | null
  /** What a maintainer accepted of a change set that the policy refuses; null = nothing. */
  readonly acceptance: AcceptanceShown | null
  /** What an earlier push did, for a report that found nothing or could not tell; null = unknown. */
  readonly previous: { readonly head: string; readonly unsynced: number } | null
  /** null where nothing can be linked, as in a terminal. */
  readonly links: Links | null
}

/** An acceptance as it is shown. */
export type AcceptanceShown = {
  /** `void`: it was given for another change set than this. */
  readonly state: 'accepted' | 'void'
  /** Login; '' where GitHub does not tell, as of who wrote a trailer in the description. */
  readonly by: string
  /** ISO 8601; '' like `by`. */
  readonly at: string
  /** What was accepted; '' when the label was there before anything was shown. */
  readonly fingerprint: string
  /** Assets that the accepted change set had not, or not like this; empty if that is not known. */
  readonly newAssets: readonly AssetKey[]
}

/** Addresses of this repository's pages. */
export type Links = {
  /** e.g. `https://github.com/acme/data` */
  readonly repository: string
  readonly run: string
  /** Commits whose files can be linked. */
  readonly head: string
  readonly base: string
}

/** An asset key as people write it. */
export function keyText(key: AssetKey): string {
  return key.join('/')
}

/** Kinds by what re-materializing them costs, most expensive first. */
function cost(asset: ReportAsset): number {
  if (isIncremental(asset.modelKind)) return 0
  switch (asset.modelKind) {
    case 'SEED':
      return 2
    case 'VIEW':
    case 'EMBEDDED':
      return 3
    default:
      return 1
  }
}

/** `INCREMENTAL_BY_TIME_RANGE` → `incremental by time range`. */
export function kindText(asset: ReportAsset): string {
  return (asset.modelKind ?? (asset.model === null ? 'not SQLMesh' : 'unknown'))
    .toLowerCase()
    .replaceAll('_', ' ')
}

/** Rows of one status, dearest first; within a cost, those that most follows from. */
export function rowsOf(report: Report, status: ReportAsset['status']): ReportAsset[] {
  const rows = report.assets.filter((asset) => asset.status === status)
  if (status !== 'unsynced') return rows
  const followers = knockOn(report)
  const after = (asset: ReportAsset) => followers.get(keyId(asset.key)) ?? 0
  return rows.sort((a, b) => cost(a) - cost(b) || after(b) - after(a) || compareKeys(a.key, b.key))
}

/**
 * True if nothing but the wiring changed: the asset gets its first code version. A change of the
 * wiring does this to all assets at once, so that listing them would bury the rest.
 */
export function isFirstVersion({ causes, parents }: ReportAsset): boolean {
  return (
    causes.length > 0 &&
    causes.every(({ detail }) => detail === FIRST_CODE_VERSION) &&
    parents.added.length + parents.removed.length === 0
  )
}

/** Unsynced by an upgrade of SQLMesh alone: nothing about the asset changed, and many move at once. */
export function isUpgradeRow(asset: ReportAsset): boolean {
  return asset.reasons.every((reason) => reason === 'code') && isUpgradeOnly(asset)
}

/** By `keyId`: how many assets will become unsynced later because of this one, over all hops. */
export function knockOn(report: Report): ReadonlyMap<string, number> {
  const children = new Map<string, string[]>()
  for (const asset of report.assets) {
    for (const parent of asset.waitsFor) {
      const id = keyId(parent)
      children.set(id, [...(children.get(id) ?? []), keyId(asset.key)])
    }
  }
  return new Map(
    report.assets.map((asset) => [keyId(asset.key), reachable(keyId(asset.key), children).size]),
  )
}

function reachable(start: string, children: ReadonlyMap<string, string[]>): Set<string> {
  const found = new Set<string>()
  const open = [start]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const child of children.get(id) ?? []) {
      if (!found.has(child)) open.push(child)
      found.add(child)
    }
  }
  found.delete(start)
  return found
}
