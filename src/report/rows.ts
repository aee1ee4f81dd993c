import { compareKeys, keyId } from '../dagster/assetKeys.ts'
import type { Report, ReportAsset } from './model.ts'
import { isIncremental } from './policy.ts'
import { FIRST_CODE_VERSION } from './report.ts'

/** A report's assets in the order in which they are shown, each in exactly one list. */
export type Rows = {
  /** Unsynced because something about them changed; dearest first. */
  readonly changed: readonly ReportAsset[]
  /** Unsynced by an upgrade of SQLMesh alone. */
  readonly upgraded: readonly ReportAsset[]
  /** Unsynced because the definitions give them their first code version. */
  readonly first: readonly ReportAsset[]
  /** Unsynced later, by hops. */
  readonly following: readonly ReportAsset[]
  readonly added: readonly ReportAsset[]
  readonly removed: readonly ReportAsset[]
  /** How many assets will become unsynced later because of this one, over all hops. */
  readonly knockOn: (asset: ReportAsset) => number
}

export type RowList = Exclude<keyof Rows, 'knockOn'>

/** Sorts a report's assets for its readers. Takes time in proportion to what follows from what. */
export function arrangeRows(report: Report): Rows {
  const after = knockOn(report)
  const knock = (asset: ReportAsset) => after.get(asset) ?? 0
  const having = (status: ReportAsset['status']) =>
    report.assets.filter((asset) => asset.status === status)
  const unsynced = having('unsynced').sort(
    (a, b) => cost(a) - cost(b) || knock(b) - knock(a) || compareKeys(a.key, b.key),
  )
  return {
    changed: unsynced.filter((asset) => !isUpgradeRow(asset) && !isFirstVersion(asset)),
    upgraded: unsynced.filter(isUpgradeRow),
    first: unsynced.filter(isFirstVersion),
    following: having('afterUpstream').sort((a, b) => a.wave - b.wave || compareKeys(a.key, b.key)),
    added: having('new'),
    removed: having('removed'),
    knockOn: knock,
  }
}

/** What materializing a kind again costs, most expensive first. */
export const COSTS = ['incremental', 'full', 'seed', 'view'] as const

/** Index into `COSTS`. A kind that is not known may be as dear as a full one. */
export function cost(asset: ReportAsset): number {
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

/** Unsynced by an upgrade of SQLMesh alone: nothing about the asset changed, and many move at once. */
export function isUpgradeRow({ status, reasons, causes }: ReportAsset): boolean {
  return (
    status === 'unsynced' &&
    causes.length > 0 &&
    reasons.every((reason) => reason === 'code') &&
    causes.every(({ kind }) => kind === 'sqlmesh-upgrade')
  )
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

function knockOn({ assets }: Report): ReadonlyMap<ReportAsset, number> {
  const indices = new Map(assets.map((asset, index) => [keyId(asset.key), index]))
  const children: number[][] = assets.map(() => [])
  assets.forEach((asset, index) => {
    for (const parent of asset.waitsFor) {
      const from = indices.get(keyId(parent))
      if (from !== undefined) children[from]?.push(index)
    }
  })
  const seenBy = new Int32Array(assets.length).fill(-1)
  return new Map(assets.map((asset, index) => [asset, reachable(index, children, seenBy)]))
}

/** How many other nodes can be reached from one. `seenBy` is shared, so that nothing is cleared. */
function reachable(
  start: number,
  children: readonly (readonly number[])[],
  seenBy: Int32Array,
): number {
  seenBy[start] = start
  const open = [start]
  let count = -1
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    count += 1
    for (const child of children[index] ?? []) {
      if (seenBy[child] !== start) {
        seenBy[child] = start
        open.push(child)
      }
    }
  }
  return count
}
