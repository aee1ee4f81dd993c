/**
 * Escapes for GitHub-flavoured markdown. Names, paths and messages come from the pull request, so
 * every one of them goes through here.
 */

import { visible } from '../../platform/text.ts'

/** A code span that also stays whole in a table cell. Nothing in it is a mention or a link. */
export function code(text: string): string {
  const shown = visible(text) || ' '
  const runs = shown.match(/`+/g) ?? []
  const fence = '`'.repeat(Math.max(0, ...runs.map((run) => run.length)) + 1)
  const padded = /^[` ]|[` ]$/.test(shown) ? ` ${shown} ` : shown
  // A table splits at every unescaped pipe, also within a code span (GFM, example 200), and readers
  // of markdown disagree on whether two backslashes escape it.
  const whole = padded.replaceAll(/(?<=\\)\|/g, '\u{200b}|').replaceAll('|', '\\|')
  return `${fence}${whole}${fence}`
}

/** A fenced block that its text cannot close. */
export function block(text: string, language: string): string {
  const lines = text.split(/\r\n|\r|\n/).map((line) => visible(line))
  const runs = text.match(/`{3,}/g) ?? []
  const fence = '`'.repeat(Math.max(2, ...runs.map((run) => run.length)) + 1)
  return [`${fence}${language}`, ...lines, fence].join('\n')
}

/**
 * A link whose text is already markdown and whose address is ours, with encoded parts. A name with
 * backticks is not linked: readers of markdown disagree on where such a text ends.
 */
export function link(text: string, url: string): string {
  if (text.includes('``')) return text
  return `[${text}](${url})`
}

/** A path as part of an address: everything that markdown or a browser could read differently. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeSegment).join('/')
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment.toWellFormed()).replaceAll(
    /[!'()*~_]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** A table; every cell is markdown already. */
export function table(
  headers: readonly string[],
  alignment: readonly ('left' | 'right')[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = alignment.map((side) => (side === 'right' ? '--:' : '---'))
  return [line(headers), line(rule), ...rows.map(line)].join('\n')
}

/** A folded section. Its blank lines are what makes GitHub read the content as markdown. */
export function details(summary: string, content: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${content}\n\n</details>`
}

/** `1 asset`, `2 assets`, `1,234 assets`. */
export function counted(count: number, noun: string): string {
  return `${thousands(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Independent of the machine's locale. */
export function thousands(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/**
 * A sentence of running text. Only plain `code spans` keep their meaning; whatever else a name in
 * it could mean to GitHub (links, mentions, references, HTML, emphasis) is taken away.
 */
export function prose(text: string): string {
  // Blanks at the start of a line would make it code, or hide what else it starts with.
  const shown = visible(text).trim()
  const runs = shown.match(/`+/g) ?? []
  const paired = runs.length % 2 === 0 && runs.every((run) => run.length === 1)
  const pieces = paired ? shown.split('`') : [shown]
  return pieces.map((piece, index) => (index % 2 === 1 ? code(piece) : inert(piece))).join('')
}

/**
 * What GitHub makes of plain text: emphasis, entities, references (`#1`, `GH-1`, commit SHAs), links
 * (`https://`, `www.`), mentions, `:emoji:`, and what starts a list, underlines a
 * heading or rules a table at the start of a line.
 */
function inert(text: string): string {
  return text
    .replaceAll(/[\\`*_{}[\]<>|~$&]/g, '\\$&')
    .replaceAll(/[@#]|:(?=\/\/|[\w+-]+:)|www(?=\.)|-(?=\d)/gi, '$&\u{200b}')
    .replaceAll(/[0-9a-f]{6}(?=[0-9a-f])/gi, '$&\u{200b}')
    .replace(/^[-+=#:]|^\d+(?=[.)])/, '\u{200b}$&')
}

/**
 * At most `most` characters of a text, and how many more there are. For plain text that is not yet
 * escaped: what is already markdown is never shortened.
 */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text
  // A code point takes one or two units, so this is enough to count from, and splits none of them.
  const kept = [...text.slice(0, 2 * most)].slice(0, most).join('')
  const left = text.length - kept.length
  return left === 0 ? text : `${kept}… (${thousands(left)} more characters)`
}

/** The parts that there are, one after the other with a blank line between. */
export function stack(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== '').join('\n\n')
}
