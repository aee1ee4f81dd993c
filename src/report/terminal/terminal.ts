import { visible } from '../../platform/text.ts'
import { counted, shorten, thousands } from '../markdown/markdown.ts'
import type { Report, ReportAsset } from '../model.ts'
import { fullKindText, keyText, type Presentation } from '../presentation.ts'
import { arrangeRows, type Rows } from '../rows.ts'
import { stepsAfterMerge } from '../words/afterMerge.ts'
import { plainWhy } from '../words/causes.ts'
import { liveSentence, liveText } from '../words/liveText.ts'
import {
  type Fact,
  type HeadedSection,
  type RowsSection,
  SECTION_LIST,
  type Section,
  waitText,
} from '../words/sections.ts'
import {
  aboutAcceptance,
  aboutPrevious,
  besides,
  headline,
  stateOf,
  whyItFails,
} from '../words/sentences.ts'
import { PLAIN } from '../words/textStyle.ts'
import { wiringRemedy, wiringStatement } from '../words/wiringText.ts'
import { type Page, pageFor, type Terminal } from './terminalPage.ts'

/** Rows of one list. The JSON report has all of them. */
const MOST_ROWS = 100

/** The report for a terminal: the same facts as the comment, in plain lines. */
export function renderTerminal(presentation: Presentation, terminal: Terminal): string {
  const { report } = presentation
  const page = pageFor(terminal)
  const parts = [
    page.bold(`Unsynced · ${visible(report.project)} · ${stateOf(presentation)}`),
    ...unwired(report, page),
    opening(presentation, page),
    ...(report.error === null ? comparison(presentation, page) : failure(report, page)),
    page.text(aboutPrevious(presentation) ?? ''),
    ...notesOf(report).map(({ level, message }) => page.labelled(level, message)),
    page.dim(footer(report)),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function unwired(report: Report, page: Page): string[] {
  const statement = wiringStatement(report)
  if (statement === null) return []
  const remedy = wiringRemedy(report)?.replaceAll(/^(?=.)/gm, '    ')
  const how = remedy === undefined ? [] : [`Add this where the definitions are made:\n\n${remedy}`]
  return [page.labelled('warning', statement), ...how]
}

function opening(presentation: Presentation, page: Page): string {
  const { report } = presentation
  const absent = report.notices.filter((notice) => notice.code === 'project-absent')
  const first = [
    headline(report),
    besides(report),
    ...absent.map(({ message }) => message),
    liveSentence(report),
  ]
  const lines = [
    first.filter((part) => part !== '').join(' '),
    whyItFails(presentation),
    ...(presentation.acceptance === null ? [] : aboutAcceptance(presentation)),
  ]
  return lines
    .filter((line) => line !== null)
    .map((line) => page.text(line))
    .join('\n')
}

/** What the opening has not said already. */
function notesOf({ notices }: Report): Report['notices'] {
  return notices.filter(({ code }) => code !== 'project-absent' && code !== 'sqlmesh-upgrade')
}

function comparison(presentation: Presentation, page: Page): string[] {
  const rows = arrangeRows(presentation.report)
  return SECTION_LIST.map(([, section]) => sectionText(section, presentation, rows, page))
}

/** '' for what a terminal has no room for. Notes come last, as they are not only about a comparison. */
function sectionText(section: Section, presentation: Presentation, rows: Rows, page: Page): string {
  switch (section.shape) {
    case 'rows':
      return list(section, presentation, rows, page)
    case 'sentence':
      return page.text(section.text(rows) ?? '')
    case 'warnings':
      return section
        .texts(rows, presentation.report, PLAIN)
        .map((text) => page.labelled('warning', text))
        .join('\n\n')
    case 'steps':
      return afterMerge(section, presentation, rows, page)
    case 'notes':
    case 'groups':
    case 'diffs':
    case 'drawing':
      return ''
  }
}

/** What is said of a row below its name. */
const LINES: Readonly<
  Record<Fact, (row: ReportAsset, section: RowsSection, rows: Rows) => readonly string[]>
> = {
  why: plainWhy,
  knockOn: (row, _, { knockOn }) => {
    const followers = knockOn(row)
    return followers === 0 ? [] : [`then ${counted(followers, 'asset')} after it materializes`]
  },
  wait: (row) => [waitText(row)],
  change: (_, { note }) => (note === null ? [] : [note.one]),
}

function list(section: RowsSection, presentation: Presentation, rows: Rows, page: Page): string {
  const all = section.rows(rows)
  if (all.length === 0) return ''
  const { title, remark = '' } = section.heading(rows, presentation.report)
  const lines = all.slice(0, MOST_ROWS).flatMap((row) => {
    const now = liveText(row)
    const below = [
      ...section.facts.flatMap((fact) => LINES[fact](row, section, rows)),
      ...(now === '' ? [] : [`in Dagster: ${now}`]),
    ]
    const name = `${keyText(row.key)}  (${fullKindText(row, presentation)})`
    return [page.text(name, 2, 6), ...below.map((line) => page.text(line, 4, 6))]
  })
  const left = all.length - MOST_ROWS
  const rest = left > 0 ? [page.text(`and ${thousands(left)} more in the JSON report`, 2)] : []
  return [page.bold(`${title}${remark} (${thousands(all.length)})`), ...lines, ...rest].join('\n')
}

function afterMerge(
  { heading }: HeadedSection,
  presentation: Presentation,
  rows: Rows,
  page: Page,
): string {
  const steps = stepsAfterMerge(presentation, rows, PLAIN)
  if (steps.length === 0) return ''
  const lines = steps.flatMap(({ text, commands }, index) => [
    page.text(`${index + 1}. ${text}`, 2, 5),
    // Not wrapped: a command with a line break in it is two commands.
    ...commands.map((command) => `     ${visible(command)}`),
  ])
  return [page.bold(heading), ...lines].join('\n')
}

function failure({ error }: Report, page: Page): string[] {
  if (error === null) return []
  const where = [error.side ?? '', error.file ?? ''].filter((part) => part !== '').join(', in ')
  const text = shorten(error.message, 10_000)
  const message = page.labelled('error', where === '' ? text : `${where}: ${text}`)
  return error.hint === null ? [message] : [message, page.text(`What to do: ${error.hint}`)]
}

function footer({ base, head, sqlmesh, integration, counts }: Report): string {
  const commit = ({ sha, ref }: Report['base']) =>
    `${sha?.slice(0, 7) ?? 'unknown'}${ref === null ? '' : ` (${ref})`}`
  return [
    base.sha === null ? '' : `Compared ${commit(base)} with ${commit(head)}`,
    sizes(counts),
    sqlmesh.head === null ? '' : `SQLMesh ${sqlmesh.head}`,
    integration.name === null ? '' : `keys of ${integration.name}`,
  ]
    .filter((part) => part !== '')
    .join(' · ')
}

function sizes(counts: Report['counts']): string {
  if (counts === null || counts.base === null || counts.head === null) return ''
  return `${thousands(counts.base)} → ${counted(counts.head, 'asset')}`
}
