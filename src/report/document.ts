import {
  block,
  code,
  counted,
  details,
  encodePath,
  link,
  prose,
  table,
  thousands,
} from './markdown.ts'
import type { Presentation } from './presentation.ts'
import {
  afterMergeSection,
  afterUpstreamSection,
  causesSection,
  codeVersionsSection,
  countsTable,
  fileUrl,
  newAndRemovedSection,
  unsyncedSection,
  upgradeSection,
} from './sections.ts'
import {
  aboutAcceptance,
  aboutPrevious,
  besides,
  formattingAdvice,
  headline,
  stateOf,
  whyItFails,
} from './sentences.ts'
import { wiringRemedy, wiringStatement } from './wiring.ts'

/** How much a document shows. A document that would be too long is made coarser, never cut. */
export const TIERS = ['full', 'list', 'rollup', 'counts'] as const

export type Tier = (typeof TIERS)[number]

/** Rows of the open table in a shortened document. */
const ROLLUP_ROWS = 50

/** A document, and the tier that it turned out in. */
export type Rendered = { readonly document: string; readonly tier: Tier }

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
  for (const tier of TIERS.slice(TIERS.indexOf(atMost), -1)) {
    const document = renderTier(presentation, tier)
    if (fits(document)) return { document, tier }
  }
  return { document: renderTier(presentation, 'counts'), tier: 'counts' }
}

/** The report in one tier. */
export function renderTier(presentation: Presentation, tier: Tier): string {
  const { report } = presentation
  const parts = [
    title(presentation),
    ...(report.error === null ? comparison(presentation, tier) : failure(presentation)),
    footer(presentation),
  ]
  return parts.filter((part) => part !== null && part !== '').join('\n\n')
}

function title(presentation: Presentation): string {
  return `### Unsynced · ${code(presentation.report.project)} · ${stateOf(presentation)}`
}

function comparison(presentation: Presentation, tier: Tier): (string | null)[] {
  const { report } = presentation
  const counts = report.counts
  if (counts === null) return []
  const opening = `**${headline(report)}** ${besides(counts)}`.trim()
  const why = whyItFails(presentation)
  const unwired = wiring(presentation, tier)
  const start = [
    unwired,
    opening,
    why === null ? null : `**${why.replace(':', ':**')}`,
    aboutAcceptance(presentation),
  ]
  if (report.assets.length === 0) {
    return [
      unwired,
      `${opening} ${assetsCompared(counts.head)}`,
      aboutPrevious(presentation),
      notices(presentation),
    ]
  }
  const unsynced = (rows: number) => unsyncedSection(presentation, rows)
  switch (tier) {
    case 'full':
      return [
        ...start,
        countsTable(counts),
        alert(presentation),
        unsynced(Number.POSITIVE_INFINITY),
        upgradeSection(presentation),
        afterUpstreamSection(presentation),
        newAndRemovedSection(presentation),
        codeVersionsSection(presentation),
        afterMergeSection(presentation),
      ]
    case 'list':
      return [
        ...start,
        countsTable(counts),
        alert(presentation),
        unsynced(Number.POSITIVE_INFINITY),
        upgradeSection(presentation),
        afterUpstreamSection(presentation),
        newAndRemovedSection(presentation),
        elsewhere(presentation),
      ]
    case 'rollup':
      return [
        ...start,
        countsTable(counts),
        alert(presentation),
        causesSection(report),
        unsynced(ROLLUP_ROWS),
        elsewhere(presentation),
      ]
    case 'counts':
      return [...start, countsTable(counts), elsewhere(presentation)]
  }
}

/** First of all, because the rows below mean something else without code versions. */
function wiring({ report }: Presentation, tier: Tier): string | null {
  const statement = wiringStatement(report)
  if (statement === null) return null
  const remedy = tier === 'full' || tier === 'list' ? wiringRemedy(report) : null
  const advice = 'Add this where the definitions are made; docs/wiring.md of this action says more.'
  const how =
    remedy === null
      ? []
      : [details('<b>How to wire it</b>', `${advice}\n\n${block(remedy, 'python')}`)]
  return [`**${prose(statement).replace(':', ':**')}`, ...how].join('\n\n')
}

