import type { Notice, Report } from '../model.ts'
import type { Rows } from '../rows.ts'
import { SECTIONS } from '../words/sections.ts'
import { MARKDOWN } from '../words/textStyle.ts'
import { counted, details, prose, shorten, thousands } from './markdown.ts'

/** Characters of a remark that are shown. The JSON report has it whole. */
export const MOST_NOTE = 500

/** A side without the project makes everything new or removed, which is the first thing to know. */
export function absentProject({ notices }: Report): string {
  const absent = notices.filter((notice) => notice.code === 'project-absent')
  return absent
    .slice(0, 2)
    .map(({ message }) => prose(shorten(message, MOST_NOTE)))
    .join(' ')
}

/** At most one alert in a comment: GitHub asks for restraint, and readers too. */
export function alert(report: Report, rows: Rows): string | null {
  const upgrade = rows.upgraded.length > 0
  const warnings = report.notices
    .filter((notice) => notice.level === 'warning')
    .filter((notice) => !upgrade || notice.code !== 'sqlmesh-upgrade')
    .slice(0, MOST_NOTES)
    .map(({ message }) => prose(shorten(message, MOST_NOTE)))
  const lines = [...SECTIONS.advice.texts(rows, report, MARKDOWN), ...warnings]
  if (lines.length === 0) return null
  return ['> [!WARNING]', lines.map((line) => `> ${line}`).join('\n>\n')].join('\n')
}

const OPEN_NOTES = 3
const MOST_NOTES = 10

/** What is worth knowing and asks for nothing. */
export function notes({ notices, error }: Report): string | null {
  const shown = notices.filter((notice) => isNote(notice, error !== null))
  if (shown.length === 0) return null
  const some = shown.slice(0, MOST_NOTES).map(({ message }) => prose(shorten(message, MOST_NOTE)))
  const left = shown.length - some.length
  const rest = left === 0 ? [] : [`${counted(left, 'more note')} in the JSON report`]
  const list = [...some, ...rest].map((item) => `- ${item}`).join('\n')
  return shown.length > OPEN_NOTES
    ? details(`<b>${SECTIONS.notes.heading} (${thousands(shown.length)})</b>`, list)
    : list
}

/** An error leaves no room for an alert, so that warnings are notes there. */
function isNote({ level, code }: Notice, isError: boolean): boolean {
  return isError || (level === 'info' && code !== 'project-absent')
}
