import { afterMergeSection } from './afterMerge.ts'
import { commitText, failureSections } from './failed.ts'
import { lineageSection } from './lineage.ts'
import {
  block,
  code,
  counted,
  details,
  link,
  prose,
  shorten,
  stack,
  thousands,
} from './markdown.ts'
import { MARKDOWN } from './pen.ts'
import type { Presentation } from './presentation.ts'
import type { Notice, Report } from './report.ts'
import { causesTable, schemasSection } from './rollup.ts'
import { arrangeRows, type Rows } from './rows.ts'
import {
  countsTable,
  followingSection,
  newAndRemovedSection,
  unsyncedSection,
  upgradedSection,
} from './sections.ts'
import {
  aboutAcceptance,
  aboutPrevious,
  besides,
  formattingAdvice,
  headline,
  stateOf,
  upgradeAdvice,
  whyItFails,
} from './sentences.ts'
import { sqlSection } from './sqlDiff.ts'
import { wiringRemedy, wiringStatement } from './wiring.ts'

/** How much a document shows. A document that would be too long is made coarser, never cut. */
export const TIERS = ['full', 'list', 'rollup', 'counts'] as const

export type Tier = (typeof TIERS)[number]

/** A document, and the tier that it turned out in. */
export type Rendered = { readonly document: string; readonly tier: Tier }

/** Rows of a table that are open; the rest is folded, as nobody reads it all. */
const OPEN_ROWS = 20

type Level =
  | { readonly tier: 'full'; readonly texts: number }
  | { readonly tier: 'list'; readonly linked: boolean }
  | { readonly tier: 'rollup'; readonly rows: number }
  | { readonly tier: 'counts' }

/** From the most to the least detailed. The last one has an upper bound whatever the report holds. */
const LEVELS: readonly Level[] = [
  { tier: 'full', texts: Number.POSITIVE_INFINITY },
  { tier: 'full', texts: 10 },
  { tier: 'list', linked: true },
  { tier: 'list', linked: false },
  { tier: 'rollup', rows: 50 },
  { tier: 'rollup', rows: 10 },
  { tier: 'counts' },
]

/**
 * The report as GitHub-flavoured markdown, in the most detailed tier that fits.
 *
 * @param fits whether a document is short enough for its place
 * @param atMost the most detailed tier to try
 */
export function renderDocument(
  presentation: Presentation,
  fits: (document: string) => boolean,
  atMost: Tier = 'full',
): Rendered {
  const rows = arrangeRows(presentation.report)
  const allowed = TIERS.slice(TIERS.indexOf(atMost))
  for (const level of LEVELS.slice(0, -1)) {
    if (!allowed.includes(level.tier)) continue
    const document = renderLevel(presentation, rows, level)
    if (fits(document)) return { document, tier: level.tier }
  }
  return { document: renderLevel(presentation, rows, { tier: 'counts' }), tier: 'counts' }
}

/** The report in one tier, whether or not it fits anywhere. */
export function renderTier(presentation: Presentation, tier: Tier): string {
  const level = LEVELS.find((candidate) => candidate.tier === tier) as Level
  return renderLevel(presentation, arrangeRows(presentation.report), level)
}

function renderLevel(presentation: Presentation, rows: Rows, level: Level): string {
  const { report } = presentation
  const body =
    report.error === null
      ? comparison(presentation, rows, level)
      : [...failureSections(presentation), notes(report)]
  return stack([title(presentation), ...body, footer(presentation)])
}

function title(presentation: Presentation): string {
  const project = presentation.report.project
  const name = project === '' ? '' : ` · ${code(shorten(project, 200))}`
  return `### Unsynced${name} · ${stateOf(presentation)}`
}

function comparison(presentation: Presentation, rows: Rows, level: Level): (string | null)[] {
  const { report } = presentation
  const { counts } = report
  if (counts === null) return []
  const start = [
    wiring(report, level),
    [`**${headline(report)}**`, besides(report), absentProject(report), comparedText(report)]
      .filter((part) => part !== '')
      .join(' '),
    judgement(presentation),
  ]
  if (report.assets.length === 0) {
    return [...start, aboutPrevious(presentation, MARKDOWN), alert(report, rows), notes(report)]
  }
  const opening = [...start, countsTable(counts, report.integration.wired)]
  switch (level.tier) {
    case 'full':
      return [
        ...opening,
        alert(report, rows),
        ...lists(presentation, rows, ALL),
        sqlSection(presentation, rows, level.texts),
        lineageSection(report),
        afterMergeSection(presentation, rows),
        notes(report),
        level.texts === Number.POSITIVE_INFINITY ? null : elsewhere(presentation),
      ]
    case 'list':
      return [
        ...opening,
        alert(report, rows),
        ...lists(level.linked ? presentation : { ...presentation, links: null }, rows, ALL),
        afterMergeSection(presentation, rows),
        notes(report),
        elsewhere(presentation),
      ]
    case 'rollup':
      return [
        ...opening,
        alert(report, rows),
        causesTable(rows),
        ...lists(presentation, rows, level.rows),
        schemasSection(rows),
        afterMergeSection(presentation, rows),
        elsewhere(presentation),
      ]
    case 'counts':
      return [...opening, elsewhere(presentation)]
  }
}

