import { keyId } from '../../dagster/assetKeys.ts'
import type { FileDiff } from '../../git/textDiff.ts'
import { visible } from '../../platform/text.ts'
import { counted, shorten } from '../markdown/markdown.ts'
import type { ReportAsset } from '../model.ts'
import { dagsterPage, fileUrl, fullKindText, keyText, type Presentation } from '../presentation.ts'
import { arrangeRows, type Rows } from '../rows.ts'
import { causeLabel, dependenciesText, whyOf, whyText } from '../words/causes.ts'
import { liveText } from '../words/liveText.ts'
import { firstFew, PLAIN } from '../words/textStyle.ts'

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
  const { changed, upgraded, following, added, removed } = rows
  const all = [...changed, ...upgraded, ...rows.first, ...following, ...added, ...removed]
  const places = new Map(all.map(({ key }, index) => [keyId(key), first + index]))
  return all.map((row) => pageRow(row, presentation, rows, places))
}

function pageRow(
  row: ReportAsset,
  presentation: Presentation,
  { knockOn }: Rows,
  places: ReadonlyMap<string, number>,
): PageRow {
  const { report, sources, links } = presentation
  const parents = dependenciesText(row, PLAIN)
  const why = [
    ...whyOf(row).map((one) => whyText(one, PLAIN)),
    ...(parents === null ? [] : [parents]),
  ]
  const side = row.status === 'removed' ? 'base' : 'head'
  return {
    project: line(report.project),
    key: line(keyText(row.key)),
    status: row.status,
    kind: line(fullKindText(row, presentation)),
    causes: [
      ...new Set([
        ...row.causes.map((cause) => causeLabel(cause.kind)),
        ...(row.reasons.includes('dependencies') ? ['dependencies'] : []),
        ...(row.reasons.includes('data') ? ['upstream data'] : []),
      ]),
    ],
    why: (why.length > 0 ? why : [whatElse(row)]).map(line),
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

/** What happens to a row that has no cause of its own. */
function whatElse({ status, waitsFor, wave, confidence }: ReportAsset): string {
  switch (status) {
    case 'afterUpstream': {
      const parents = firstFew(waitsFor.map(keyText), 2)
      return `waits for ${parents}, ${counted(wave, 'hop')}, ${confidence}`
    }
    case 'new':
      return 'never materialized until its first run'
    case 'removed':
      return 'gone from the definitions'
    case 'unsynced':
      return 'unknown'
  }
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
