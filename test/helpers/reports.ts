import type { Outcome } from '../../src/check/check.ts'
import { Failure } from '../../src/platform/failure.ts'
import type { Report, ReportAsset } from '../../src/report/model.ts'
import type { FailOn } from '../../src/report/policy.ts'
import { judge } from '../../src/report/policy.ts'
import { NO_SOURCES } from '../../src/report/presentation.ts'
import { comparisonReport, errorReport } from '../../src/report/report.ts'

export const BASE = 'a'.repeat(40)
export const HEAD = 'b'.repeat(40)

/** An asset that a changed query makes unsynced; another `version` is another change. */
export function asset(name: string, differences: Partial<ReportAsset> & { version?: string } = {}) {
  const { version = '2', ...rest } = differences
  const path = `warehouse/models/${name}.sql`
  const row: ReportAsset = {
    key: ['warehouse', 'marts', name],
    model: `"warehouse"."marts"."${name}"`,
    status: 'unsynced',
    reasons: ['code'],
    codeVersion: { base: '1', head: version },
    parents: { added: [], removed: [] },
    causes: [{ kind: 'query', detail: 'WHERE', file: path }],
    formattingOnly: false,
    modelKind: 'FULL',
    path,
    partitions: null,
    wave: 0,
    waitsFor: [],
    confidence: 'certain',
    ...rest,
  }
  return row
}

function subject(project: string, head: string) {
  return {
    base: { sha: BASE, ref: 'main' },
    head: { sha: head, ref: 'refs/pull/7/merge' },
    project,
    sqlmesh: { base: '0.236.4', head: '0.236.4' },
    integration: { name: 'dg-sqlmesh', version: '1.10.1', wired: 'unknown' as const },
  }
}

/** The report of a comparison that found these assets. */
export function reportOf(
  assets: readonly ReportAsset[],
  options: { readonly project?: string; readonly head?: string } = {},
): Report {
  const known = {
    subject: subject(options.project ?? 'warehouse', options.head ?? HEAD),
    notices: [],
  }
  return comparisonReport(known, assets, { base: 10, head: 10 }, 'success')
}

/** The report of a run whose head does not load. */
export function brokenReport(
  options: { readonly project?: string; readonly head?: string } = {},
): Report {
  const known = {
    subject: subject(options.project ?? 'warehouse', options.head ?? HEAD),
    notices: [],
  }
  return errorReport(known, new Failure('load-failed', 'Expected )', { side: 'head' }))
}

/** A check that ended with a report, under a policy. */
export function outcomeOf(report: Report, failOn: readonly FailOn[] = []): Outcome {
  const verdict = report.error === null ? judge(report.assets, failOn) : null
  return { report, verdict, comparison: null, failure: null, sources: NO_SOURCES }
}
