import type { Counts, Report, ReportAsset } from '../model.ts'
import { brokenRules } from '../policy.ts'
import {
  dagsterPage,
  fileUrl,
  fullKindText,
  keyText,
  type Links,
  type Presentation,
} from '../presentation.ts'
import type { Rows } from '../rows.ts'
import { dependenciesText, whyOf, whyText } from '../words/causes.ts'
import { liveText } from '../words/liveText.ts'
import {
  type Fact,
  type RowsSection,
  SECTION_LIST,
  STATUS_LABELS,
  unsyncedLabel,
} from '../words/sections.ts'
import { firstFew, MARKDOWN } from '../words/textStyle.ts'
import { code, details, link, prose, stack, table, thousands } from './markdown.ts'

/** The numbers, in one row. */
export function countsTable(counts: Counts, report: Report): string {
  const { head, unsynced, afterUpstream, removed } = counts
  const affected = [unsynced, afterUpstream, counts.new, removed].map(thousands)
  const rest =
    head === null ? 'not counted' : thousands(head - unsynced - afterUpstream - counts.new)
  const labels = { ...STATUS_LABELS, unsynced: unsyncedLabel(report) }
  return table(
    [...Object.values(labels), 'Unaffected'],
    ['right', 'right', 'right', 'right', 'right'],
    [[...affected, rest]],
  )
}

type Column = {
  readonly heading: string
  readonly side: 'left' | 'right'
  readonly cell: (row: ReportAsset, presentation: Presentation, rows: Rows) => string
}

const left = (heading: string, cell: Column['cell']): Column => ({ heading, side: 'left', cell })
const right = (heading: string, cell: Column['cell']): Column => ({ heading, side: 'right', cell })

const NAME = [
  left('Asset', assetCell),
  left('Kind', (row, presentation) => prose(fullKindText(row, presentation))),
]

const COLUMNS: Readonly<Record<Fact, readonly Column[]>> = {
  why: [left('Why', whyCell)],
  // With a hyphen at which no line is broken.
  knockOn: [right('Knock\u2011on', (row, _, { knockOn }) => thousands(knockOn(row)))],
  wait: [
    left('Waits for', ({ waitsFor }) =>
      firstFew(
        waitsFor.map((key) => code(keyText(key))),
        3,
      ),
    ),
    right('Hops', ({ wave }) => thousands(wave)),
    left('Confidence', ({ confidence }) => confidence),
  ],
  change: [
    left('Change', (row, presentation) =>
      [row.status, ...brokenText(row, presentation)].join('<br>'),
    ),
  ],
}

/** Rows of a table that are open; the rest is folded, as nobody reads it all. */
const OPEN_ROWS = 20

/**
 * The sections that list assets, by their names; those without assets are missing.
 *
 * @param most rows of each list
 */
export function rowSections(
  presentation: Presentation,
  rows: Rows,
  most: number,
): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  SECTION_LIST.forEach(([name, section], index) => {
    if (section.shape === 'sentence') {
      const text = section.text(rows)
      if (text !== null) texts.set(name, prose(text))
    }
    if (section.shape !== 'rows' || section.layout === 'joined') return
    const text =
      section.layout === 'open'
        ? openSection(section, presentation, rows, most)
        : foldedSection([section, ...joinedTo(index)], presentation, rows, most)
    if (text !== null) texts.set(name, text)
  })
  return texts
}

/** The sections after one that are folded together with it. */
function joinedTo(index: number): readonly RowsSection[] {
  const after = SECTION_LIST.slice(index + 1).map(([, section]) => section)
  const end = after.findIndex((section) => section.shape !== 'rows' || section.layout !== 'joined')
  return after.slice(0, end) as RowsSection[]
}

