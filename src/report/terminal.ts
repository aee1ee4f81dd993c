import { keyId } from '../dagster/assetKeys.ts'
import { counted, visible } from './markdown.ts'
import {
  isFirstVersion,
  isUpgradeRow,
  keyText,
  kindText,
  knockOn,
  type Presentation,
  rowsOf,
} from './presentation.ts'
import type { Report, ReportAsset } from './report.ts'
import { besides, formattingAdvice, headline, stateOf, whyItFails } from './sentences.ts'
import { firstVersionsStatement, wiringRemedy, wiringStatement } from './wiring.ts'

/** How the report may look where it is printed. */
export type Terminal = { readonly colour: boolean }

/** The report for a terminal: the same facts as the comment, in plain lines. */
export function renderTerminal(presentation: Presentation, terminal: Terminal): string {
  const { report } = presentation
  const style = styles(terminal.colour)
  const title = `Unsynced · ${visible(report.project)} · ${stateOf(presentation)}`
  const parts = [
    style.bold(title),
    ...unwired(report, style),
    opening(presentation),
    ...(report.error === null ? comparison(presentation, style) : failure(report, style)),
    ...report.notices.map((notice) => `${mark(notice.level, style)} ${plain(notice.message)}`),
    style.dim(footer(report)),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function unwired(report: Report, style: Style): string[] {
  const statement = wiringStatement(report)
  if (statement === null) return []
  const remedy = wiringRemedy(report)?.replaceAll(/^(?=.)/gm, '    ')
  const how = remedy === undefined ? [] : [`Add this where the definitions are made:\n\n${remedy}`]
  return [`${mark('warning', style)} ${plain(statement)}`, ...how]
}

type Style = ReturnType<typeof styles>

function styles(colour: boolean) {
  const wrap = (start: number, end: number) => (text: string) =>
    colour ? `\u001b[${start}m${text}\u001b[${end}m` : text
  return { bold: wrap(1, 22), dim: wrap(2, 22), yellow: wrap(33, 39), red: wrap(31, 39) }
}

function opening(presentation: Presentation): string {
  const { report } = presentation
  const also = report.counts === null ? '' : besides(report.counts)
  const why = whyItFails(presentation)
  const first = `${headline(report)} ${also}`.trim()
  return plain(why === null ? first : `${first}\n${why}`, '\n')
}

function comparison({ report }: Presentation, style: Style): string[] {
  const followers = knockOn(report)
  const formatting = formattingAdvice(report)
  const first = firstVersionsStatement(report)
  const unchanged = rowsOf(report, 'unsynced').filter(isUpgradeRow)
  const changed = rowsOf(report, 'unsynced').filter(
    (row) => !isFirstVersion(row) && !isUpgradeRow(row),
  )
  const unsynced = (row: ReportAsset) => [
    ...row.causes.map((cause) => {
      const file = cause.file === null || cause.file === row.path ? '' : ` (${cause.file})`
      return `${cause.kind}: ${cause.detail}${file}`
    }),
    ...row.parents.added.map((key) => `dependencies: +${keyText(key)}`),
    ...row.parents.removed.map((key) => `dependencies: -${keyText(key)}`),
    ...followersOf(row, followers),
  ]
  const later = (row: ReportAsset) => [
    `waits for ${row.waitsFor.map(keyText).join(', ')} · ${counted(row.wave, 'hop')} · ${row.confidence}`,
  ]
  const never = () => ['Never materialized until its first run, which is not Unsynced']
  const gone = () => ['Gone from the definitions']
  return [
    section(style.yellow, 'Unsynced on deploy', changed, unsynced),
    first === null ? '' : first,
    section(style.yellow, 'Unsynced by an upgrade alone, file unchanged', unchanged, unsynced),
    section(
      style.bold,
      'After upstream materializes, a prediction',
      rowsOf(report, 'afterUpstream').sort((a, b) => a.wave - b.wave),
      later,
    ),
    section(style.bold, 'New', rowsOf(report, 'new'), never),
    section(style.bold, 'Removed', rowsOf(report, 'removed'), gone),
    formatting === null ? '' : `${mark('warning', style)} ${formatting}`,
  ]
}

function followersOf(row: ReportAsset, followers: ReadonlyMap<string, number>): string[] {
  const count = followers.get(keyId(row.key)) ?? 0
  return count === 0 ? [] : [`then ${counted(count, 'asset')} after it materializes`]
}

function section(
  heading: (text: string) => string,
  title: string,
  rows: readonly ReportAsset[],
  linesOf: (row: ReportAsset) => readonly string[],
): string {
  if (rows.length === 0) return ''
  const lines = rows.flatMap((row) => [
    `  ${visible(keyText(row.key))}  (${kindText(row)})`,
    ...linesOf(row).map((line) => `    ${visible(line)}`),
  ])
  return [heading(`${title} (${rows.length})`), ...lines].join('\n')
}

function failure({ error }: Report, style: Style): string[] {
  if (error === null) return []
  const where = error.file === null ? '' : `, in ${visible(error.file)}`
  const side = error.side === null ? '' : `${error.side}${where}: `
  const message = `${style.red('error')} ${side}${plain(error.message, '\n')}`
  return error.hint === null ? [message] : [message, `What to do: ${plain(error.hint)}`]
}

function mark(level: 'info' | 'warning', style: Style): string {
  return level === 'warning' ? style.yellow('warning') : style.dim('note')
}

/** Text of several lines with each line made visible. */
function plain(text: string, separator = ' '): string {
  return text.split('\n').map(visible).join(separator)
}

function footer({ base, head, sqlmesh, integration, counts }: Report): string {
  const commit = ({ sha, ref }: Report['base']) =>
    `${sha?.slice(0, 7) ?? 'unknown'}${ref === null ? '' : ` (${visible(ref)})`}`
  return [
    base.sha === null ? '' : `Compared ${commit(base)} with ${commit(head)}`,
    counts === null ? '' : `${counts.base} → ${counts.head} assets`,
    sqlmesh.head === null ? '' : `SQLMesh ${sqlmesh.head}`,
    integration.name === null ? '' : `keys of ${integration.name}`,
  ]
    .filter((part) => part !== '')
    .join(' · ')
}
