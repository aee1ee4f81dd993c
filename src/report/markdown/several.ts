import type { Presentation } from '../presentation.ts'
import { STATUS_LABELS } from '../words/sections.ts'
import { aboutAcceptance, stateOf } from '../words/sentences.ts'
import { MARKDOWN } from '../words/textStyle.ts'
import { fitsComment, renderComment } from './commentBody.ts'
import { type Rendered, renderTier, TIERS, type Tier, withoutLive } from './document.ts'
import { counted, stack, table, thousands } from './markdown.ts'
import { fitsSummary, renderSummary } from './summary.ts'

/** The comment on one or several projects, each in a section of its own. */
export function renderComments(
  presentations: readonly Presentation[],
  options: { readonly atMost?: Tier } = {},
): Rendered {
  const [only, ...more] = presentations
  if (only !== undefined && more.length === 0) return renderComment(only, options)
  return renderSections(presentations, options.atMost ?? 'full', fitsComment)
}

/** The job summary on one or several projects. */
export function renderSummaries(presentations: readonly Presentation[]): string {
  const [only, ...more] = presentations
  if (only !== undefined && more.length === 0) return renderSummary(only)
  return renderSections(presentations, 'full', fitsSummary).document
}

type Section = { readonly presentation: Presentation; readonly tier: Tier; readonly text: string }

/** Makes the longest section coarser until all fit; the last resort is the table alone. */
function renderSections(
  presentations: readonly Presentation[],
  atMost: Tier,
  fits: (document: string) => boolean,
): Rendered {
  const opening = openingOf(presentations)
  const asked = presentations.map(withoutAsking)
  const whole = asked.map((presentation) => sectionOf(presentation, atMost))
  const document = stack([opening, ...whole.map(({ text }) => text)])
  if (fits(document)) return { document, tier: coarsest(whole) }
  let sections = asked.map((presentation) => sectionOf(withoutLive(presentation), atMost))
  while (true) {
    const document = stack([opening, ...sections.map(({ text }) => text)])
    if (fits(document)) return { document, tier: coarsest(sections) }
    const longest = longestThatCanShrink(sections)
    if (longest === undefined) return { document: opening, tier: 'counts' }
    sections = sections.map((section) => (section === longest ? coarser(section) : section))
  }
}

/** How to accept is said once, for all projects together. */
function withoutAsking(presentation: Presentation): Presentation {
  const { acceptance } = presentation
  return {
    ...presentation,
    acceptLabel: '',
    acceptance: acceptance?.state === 'accepted' ? acceptance : null,
  }
}

function sectionOf(presentation: Presentation, tier: Tier): Section {
  return { presentation, tier, text: renderTier(presentation, tier) }
}

function coarser({ presentation, tier }: Section): Section {
  return sectionOf(presentation, TIERS[TIERS.indexOf(tier) + 1] ?? 'counts')
}

function longestThatCanShrink(sections: readonly Section[]): Section | undefined {
  return sections
    .filter(({ tier }) => tier !== 'counts')
    .reduce<Section | undefined>(
      (longest, one) => (longest && longest.text.length >= one.text.length ? longest : one),
      undefined,
    )
}

function coarsest(sections: readonly Section[]): Tier {
  return TIERS[Math.max(...sections.map(({ tier }) => TIERS.indexOf(tier)))] ?? 'full'
}

function openingOf(presentations: readonly Presentation[]): string {
  return stack([
    `### Unsynced · ${counted(presentations.length, 'project')} · ${overallState(presentations)}`,
    `**${headlineOf(presentations)}**`,
    ...acceptanceOf(presentations),
    overview(presentations),
  ])
}

/** One acceptance is for all projects together; none can be given while one of them is unknown. */
function acceptanceOf(presentations: readonly Presentation[]): readonly string[] {
  const refused = presentations.find(({ verdict }) => verdict?.conclusion === 'failure')
  if (refused === undefined || presentations.some(({ report }) => report.counts === null)) return []
  const newAssets = presentations.flatMap(({ acceptance }) => acceptance?.newAssets ?? [])
  const acceptance = refused.acceptance && { ...refused.acceptance, newAssets }
  return aboutAcceptance({ ...refused, acceptance }, MARKDOWN)
}

/** The worst of the projects' states. */
function overallState(presentations: readonly Presentation[]): string {
  const states = presentations.map(stateOf)
  const worst = ['could not compare', 'action needed', 'accepted']
  const found = worst.find((state) => states.includes(state))
  if (found !== undefined) return found
  if (states.every((state) => state === 'no assets affected')) return 'no assets affected'
  return `${counted(unsyncedIn(presentations), 'asset')} will become unsynced`
}

function unsyncedIn(presentations: readonly Presentation[]): number {
  return presentations.reduce((sum, { report }) => sum + (report.counts?.unsynced ?? 0), 0)
}

function headlineOf(presentations: readonly Presentation[]): string {
  const all = presentations.length
  const affected = presentations.filter(({ report }) => (report.counts?.unsynced ?? 0) > 0).length
  const unknown = presentations.filter(({ report }) => report.counts === null).length
  const where = `in ${thousands(affected)} of ${counted(all, 'project')}`
  const known =
    affected === 0
      ? 'No asset will become unsynced'
      : `${counted(unsyncedIn(presentations), 'asset')} ${where} will become unsynced when this deploys`
  return unknown === 0
    ? `${known}.`
    : `${known}; ${counted(unknown, 'project')} could not be compared.`
}

/** One row a project, so that the first lines answer for all of them. */
function overview(presentations: readonly Presentation[]): string {
  const rows = presentations.map((presentation) => {
    const { counts, project } = presentation.report
    const numbers = [counts?.unsynced, counts?.afterUpstream, counts?.new, counts?.removed]
    const shown = numbers.map((count) => (count === undefined ? 'unknown' : thousands(count)))
    return [MARKDOWN.code(project), stateOf(presentation), ...shown]
  })
  return table(
    ['Project', 'Result', ...Object.values(STATUS_LABELS)],
    ['left', 'left', 'right', 'right', 'right', 'right'],
    rows,
  )
}
