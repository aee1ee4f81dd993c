import type { FailOn } from './inputs.ts'
import type { ReportAsset } from './report/report.ts'

/** Whether the check passes, and which rule of `fail-on` says no. */
export type Verdict = {
  readonly conclusion: 'success' | 'failure'
  /** Rules that match at least one asset, in the order of the input. */
  readonly matched: readonly { readonly rule: FailOn; readonly assets: number }[]
  /** Assets that at least one rule matches. */
  readonly assets: number
}

/** Judges a computed comparison. An error never gets here: it is always a failure. */
export function judge(assets: readonly ReportAsset[], failOn: readonly FailOn[]): Verdict {
  const matched = failOn
    .map((rule) => ({ rule, assets: assets.filter((asset) => matches(rule, asset)).length }))
    .filter((match) => match.assets > 0)
  const some = assets.filter((asset) => failOn.some((rule) => matches(rule, asset)))
  const conclusion = matched.length > 0 ? 'failure' : 'success'
  return { conclusion, matched, assets: some.length }
}

function matches(rule: FailOn, asset: ReportAsset): boolean {
  switch (rule) {
    case 'unsynced':
      return asset.status === 'unsynced'
    case 'incremental':
      return asset.status === 'unsynced' && isIncremental(asset.modelKind)
    case 'formatting':
      return asset.status === 'unsynced' && asset.formattingOnly
    case 'dependencies':
      return asset.status === 'unsynced' && asset.reasons.includes('dependencies')
    case 'removed':
      return asset.status === 'removed'
  }
}

/** Kinds that keep history, so that re-materializing may mean a backfill (SQLMesh `ModelKind`). */
export function isIncremental(modelKind: string | null): boolean {
  return modelKind !== null && /^(INCREMENTAL_|SCD_TYPE_2)/.test(modelKind)
}
