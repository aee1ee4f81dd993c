import type { Cause, CauseKind } from '../../sqlmesh/changes.ts'
import { thousands } from '../markdown/markdown.ts'
import type { ReportAsset } from '../model.ts'
import { keyText } from '../presentation.ts'
import { PLAIN, type TextStyle } from './textStyle.ts'

/** Causes of one kind in one file, as they are shown: one line, however many there are. */
export type Why = {
  readonly label: string
  readonly pieces: readonly Piece[]
  /** How many pieces there are besides, which the report does not name. */
  readonly more: number
  /** Where it is written; null if that is the model's own file, or not known. */
  readonly file: string | null
}

type Piece = {
  readonly name: string
  /** What happened to it, as `added`; '' if it just changed. */
  readonly word: string
  readonly value: string | null
}

const LABELS: Readonly<Record<CauseKind, string>> = {
  query: 'query',
  columns: 'columns',
  kind: 'kind',
  partitioning: 'partitioning',
  'interval-unit': 'interval unit',
  statements: 'statements',
  macro: 'macro',
  jinja: 'jinja',
  python: 'Python',
  seed: 'seed',
  properties: 'properties',
  variables: 'variables',
  formatting: 'formatting only',
  'sqlmesh-upgrade': 'SQLMesh upgrade',
  unknown: 'unknown',
}

/** A cause kind in words. A report of another version may bring kinds that are not known here. */
export function causeLabel(kind: CauseKind): string {
  return Object.hasOwn(LABELS, kind) ? LABELS[kind] : 'other'
}

/** What makes an asset unsynced, each once. */
export function causesNamed({ causes, reasons }: ReportAsset): readonly string[] {
  const named = causes.map(({ kind }) => causeLabel(kind))
  return [...new Set(reasons.includes('dependencies') ? [...named, 'dependencies'] : named)]
}

/** Why an asset is unsynced, one entry a line, in the report's order. */
export function whyOf(row: ReportAsset): readonly Why[] {
  const groups = new Map<string, Cause[]>()
  for (const cause of row.causes) {
    const id = JSON.stringify([cause.kind, cause.file])
    const group = groups.get(id)
    if (group === undefined) groups.set(id, [cause])
    else group.push(cause)
  }
  return [...groups.values()].map((causes) => {
    const [{ kind, file }] = causes as [Cause]
    const items = kind === 'formatting' ? [] : causes.flatMap(itemsOf)
    const named = items.filter((item) => !MORE.test(item))
    return {
      label: causeLabel(kind),
      pieces: named.map((item) => pieceOf(kind, item)),
      more: countItems(items) - named.length,
      file: file === row.path ? null : file,
    }
  })
}

/** What the detail of a cause lists, each as it is written. */
export function itemsOf({ kind, detail }: Cause): readonly string[] {
  switch (kind) {
    case 'columns':
      return detail.split(', ')
    case 'query': {
      // `JOIN a added, WHERE changed`; a name with a comma in it stays whole.
      const clauses = detail.split(/(?<= (?:added|removed|changed)), /)
      return clauses.every((clause) => HAPPENED.test(clause) || MORE.test(clause))
        ? clauses
        : [detail]
    }
    default:
      return [detail]
  }
}

const HAPPENED = /^(.+?) (added|removed|changed)(?:: (.+))?$/s

/** Stands in a shortened detail for the items that it does not name. */
export function moreItems(count: number): string {
  return `… ${thousands(count)} more`
}

const MORE = /^… ([\d,]+) more$/

/** How many items these are, with those that are not named. */
export function countItems(items: readonly string[]): number {
  const counts = items.map((item) => Number(MORE.exec(item)?.[1]?.replaceAll(',', '') ?? 1))
  return counts.reduce((sum, count) => sum + count, 0)
}

function pieceOf(kind: CauseKind, item: string): Piece {
  const whole = (name: string): Piece => ({ name, word: '', value: null })
  if (kind === 'columns') return whole(item)
  // `kind: VIEW → FULL`: the label says it already.
  if (kind === 'kind' || kind === 'interval-unit') {
    return whole(item.replace(/^(kind|interval_unit): /, ''))
  }
  const told = HAPPENED.exec(item)
  if (told !== null) {
    return { name: told[1] as string, word: told[2] as string, value: told[3] ?? null }
  }
  const set = /^([^\s:]+): (.+)$/s.exec(item)
  if (set !== null) return { name: set[1] as string, word: '', value: set[2] as string }
  return whole(item)
}

/** Details of one line that are shown; more of them only lengthen the row. */
const MOST_PIECES = 5

/**
 * One line of why: `macro: @euros`, `query: JOIN refunds added`.
 *
 * @param link makes a link of the label to the file where it is written
 */
export function whyText(
  why: Why,
  style: TextStyle,
  link: (label: string, file: string) => string = (label) => label,
): string {
  if (why.pieces.length === 0) return style.strong(why.label)
  const shown = why.pieces.slice(0, MOST_PIECES).map(({ name, word, value }) => {
    const happened = word === '' ? style.code(name) : `${style.code(name)} ${word}`
    return value === null ? happened : `${happened}: ${style.code(value)}`
  })
  const rest = why.pieces.length - shown.length + why.more
  const more = rest === 0 ? '' : ` and ${thousands(rest)} more`
  const label = why.file === null ? why.label : link(why.label, why.file)
  return `${label}: ${shown.join(', ')}${more}`
}

/** Parents that come and go: `dependencies: +a, -b`; null if they stay. */
export function dependenciesText(
  { parents, confidence }: ReportAsset,
  style: TextStyle,
): string | null {
  const signed = [
    ...parents.added.map((key) => `+${keyText(key)}`),
    ...parents.removed.map((key) => `-${keyText(key)}`),
  ]
  if (signed.length === 0) return null
  const shown = signed.slice(0, MOST_PIECES).map(style.code)
  const rest = signed.length - shown.length
  // Where that is only possible, it hangs on partitions that no definition tells.
  const open = confidence === 'possible' ? ', if its partitions map to them' : ''
  return `dependencies: ${shown.join(', ')}${rest === 0 ? '' : ` and ${thousands(rest)} more`}${open}`
}

/** Why an asset is unsynced in plain lines, each with the file where it is written. */
export function plainWhy(row: ReportAsset): readonly string[] {
  const causes = whyOf(row).map((why) => {
    const text = whyText(why, PLAIN)
    return why.file === null ? text : `${text} (${why.file})`
  })
  const parents = dependenciesText(row, PLAIN)
  return parents === null ? causes : [...causes, parents]
}