const ALL = Number.POSITIVE_INFINITY

function lists(presentation: Presentation, rows: Rows, all: number): (string | null)[] {
  return [
    unsyncedSection(presentation, rows, { open: OPEN_ROWS, all }),
    upgradedSection(presentation, rows, all),
    followingSection(presentation, rows, all),
    newAndRemovedSection(presentation, rows, all),
  ]
}

/** First of all, because the rows below mean something else without code versions. */
function wiring(report: Report, { tier }: Level): string | null {
  const statement = wiringStatement(report)
  if (statement === null) return null
  const remedy = tier === 'full' || tier === 'list' ? wiringRemedy(report) : null
  const advice = 'Add this where the definitions are made; docs/wiring.md of this action says more.'
  const how =
    remedy === null
      ? []
      : [details('<b>How to wire it</b>', `${advice}\n\n${block(remedy, 'python')}`)]
  return [`**${prose(shorten(statement, MOST_NOTE)).replace(':', ':**')}`, ...how].join('\n\n')
}

/** How many assets were looked at, where none is affected. */
function comparedText({ assets, counts }: Report): string {
  if (assets.length > 0 || counts === null || counts.head === null) return ''
  return `${counted(counts.head, 'asset')} compared.`
}

/** Why it passes or fails, and how to accept. */
function judgement(presentation: Presentation): string {
  return stack([whyItFails(presentation, MARKDOWN), ...aboutAcceptance(presentation, MARKDOWN)])
}

/** A side without the project makes everything new or removed, which is the first thing to know. */
function absentProject({ notices }: Report): string {
  const absent = notices.filter((notice) => notice.code === 'project-absent')
  return absent
    .slice(0, 2)
    .map(({ message }) => prose(shorten(message, MOST_NOTE)))
    .join(' ')
}

/** At most one alert in a comment: GitHub asks for restraint, and readers too. */
function alert(report: Report, rows: Rows): string | null {
  const upgrade = upgradeAdvice(rows.upgraded, report, MARKDOWN)
  const warnings = report.notices
    .filter((notice) => notice.level === 'warning')
    .filter((notice) => upgrade === null || notice.code !== 'sqlmesh-upgrade')
    .slice(0, MOST_NOTES)
    .map(({ message }) => prose(shorten(message, MOST_NOTE)))
  const lines = [upgrade, formattingAdvice(rows, report, MARKDOWN), ...warnings].filter(
    (line) => line !== null,
  )
  if (lines.length === 0) return null
  return ['> [!WARNING]', lines.map((line) => `> ${line}`).join('\n>\n')].join('\n')
}

const MOST_NOTE = 500
const OPEN_NOTES = 3
const MOST_NOTES = 10

/** What is worth knowing and asks for nothing. */
function notes({ notices, error }: Report): string | null {
  const shown = notices.filter((notice) => isNote(notice, error !== null))
  if (shown.length === 0) return null
  const some = shown.slice(0, MOST_NOTES).map(({ message }) => prose(shorten(message, MOST_NOTE)))
  const left = shown.length - some.length
  const rest = left === 0 ? [] : [`${counted(left, 'more note')} in the JSON report`]
  const list = [...some, ...rest].map((item) => `- ${item}`).join('\n')
  return shown.length > OPEN_NOTES
    ? details(`<b>Notes (${thousands(shown.length)})</b>`, list)
    : list
}

/** An error leaves no room for an alert, so that warnings are notes there. */
function isNote({ level, code }: Notice, isError: boolean): boolean {
  return isError || (level === 'info' && code !== 'project-absent')
}

/** Where to find what this document leaves out. */
function elsewhere({ report, links }: Presentation): string {
  const all = `All ${counted(report.assets.length, 'row')}`
  return links === null
    ? `${all} are in the JSON report.`
    : `${all}: ${link('run summary', links.run)}, and the JSON report.`
}

function footer({ report, links }: Presentation): string {
  const { base, head, sqlmesh, integration, counts } = report
  const ref = base.ref === null ? '' : ` (${code(shorten(base.ref, 100))})`
  const name = [integration.name, integration.version].filter((part) => part !== null).join(' ')
  const parts = [
    // A comparison that was not made has its commits in a table.
    counts === null || base.sha === null || head.sha === null
      ? null
      : `Compared ${commitText(base.sha, links)}${ref} with ${commitText(head.sha, links)}`,
    sizesText(counts),
    versionsText(sqlmesh),
    name === '' ? null : prose(shorten(name, 100)),
    links === null ? null : link('run', links.run),
    counts === null
      ? null
      : 'Dagster shows an asset that was never materialized as missing, and a partitioned asset by partition',
  ]
  return `<sub>${parts.filter((part) => part !== null).join(' · ')}</sub>`
}

function sizesText(counts: Report['counts']): string | null {
  if (counts === null || counts.base === null || counts.head === null) return null
  return `${thousands(counts.base)} → ${counted(counts.head, 'asset')}`
}

function versionsText({ base, head }: Report['sqlmesh']): string | null {
  if (head === null) return base === null ? null : `SQLMesh ${MARKDOWN.code(base)}`
  return `SQLMesh ${MARKDOWN.code(base === null || base === head ? head : `${base} → ${head}`)}`
}