function openSection(
  section: RowsSection,
  presentation: Presentation,
  rows: Rows,
  most: number,
): string | null {
  const all = section.rows(rows)
  const { title, count = all.length, remark = '' } = section.heading(rows, presentation.report)
  if (count === 0) return null
  const draw = (some: readonly ReportAsset[]) =>
    some.length === 0 ? null : rowsTable(section.facts, some, presentation, rows)
  const folded = draw(all.slice(OPEN_ROWS, most))
  const next = `<b>Next ${thousands(all.slice(OPEN_ROWS, most).length)} of ${thousands(all.length)}</b>`
  return stack([
    `#### ${title} (${thousands(count)})${remark}`,
    draw(all.slice(0, OPEN_ROWS)),
    folded === null ? null : details(next, folded),
  ])
}

/** One or several sections under one heading: `New (2) and removed (1)`. */
function foldedSection(
  sections: readonly RowsSection[],
  presentation: Presentation,
  rows: Rows,
  most: number,
): string | null {
  const present = sections.filter((section) => section.rows(rows).length > 0)
  const [first] = present
  if (first === undefined) return null
  const titles = present.map((section, index) => {
    const all = section.rows(rows)
    const { title } = section.heading(rows, presentation.report)
    const shown = amount(all.slice(0, most), all)
    return `${index === 0 ? title : title.toLowerCase()} (${shown})`
  })
  const { remark = '' } = first.heading(rows, presentation.report)
  const shown = present.flatMap((section) => section.rows(rows).slice(0, most))
  return details(
    `<b>${titles.join(' and ')}</b>${remark}`,
    stack([
      rowsTable(first.facts, shown, presentation, rows),
      ...present.map(({ note }) => note?.all ?? null),
    ]),
  )
}

function rowsTable(
  facts: readonly Fact[],
  shown: readonly ReportAsset[],
  presentation: Presentation,
  rows: Rows,
): string {
  const columns = [...NAME, ...facts.flatMap((fact) => COLUMNS[fact])]
  return table(
    columns.map(({ heading }) => heading),
    columns.map(({ side }) => side),
    shown.map((row) => columns.map(({ cell }) => cell(row, presentation, rows))),
  )
}

function amount(shown: readonly unknown[], all: readonly unknown[]): string {
  return shown.length === all.length
    ? thousands(all.length)
    : `${thousands(shown.length)} of ${thousands(all.length)}`
}

/** The asset's key, and what a running Dagster says of it. */
function assetCell(row: ReportAsset, { links }: Presentation): string {
  const now = liveText(row)
  if (now === '') return nameCell(row, links)
  const url = dagsterPage(row, links)
  const where = url === null ? 'Dagster' : link('Dagster', url)
  return `${nameCell(row, links)}<br><sub>${where}: ${now}</sub>`
}

/** The asset's key, linked to the file that defines its model. */
function nameCell(row: ReportAsset, links: Links | null): string {
  const name = code(keyText(row.key))
  if (row.path === null || links === null) return name
  return link(name, fileUrl(links, row.path, row.status === 'removed' ? 'base' : 'head'))
}

/** A cause names its file only where it is not the model's own, which the asset links to. */
function whyCell(row: ReportAsset, presentation: Presentation): string {
  const { links } = presentation
  const toFile = (label: string, file: string) =>
    links === null ? label : link(label, fileUrl(links, file, 'head'))
  const causes = whyOf(row).map((why) => whyText(why, MARKDOWN, toFile))
  const parents = dependenciesText(row, MARKDOWN)
  return [...causes, ...(parents === null ? [] : [parents]), ...brokenText(row, presentation)].join(
    '<br>',
  )
}

/** Says on the row itself that it is one of those that turn the check red. */
function brokenText(row: ReportAsset, presentation: Presentation): string[] {
  const { verdict, failOn, acceptance } = presentation
  if (verdict?.conclusion !== 'failure' || acceptance?.state === 'accepted') return []
  const rules = brokenRules(row, failOn)
  return rules.length === 0 ? [] : [`**fails the check:** ${rules.join(', ')}`]
}
