import { keyId } from '../../dagster/assetKeys.ts'
import type { FileDiff } from '../../git/textDiff.ts'
import { visible } from '../../platform/text.ts'
import { shorten } from '../markdown/markdown.ts'
import type { ReportAsset } from '../model.ts'
import { dagsterPage, fileUrl, fullKindText, keyText, type Presentation } from '../presentation.ts'
import { arrangeRows, type Rows } from '../rows.ts'
import { causeLabel, causesNamed, dependenciesText, whyOf, whyText } from '../words/causes.ts'
import { liveText } from '../words/liveText.ts'
import { listedRows, type RowsSection, type SentenceSection, waitText } from '../words/sections.ts'
import { PLAIN } from '../words/textStyle.ts'

/** One asset as the page's script gets it: texts that are shown as they are, and places of other rows. */
export type PageRow = {
  readonly project: string
  readonly key: string
  readonly status: ReportAsset['status']
  readonly kind: string
  /** What can be filtered by. */
  readonly causes: readonly string[]
  readonly why: readonly string[]
  readonly facts: readonly (readonly [string, string])[]
  readonly now: string
  readonly knockOn: number
  readonly hops: number
  /** Rows that it waits for. */
  readonly parents: readonly number[]
  readonly diff: readonly string[]
  /** Addresses of ours; null where there is nothing to link to. */
  readonly file: string | null
  readonly dagster: string | null
}

/** Lines of a difference that are worth reading in a page. */
const MOST_LINES = 200
const MOST_CHARACTERS = 1000

/** The rows of one project, in the order of the comment. @param first place of the first of them */
export function pageRows(presentation: Presentation, first: number): readonly PageRow[] {
  const rows = arrangeRows(presentation.report)
  const all = listedRows(rows)
  const places = new Map(all.map(({ row }, index) => [keyId(row.key), first + index]))
  return all.map(({ row, section }) => ({
    ...pageRow(row, presentation, rows, places),
    why: whyLines(row, section).map(line),
  }))
}

function pageRow(
  row: ReportAsset,
  presentation: Presentation,
  { knockOn }: Rows,
  places: ReadonlyMap<string, number>,
): Omit<PageRow, 'why'> {
  const { report, sources, links } = presentation
  const side = row.status === 'removed' ? 'base' : 'head'
  return {
    project: line(report.project),
    key: line(keyText(row.key)),
    status: row.status,
    kind: line(fullKindText(row, presentation)),
    causes: [...causesNamed(row), ...(row.reasons.includes('data') ? ['upstream data'] : [])],
    facts: factsOf(row),
    now: liveText(row),
    knockOn: knockOn(row),
    hops: row.wave,
    parents: row.waitsFor.flatMap((key) => places.get(keyId(key)) ?? []),
    diff: diffLines(sources.diffs.get(row.path ?? '')),
    file: row.path === null || links === null ? null : fileUrl(links, row.path, side),
    dagster: dagsterPage(row, links),
  }
}

/** Why a row is there, or what happens to it where nothing about it changed. */
function whyLines(row: ReportAsset, section: RowsSection | SentenceSection): readonly string[] {
  const parents = dependenciesText(row, PLAIN)
  const causes = whyOf(row).map((one) => whyText(one, PLAIN))
  const why = parents === null ? causes : [...causes, parents]
  if (why.length > 0) return why
  if (section.shape === 'rows' && section.note !== null) return [section.note.one]
  return [row.status === 'afterUpstream' ? waitText(row) : 'unknown']
}

function factsOf(row: ReportAsset): readonly (readonly [string, string])[] {
  const { base, head } = row.codeVersion
  const facts: [string, string | null][] = [
    ['Model', row.model],
    ['File', row.path],
    ['Code version', base === head ? head : `${base ?? 'none'} → ${head ?? 'none'}`],
    ['Waits for', row.waitsFor.map(keyText).join(', ')],
    ['Confidence', row.status === 'afterUpstream' ? row.confidence : null],
    ...row.causes.map(({ kind, detail, file }): [string, string] => {
      const where = file === null || file === row.path ? '' : ` (${file})`
      return [`Cause: ${causeLabel(kind)}`, `${detail}${where}`]
    }),
  ]
  return facts.flatMap(([name, value]) => (value ? [[name, line(value)] as const] : []))
}

function diffLines(diff: FileDiff | undefined): readonly string[] {
  const lines = diff?.hunks.flatMap(({ header, lines }) => [header, ...lines]) ?? []
  const shown = lines.slice(0, MOST_LINES).map(line)
  const left = lines.length - shown.length
  return left > 0 ? [...shown, `… ${left} more lines`] : shown
}

/** One visible line of bounded length: nothing in it turns the text around or hides. */
function line(text: string): string {
  return visible(shorten(text, MOST_CHARACTERS))
}
