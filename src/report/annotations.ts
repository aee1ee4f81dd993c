import { visible } from '../platform/text.ts'
import { counted } from './markdown/markdown.ts'
import type { ReportAsset } from './model.ts'
import { keyText, kindText, type Presentation } from './presentation.ts'
import { arrangeRows } from './rows.ts'
import { plainWhy } from './words/causes.ts'
import { headline, whyItFails } from './words/sentences.ts'

/** A remark on a file of the pull request, in plain text. */
export type Annotation = {
  readonly level: 'notice' | 'warning' | 'error'
  readonly title: string
  readonly message: string
  /** Path at head; null for a remark on no file. */
  readonly file: string | null
  readonly line: number | null
}

/**
 * GitHub shows the first ten annotations of a level and step, and drops the rest in silence. One is
 * left for the warning of what could not be posted.
 */
const MOST = 9

/**
 * Remarks on the files of the dearest changes, nine at most, and why the check fails, if it does.
 *
 * @param presentations one a project
 */
export function annotationsOf(presentations: readonly Presentation[]): readonly Annotation[] {
  const rows = presentations.flatMap(rowAnnotations)
  const verdicts = presentations.flatMap(verdictAnnotation)
  return [...rows.slice(0, MOST), ...verdicts.slice(0, MOST)]
}

function rowAnnotations(presentation: Presentation): Annotation[] {
  const { report, sources } = presentation
  const rows = arrangeRows(report)
  const level = whyItFails(presentation) === null ? 'notice' : 'warning'
  // Rows of an upgrade have nothing to look at in their files.
  return rows.changed.slice(0, MOST).map((row) => ({
    level,
    title: visible(keyText(row.key)),
    message: visible(messageOf(row, rows.knockOn(row))),
    file: row.path,
    line: row.path === null ? null : (sources.modelLines.get(row.path) ?? 1),
  }))
}

function messageOf(row: ReportAsset, followers: number): string {
  const why = plainWhy(row).join('; ')
  const then = followers === 0 ? '' : ` ${counted(followers, 'asset')} will follow.`
  return `Will become unsynced (${kindText(row)}): ${why}.${then}`
}

function verdictAnnotation(presentation: Presentation): Annotation[] {
  const { error } = presentation.report
  if (error !== null) {
    const title = 'Unsynced: could not compare'
    return [{ level: 'error', title, message: error.message, file: error.file, line: null }]
  }
  const why = whyItFails(presentation)
  if (why === null) return []
  const message = `${headline(presentation.report)} ${why}`
  return [{ level: 'error', title: 'Unsynced: action needed', message, file: null, line: null }]
}
