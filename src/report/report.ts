import type { AssetImpact, Status } from '../dagster/staleness.ts'
import type { Failure } from '../platform/failure.ts'
import type { Cause, ModelChange } from '../sqlmesh/changes.ts'
import type { Manifest } from '../sqlmesh/manifest.ts'
import type { Findings } from './findings.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { Counts, Report, ReportAsset } from './model.ts'

/** Joins Dagster's side of each affected asset (what happens) with SQLMesh's (why). */
export function describeAssets(
  impacts: readonly AssetImpact[],
  changes: ReadonlyMap<string, ModelChange>,
  base: Manifest | null,
  head: Manifest | null,
): readonly ReportAsset[] {
  const models = new Map(
    [...(base?.models ?? []), ...(head?.models ?? [])].map((model) => [model.fqn, model]),
  )
  const before = new Map(base?.models.map((model) => [model.fqn, model.dataHash]))
  const stays = (fqn: string) => before.get(fqn) === models.get(fqn)?.dataHash
  return impacts.map((impact) => {
    const model = models.get(impact.models[0] ?? '')
    const explained = impact.reasons.includes('code')
      ? impact.models.flatMap((fqn) => changes.get(fqn) ?? [])
      : []
    return {
      key: impact.key,
      model: impact.models[0] ?? null,
      status: impact.status,
      reasons: impact.reasons,
      codeVersion: impact.codeVersion,
      parents: impact.parents,
      causes: causesOf(impact, explained, model?.path ?? null, stays),
      formattingOnly: explained.length > 0 && explained.every((change) => change.formattingOnly),
      modelKind: model?.kind ?? null,
      path: model?.path ?? null,
      partitions: impact.partitions,
      wave: impact.wave,
      waitsFor: impact.waitsFor,
      confidence: impact.confidence,
    }
  })
}

/** Detail of the cause of an asset that had no code version before, and whose model stays. */
export const FIRST_CODE_VERSION = 'first code version, base has none'

/** Detail of the cause of an asset whose code version changed, and whose model stays. */
export const SET_BY_DEFINITIONS = 'code version set by the definitions, not by SQLMesh'

/** A changed code version always has a cause, if only that none is known. */
function causesOf(
  impact: AssetImpact,
  explained: readonly ModelChange[],
  file: string | null,
  stays: (fqn: string) => boolean,
): readonly Cause[] {
  const causes = explained.flatMap((change) => change.causes)
  if (causes.length > 0 || !impact.reasons.includes('code')) return causes
  const unknown = (detail: string): Cause[] => [{ kind: 'unknown', detail, file }]
  if (impact.codeVersion.base === null) return unknown(FIRST_CODE_VERSION)
  return impact.models.every(stays)
    ? unknown(SET_BY_DEFINITIONS)
    : unknown('another model is behind this asset now')
}

/** The report of a comparison that was made. */
export function comparisonReport(
  { subject, notices }: Findings,
  assets: readonly ReportAsset[],
  models: Pick<Counts, 'base' | 'head'>,
  conclusion: Report['conclusion'],
): Report {
  const count = (status: Status) => assets.filter((asset) => asset.status === status).length
  return {
    schemaVersion: 1,
    result: count('unsynced') > 0 ? 'unsynced' : 'synced',
    conclusion,
    fingerprint: fingerprintOf(assets),
    ...subject,
    counts: {
      ...models,
      unsynced: count('unsynced'),
      afterUpstream: count('afterUpstream'),
      new: count('new'),
      removed: count('removed'),
      formattingOnly: assets.filter((asset) => asset.formattingOnly).length,
    },
    assets,
    notices,
    error: null,
  }
}

/** The report of a run that could not tell. Always a failure. */
export function errorReport({ subject, notices }: Findings, failure: Failure): Report {
  const { side, code, message, hint, file } = failure
  return {
    schemaVersion: 1,
    result: 'error',
    conclusion: 'failure',
    fingerprint: '',
    ...subject,
    counts: null,
    assets: [],
    notices,
    error: { side, code, message, hint, file },
  }
}
