import { fitsComment, renderComment } from './comment.ts'
import { type Rendered, renderTier, TIERS, type Tier } from './document.ts'
import { code, counted, table, thousands } from './markdown.ts'
import type { Presentation } from './presentation.ts'
import { stateOf } from './sentences.ts'
import { fitsSummary, renderSummary } from './summary.ts'

/** The comment on one or several projects, each in a section of its own, all equally detailed. */
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

function renderSections(
  presentations: readonly Presentation[],
  atMost: Tier,
  fits: (document: string) => boolean,
): Rendered {
  const opening = [title(presentations), overview(presentations)]
  for (const tier of TIERS.slice(TIERS.indexOf(atMost), -1)) {
    const sections = presentations.map((presentation) => renderTier(presentation, tier))
    const document = [...opening, ...sections].join('\n\n')
    if (fits(document)) return { document, tier }
  }
  return { document: opening.join('\n\n'), tier: 'counts' }
}

function title(presentations: readonly Presentation[]): string {
  return `### Unsynced · ${counted(presentations.length, 'project')}`
}

/** One row a project, so that the first lines answer for all of them. */
function overview(presentations: readonly Presentation[]): string {
  const rows = presentations.map((presentation) => {
    const { counts, project } = presentation.report
    const numbers = [counts?.unsynced, counts?.afterUpstream, counts?.new, counts?.removed]
    const shown = numbers.map((count) => (count === undefined ? 'unknown' : thousands(count)))
    return [code(project), stateOf(presentation), ...shown]
  })
  return table(
    ['Project', 'Result', 'Unsynced on deploy', 'After upstream', 'New', 'Removed'],
    ['left', 'left', 'right', 'right', 'right', 'right'],
    rows,
  )
}