function assetsCompared(count: number): string {
  return `${counted(count, 'asset')} compared.`
}

/** At most one alert in a comment: GitHub asks for restraint, and readers too. */
function alert(presentation: Presentation): string | null {
  const { report } = presentation
  const lines = [
    formattingAdvice(report),
    ...report.notices.filter(({ level }) => level === 'warning').map(({ message }) => message),
  ].filter((line) => line !== null)
  const warning = lines.length === 0 ? null : quote('WARNING', lines)
  return [warning, information(presentation)].filter((part) => part !== null).join('\n\n') || null
}

function notices({ report }: Presentation): string | null {
  const warnings = report.notices.filter(({ level }) => level === 'warning')
  const lines = warnings.map(({ message }) => message)
  return lines.length === 0 ? null : quote('WARNING', lines)
}

function information({ report }: Presentation): string | null {
  const lines = report.notices.filter(({ level }) => level === 'info')
  return lines.length === 0 ? null : lines.map(({ message }) => `_${prose(message)}_`).join('\n')
}

function quote(kind: 'WARNING', lines: readonly string[]): string {
  return [`> [!${kind}]`, ...lines.map((line) => `> ${prose(line)}`)]
    .join('\n> \n')
    .replace('\n> \n', '\n')
}

/** Where the rows are that this document leaves out. */
function elsewhere({ links }: Presentation): string {
  return links === null
    ? 'All rows are in the JSON report.'
    : `All rows are in the ${link('run summary', links.run)} and in the JSON report.`
}

function failure(presentation: Presentation): (string | null)[] {
  const { report, links } = presentation
  const error = report.error
  if (error === null) return []
  const where =
    error.file === null
      ? null
      : links === null
        ? code(error.file)
        : link(code(error.file), fileUrl(links, error.file, error.side ?? 'head'))
  return [
    `**${headline(report)}** ${whyItFails(presentation)}`,
    error.side === null ? null : sides(presentation, error.side),
    where === null ? null : `In ${where}:`,
    block(error.message, 'text'),
    error.hint === null ? null : `**What to do:** ${prose(error.hint)}`,
    aboutPrevious(presentation),
    notices(presentation),
  ]
}

function sides({ report, links }: Presentation, failed: 'base' | 'head'): string {
  const row = (side: 'base' | 'head') => {
    const { sha, ref } = report[side]
    const commit = sha === null ? 'unknown' : commitText(sha, links)
    const name = ref === null ? side : `${side} (${code(ref)})`
    const other = report.sqlmesh[side] === null ? 'not loaded' : 'loaded'
    return [name, commit, side === failed ? '**failed**' : other]
  }
  return table(['Side', 'Commit', 'Result'], ['left', 'left', 'left'], [row('base'), row('head')])
}

function commitText(sha: string, links: Links | null): string {
  const short = code(sha.slice(0, 7))
  return links === null ? short : link(short, `${links.repository}/commit/${encodePath(sha)}`)
}

type Links = NonNullable<Presentation['links']>

function footer({ report, links }: Presentation): string {
  const { base, head, sqlmesh, integration, counts } = report
  const versions =
    sqlmesh.base === sqlmesh.head || sqlmesh.base === null
      ? sqlmesh.head
      : `${sqlmesh.base} → ${sqlmesh.head}`
  const parts = [
    base.sha === null || head.sha === null
      ? null
      : `Compared ${commitText(base.sha, links)}${base.ref === null ? '' : ` (${code(base.ref)})`} with ${commitText(head.sha, links)}`,
    counts === null ? null : `${thousands(counts.base)} → ${counted(counts.head, 'asset')}`,
    versions === null ? null : `SQLMesh ${code(versions)}`,
    integration.name === null
      ? null
      : [integration.name, integration.version].filter((part) => part !== null).join(' '),
    links === null ? null : link('run', links.run),
    'Dagster shows an asset that was never materialized as missing, and a partitioned asset by partition.',
  ]
  return `<sub>${parts.filter((part) => part !== null).join(' · ')}</sub>`
}
