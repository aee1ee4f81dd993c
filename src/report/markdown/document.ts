import type { Report } from '../model.ts'
import type { Presentation } from '../presentation.ts'
import { groupsSection } from '../rollup.ts'
import { arrangeRows, type Rows } from '../rows.ts'
import { afterMergeSection } from '../words/afterMerge.ts'
import { liveSentence } from '../words/liveText.ts'
import type { Section } from '../words/sections.ts'
import { SECTION_LIST } from '../words/sections.ts'
import {
  aboutAcceptance,
  aboutPrevious,
  besides,
  headline,
  stateOf,
  whyItFails,
} from '../words/sentences.ts'
import { MARKDOWN } from '../words/textStyle.ts'
import { wiringRemedy, wiringStatement } from '../words/wiringText.ts'
import { absentProject, alert, MOST_NOTE, notes } from './alerts.ts'
import { failureSections } from './failed.ts'
import { footer } from './footer.ts'
import { lineageSection } from './lineage.ts'
import { block, code, counted, details, link, prose, shorten, stack } from './markdown.ts'
import { countsTable, rowSections } from './rowTables.ts'
import { sqlSection } from './sqlDiff.ts'

/** How much a document shows. A document that would be too long is made coarser, never cut. */
export const TIERS = ['full', 'list', 'rollup', 'counts'] as const

export type Tier = (typeof TIERS)[number]

/** A document, and the tier that it turned out in. */
export type Rendered = { readonly document: string; readonly tier: Tier }

type Level =
  | { readonly tier: 'full'; readonly texts: number }
  | { readonly tier: 'list'; readonly linked: boolean }
  | { readonly tier: 'rollup'; readonly rows: number }
  | { readonly tier: 'counts' }

const ALL = Number.POSITIVE_INFINITY

/** From the most to the least detailed. The last one has an upper bound whatever the report holds. */
const LEVELS: readonly Level[] = [
  { tier: 'full', texts: ALL },
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
  const drafts = draftsOf(presentation)
  const allowed = TIERS.slice(TIERS.indexOf(atMost))
  for (const level of LEVELS.slice(0, -1)) {
    if (!allowed.includes(level.tier)) continue
    for (const draft of drafts) {
      const document = renderLevel(draft, level)
      if (fits(document)) return { document, tier: level.tier }
    }
  }
  return { document: renderLevel(drafts[0], { tier: 'counts' }), tier: 'counts' }
}

/** The report in one tier, whether or not it fits anywhere. */
export function renderTier(presentation: Presentation, tier: Tier): string {
  const level = LEVELS.find((candidate) => candidate.tier === tier) as Level
  return renderLevel(draftOf(presentation), level)
}

/** What the levels of one document share. */
type Draft = {
  readonly presentation: Presentation
  readonly rows: Rows
  /** Every row, linked. Rendered once, as it is most of the work in a long document. */
  readonly everyRow: () => ReadonlyMap<string, string>
  /** What a running Dagster says of all rows together. */
  readonly now: string
}

/** With what a running Dagster says of each row, and without: no row is left out for it. */
function draftsOf(presentation: Presentation): readonly [Draft, ...Draft[]] {
  const draft = draftOf(presentation)
  if (draft.now === '') return [draft]
  return [draft, { ...draftOf(withoutLive(presentation)), now: draft.now }]
}

/** What is shown of a report where there is no room for what Dagster says of each row. */
export function withoutLive(presentation: Presentation): Presentation {
  const assets = presentation.report.assets.map(({ live: _, ...asset }) => asset)
  return { ...presentation, report: { ...presentation.report, assets } }
}

function draftOf(presentation: Presentation): Draft {
  const rows = arrangeRows(presentation.report)
  let rendered: ReadonlyMap<string, string> | null = null
  const everyRow = () => {
    rendered ??= rowSections(presentation, rows, ALL)
    return rendered
  }
  return { presentation, rows, everyRow, now: liveSentence(presentation.report) }
}

function renderLevel(draft: Draft, level: Level): string {
  const { presentation } = draft
  const { report } = presentation
  const body =
    report.error === null
      ? comparison(draft, level)
      : [...failureSections(presentation), notes(report)]
  return stack([title(presentation), ...body, footer(presentation)])
}

function title(presentation: Presentation): string {
  const project = presentation.report.project
  const name = project === '' ? '' : ` · ${code(shorten(project, 200))}`
  return `### Unsynced${name} · ${stateOf(presentation)}`
}

function comparison(draft: Draft, level: Level): (string | null)[] {
  const { presentation, rows, now } = draft
  const { report } = presentation
  const { counts } = report
  if (counts === null) return []
  const start = [
    wiring(report, level),
    [`**${headline(report)}**`, besides(report), absentProject(report), comparedText(report), now]
      .filter((part) => part !== '')
      .join(' '),
    judgement(presentation),
  ]
  if (report.assets.length === 0) {
    return [...start, aboutPrevious(presentation, MARKDOWN), alert(report, rows), notes(report)]
  }
  const opening = [...start, countsTable(counts, report)]
  if (level.tier === 'counts') return [...opening, elsewhere(presentation)]
  const isWhole = level.tier === 'full' && level.texts === ALL
  return [
    ...opening,
    alert(report, rows),
    ...sections(draft, level),
    isWhole ? null : elsewhere(presentation),
  ]
}

/** The shapes of sections that there is room for. Warnings stand above, in the alert. */
const SHAPES: Readonly<Record<Exclude<Tier, 'counts'>, readonly Section['shape'][]>> = {
  full: ['rows', 'sentence', 'diffs', 'drawing', 'steps', 'notes'],
  list: ['rows', 'sentence', 'steps', 'notes'],
  rollup: ['rows', 'sentence', 'groups', 'steps'],
}

type Roomy = Exclude<Level, { readonly tier: 'counts' }>

function sections(draft: Draft, level: Roomy): (string | null)[] {
  const listed = listedAt(draft, level)
  const shown = SECTION_LIST.filter(([, { shape }]) => SHAPES[level.tier].includes(shape))
  return shown.map(([name, section]) => listed.get(name) ?? drawn(section, draft, level))
}

function drawn(section: Section, { presentation, rows }: Draft, level: Roomy): string | null {
  switch (section.shape) {
    case 'groups':
      return groupsSection(section, rows)
    case 'diffs':
      return sqlSection(presentation, rows, level.tier === 'full' ? level.texts : 0)
    case 'drawing':
      return lineageSection(presentation.report)
    case 'steps':
      return afterMergeSection(presentation, rows)
    case 'notes':
      return notes(presentation.report)
    // Nothing is listed, or it stands above, in the alert.
    case 'rows':
    case 'sentence':
    case 'warnings':
      return null
  }
}

function listedAt(
  { presentation, rows, everyRow }: Draft,
  level: Roomy,
): ReadonlyMap<string, string> {
  if (level.tier === 'rollup') return rowSections(presentation, rows, level.rows)
  const unlinked = level.tier === 'list' && !level.linked
  return unlinked ? rowSections({ ...presentation, links: null }, rows, ALL) : everyRow()
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

/** Where to find what this document leaves out. */
function elsewhere({ report, links }: Presentation): string {
  const all = `All ${counted(report.assets.length, 'row')}`
  return links === null
    ? `${all} are in the JSON report.`
    : `${all}: ${link('run summary', links.run)}, and the JSON report.`
}
