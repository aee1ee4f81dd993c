import { visible } from '../../platform/text.ts'
import { counted, shorten, thousands } from '../markdown/markdown.ts'
import type { Report, ReportAsset } from '../model.ts'
import { fullKindText, keyText, type Presentation } from '../presentation.ts'
import { arrangeRows, type Rows } from '../rows.ts'
import { firstVersionsStatement, wiringRemedy, wiringStatement } from '../wiring.ts'
import { stepsAfterMerge } from '../words/afterMerge.ts'
import { dependenciesText, whyOf, whyText } from '../words/causes.ts'
import { liveSentence, liveText } from '../words/liveText.ts'
import {
  aboutAcceptance,
  aboutPrevious,
  besides,
  formattingAdvice,
  headline,
  stateOf,
  upgradeAdvice,
  whyItFails,
} from '../words/sentences.ts'
import { firstFew, PLAIN } from '../words/textStyle.ts'
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
  const { report } = presentation
  const rows = arrangeRows(report)
  const upgrade = upgradeAdvice(rows.upgraded, report)
  const formatting = formattingAdvice(rows, report)
  const list = (
    title: string,
    shown: readonly ReportAsset[],
    say: (row: ReportAsset) => string[],
  ) =>
    section(page, title, shown, (row) => [
      `${keyText(row.key)}  (${fullKindText(row, presentation)})`,
      ...say(row),
      ...[liveText(row)].filter((text) => text !== '').map((text) => `in Dagster: ${text}`),
    ])
  const when = report.integration.wired === 'no' ? 'Unsynced once wired' : 'Unsynced on deploy'
  return [
    list(rows.upgraded.length === 0 ? when : `${when} by changed files`, rows.changed, (row) =>
      whyLines(row, rows),
    ),
    list('Unsynced by the SQLMesh upgrade, file unchanged', rows.upgraded, () => []),
    page.text(firstVersionsStatement(rows) ?? ''),
    list('After upstream materializes, a prediction', rows.following, (row) => [
      `waits for ${firstFew(row.waitsFor.map(keyText), 3)} · ${counted(row.wave, 'hop')} · ${row.confidence}`,
    ]),
    list('New', rows.added, () => [
      'Never materialized until its first run, which is not Unsynced',
    ]),
    list('Removed', rows.removed, () => ['Gone from the definitions']),
    upgrade === null ? '' : page.labelled('warning', upgrade),
    formatting === null ? '' : page.labelled('warning', formatting),
    afterMerge(presentation, rows, page),
  ]
}

function whyLines(row: ReportAsset, { knockOn }: Rows): string[] {
  const followers = knockOn(row)
  const causes = whyOf(row).map((why) => {
    const text = whyText(why, PLAIN)
    return why.file === null ? text : `${text} (${why.file})`
  })
  const parents = dependenciesText(row, PLAIN)
  return [
    ...causes,
    ...(parents === null ? [] : [parents]),
    ...(followers === 0 ? [] : [`then ${counted(followers, 'asset')} after it materializes`]),
  ]
}

function section(
  page: Page,
  title: string,
  rows: readonly ReportAsset[],
  linesOf: (row: ReportAsset) => readonly string[],
): string {
  if (rows.length === 0) return ''
  const lines = rows.slice(0, MOST_ROWS).flatMap((row) => {
    const [name = '', ...more] = linesOf(row)
    return [page.text(name, 2, 6), ...more.map((line) => page.text(line, 4, 6))]
  })
  const left = rows.length - MOST_ROWS
  const rest = left > 0 ? [page.text(`and ${thousands(left)} more in the JSON report`, 2)] : []
  return [page.bold(`${title} (${thousands(rows.length)})`), ...lines, ...rest].join('\n')
}

function afterMerge(presentation: Presentation, rows: Rows, page: Page): string {
  const steps = stepsAfterMerge(presentation, rows, PLAIN)
  if (steps.length === 0) return ''
  const lines = steps.flatMap(({ text, commands }, index) => [
    page.text(`${index + 1}. ${text}`, 2, 5),
    // Not wrapped: a command with a line break in it is two commands.
    ...commands.map((command) => `     ${visible(command)}`),
  ])
  return [page.bold('After merge'), ...lines].join('\n')
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
