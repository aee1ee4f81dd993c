import type { FileDiff } from '../../git/textDiff.ts'
import { visible } from '../../platform/text.ts'
import type { ReportAsset } from '../model.ts'
import { keyText, type Presentation } from '../presentation.ts'
import type { Rows } from '../rows.ts'
import { SECTIONS } from '../words/sections.ts'
import { firstFew } from '../words/textStyle.ts'
import { block, code, counted, details, shorten, stack, table, thousands } from './markdown.ts'

/** Lines of one file's diff that are shown. Who needs more has the pull request's own pages. */
const MOST_LINES = 40
const MOST_CHARACTERS = 200

/**
 * What changed, model by model: code versions, and the text of the file. Files that several models
 * share come once, after them. null if no code version moved.
 *
 * @param most how many files to show the text of
 */
export function sqlSection(
  { sources }: Presentation,
  { changed }: Rows,
  most: number,
): string | null {
  const rows = changed.filter(({ reasons }) => reasons.includes('code'))
  if (rows.length === 0) return null
  const shown = new Set<FileDiff>()
  const own = rows.flatMap((row) => {
    const diff = sources.diffs.get(row.path ?? '')
    if (diff === undefined || shown.size >= most || shown.has(diff)) return []
    shown.add(diff)
    return [{ row, text: `${nameText(row)} · ${versionText(row)}\n\n${diffText(diff)}` }]
  })
  const shared = sharedFiles(rows).flatMap(([path, users]) => {
    const diff = sources.diffs.get(path)
    if (diff === undefined || shown.size >= most || shown.has(diff)) return []
    shown.add(diff)
    const names = firstFew(users.map(nameText), 3)
    return [`${code(path)}, a cause for ${names}\n\n${diffText(diff)}`]
  })
  const drawn = new Set(own.map(({ row }) => row))
  const rest = rows.filter((row) => !drawn.has(row))
  const body = stack([
    ...own.map(({ text }) => text),
    ...shared,
    versionsTable(rest, drawn.size > 0),
  ])
  const { heading, remark } = SECTIONS.texts
  return details(shown.size === 0 ? '<b>Code versions</b>' : `<b>${heading}</b>${remark}`, body)
}

/** Files other than a model's own that are a cause, with the models that they are one for. */
function sharedFiles(rows: readonly ReportAsset[]): [string, ReportAsset[]][] {
  const files = new Map<string, ReportAsset[]>()
  for (const row of rows) {
    for (const file of new Set(row.causes.map((cause) => cause.file))) {
      if (file === null || file === row.path) continue
      files.set(file, [...(files.get(file) ?? []), row])
    }
  }
  return [...files]
}

function nameText({ key }: ReportAsset): string {
  return code(keyText(key))
}

function versionText({ codeVersion, formattingOnly }: ReportAsset): string {
  const moved = `code version ${version(codeVersion.base)} → ${version(codeVersion.head)}`
  return formattingOnly ? `${moved} · formatting only` : moved
}

function version(value: string | null): string {
  return value === null ? 'none' : code(value)
}

function versionsTable(rows: readonly ReportAsset[], more: boolean): string | null {
  if (rows.length === 0) return null
  return table(
    [more ? 'Other asset' : 'Asset', 'Code version of base', 'of head'],
    ['left', 'left', 'left'],
    rows.map((row) => [
      nameText(row),
      version(row.codeVersion.base),
      version(row.codeVersion.head),
    ]),
  )
}

/** A diff as a fenced block of whole lines, and how many lines are left out. */
function diffText({ from, hunks }: FileDiff): string {
  const lines = hunks.flatMap(({ header, lines }) => [header, ...lines])
  const shown = lines.slice(0, MOST_LINES).map((line) => visible(shorten(line, MOST_CHARACTERS)))
  const left = lines.length - shown.length
  return stack([
    from === null ? null : `Moved from ${code(from)}.`,
    block(shown.join('\n'), 'diff'),
    left === 0
      ? null
      : `${counted(left, 'more line')}${hunks.length > 1 ? ` of ${thousands(hunks.length)} places` : ''}.`,
  ])
}
