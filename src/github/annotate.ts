import * as core from '@actions/core'
import { keyText, rowsOf } from '../report/presentation.ts'
import type { ReportAsset, ReportError } from '../report/report.ts'
import { headline, whyItFails } from '../report/sentences.ts'
import type { Settled } from './settle.ts'

/** GitHub shows the first ten annotations of a step, and drops the rest in silence. */
const MOST_ANNOTATIONS = 10

/** The dearest changes, on the files of their models; and why the check fails, if it does. */
export function annotate({ presentations, conclusion }: Settled): void {
  for (const { report } of presentations) if (report.error !== null) annotateError(report.error)
  const rows = presentations.flatMap(({ report }) => rowsOf(report, 'unsynced'))
  for (const row of rows.slice(0, MOST_ANNOTATIONS)) annotateRow(row, conclusion)
  for (const presentation of presentations) {
    const why = presentation.report.error === null ? whyItFails(presentation) : null
    if (why !== null) core.error(`${headline(presentation.report)} ${why}`)
  }
}

function annotateError({ message, file }: ReportError): void {
  const properties = { title: 'Unsynced: could not compare', ...(file === null ? {} : { file }) }
  core.error(message, properties)
}

function annotateRow(row: ReportAsset, conclusion: Settled['conclusion']): void {
  const causes = row.causes.map((cause) => `${cause.kind}: ${cause.detail}`)
  const reasons = row.reasons.includes('dependencies') ? [...causes, 'dependencies'] : causes
  const text = `Will become unsynced: ${reasons.join('; ')}`
  const properties = {
    title: keyText(row.key),
    ...(row.path === null ? {} : { file: row.path, startLine: 1 }),
  }
  if (conclusion === 'failure') core.warning(text, properties)
  else core.notice(text, properties)
}
