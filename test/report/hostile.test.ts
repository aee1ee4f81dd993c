import fc from 'fast-check'
import { marked, type Token, type Tokens } from 'marked'
import { expect, test } from 'vitest'
import { annotationsOf } from '../../src/report/annotations.ts'
import { fitsComment, renderComment } from '../../src/report/markdown/commentBody.ts'
import { renderTier, TIERS } from '../../src/report/markdown/document.ts'
import { renderComments } from '../../src/report/markdown/several.ts'
import { renderSummary } from '../../src/report/markdown/summary.ts'
import type { Presentation } from '../../src/report/presentation.ts'
import { renderTerminal } from '../../src/report/terminal/terminal.ts'
import { cases, hostilePresentation } from './hostile.ts'

/*
 * Names, paths, messages, kinds and logins come from the pull request or from strangers. Whatever
 * they are, a document parsed as GitHub-flavoured markdown has only what the renderer put there.
 */

/** Many cases take long; only a run without end is stopped. */
const PATIENT = { timeout: 3_600_000 }

/** Tags that the renderers write; anything else came from outside. */
const OUR_TAGS =
  /^(<details>\n<summary>.*<\/summary>\n*|<\/details>\n*|<br>|<sub>|<\/sub>|<b>|<\/b>)$/

const OUR_LINKS =
  /^https:\/\/(github\.com\/acme\/data|acme\.dagster\.cloud\/prod\/assets)\/[\w/.%-]*$/

const INLINE = ['paragraph', 'text', 'codespan', 'escape', 'link', 'strong', 'html']
const BLOCKS = ['heading', 'table', 'code', 'blockquote', 'list', 'list_item', 'space']

/** What is wrong with a document, as a list of what it should not have. */
function problemsIn(document: string): string[] {
  const tokens: Token[] = []
  void marked.walkTokens(marked.lexer(document, { gfm: true }), (token) => {
    tokens.push(token)
  })
  const headings = tokens.flatMap((token) => (token.type === 'heading' ? [token['depth']] : []))
  const tags = tokens.filter(({ type }) => type === 'html').map(({ raw }) => raw.trim())
  const opened = tags.filter((tag) => tag.startsWith('<details>')).length
  const closed = tags.filter((tag) => tag === '</details>').length
  return [
    ...tokens.flatMap(problemsOf),
    ...(/^3(,4|,3)*$/.test(headings.join()) ? [] : [`headings ${headings}`]),
    ...(opened === closed ? [] : [`${opened} folds opened, ${closed} closed`]),
    ...charactersIn(document),
  ]
}

function problemsOf(token: Token): string[] {
  const unless = (fine: boolean) => (fine ? [] : [`${token.type}: ${token.raw}`])
  if (![...INLINE, ...BLOCKS].includes(token.type)) return unless(false)
  switch (token.type) {
    case 'html':
      return unless(OUR_TAGS.test(token.raw))
    case 'link':
      return unless(OUR_LINKS.test(token['href']))
    case 'table':
      return unless(keepsShape(token as Tokens.Table))
    case 'text':
    case 'escape':
      // The text of a list's item has parts of its own.
      return unless('tokens' in token || !MEANS_SOMETHING.some((sign) => sign.test(token.raw)))
    case 'code':
      if (token['lang'] === 'mermaid') return unless(isDrawing(token['text']))
      return unless(['text', 'diff', 'sh', 'python'].includes(token['lang']))
    default:
      return []
  }
}

/** Cells that are too many are dropped in silence, so they are counted in the source. */
function keepsShape(table: Tokens.Table): boolean {
  const lines = table.raw.trimEnd().split('\n')
  const cells = new Set(lines.map((line) => line.match(/(?<!\\)\|/g)?.length))
  return (
    cells.size === 1 && cells.has(table.header.length + 1) && lines.length === table.rows.length + 2
  )
}

/** Mentions, references, commits, addresses and emoji in running text. */
const MEANS_SOMETHING = [
  /@[\w-]/,
  /#\d|\bGH-\d/i,
  /(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])/i,
  /:\/\/|\bwww\.|:[\w+-]+:/i,
]

const LABEL = /[\p{L}\p{N}_./ …(),·#;-]*/u.source
const DRAWN = new RegExp(
  `^(flowchart LR|  n\\d+\\["${LABEL}"\\]:::\\w+|  n\\d+ (-->|-\\.->)(\\|[a-z ]+\\|)? n\\d+|  classDef \\w+ [\\w:,\\- ]+)$`,
  'u',
)

/** Mermaid, line by line: nothing but nodes, edges and styles of ours. */
function isDrawing(text: string): boolean {
  return text.length < 50_000 && text.split('\n').every((line) => DRAWN.test(line))
}

const UNSEEN = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\u2028\u2029\ufeff]/u

/** What no reader sees, or what turns around what they see. */
function charactersIn(text: string): string[] {
  const hidden = UNSEEN.exec(text)
  return [
    ...(text.isWellFormed() ? [] : ['a lone surrogate']),
    ...(hidden === null ? [] : [`U+${hidden[0].codePointAt(0)?.toString(16)}`]),
  ]
}

test('a document keeps its shape and its size, whatever is in the report', PATIENT, () => {
  const property = fc.property(hostilePresentation, (presentation) => {
    for (const tier of TIERS) expect(problemsIn(renderTier(presentation, tier))).toEqual([])
    const { document } = renderComment(presentation)
    expect(fitsComment(document)).toBe(true)
    expect(document.length).toBeLessThanOrEqual(56_000)
    expect(Buffer.byteLength(document)).toBeLessThanOrEqual(200_000)
    expect(Buffer.byteLength(renderSummary(presentation))).toBeLessThanOrEqual(1_000_000)
  })
  fc.assert(property, cases(400))
})

test('so does one that is too long for a comment', PATIENT, () => {
  const tiers = new Set<string>()
  const property = fc.property(hostilePresentation, (presentation) => {
    const { document, tier } = renderComment(lengthened(presentation))
    tiers.add(tier)
    expect(problemsIn(document)).toEqual([])
    expect(fitsComment(document)).toBe(true)
  })
  fc.assert(property, cases(20))
  expect([...tiers]).toContain('rollup')
})

/** The same with each of its rows three hundred times, under other keys. */
function lengthened(presentation: Presentation): Presentation {
  const { report } = presentation
  const assets = Array.from({ length: 300 }, (_, copy) =>
    report.assets.map((asset) => ({ ...asset, key: [...asset.key, `copy ${copy}`] })),
  )
  return { ...presentation, report: { ...report, assets: assets.flat() } }
}

test('so does a document on several projects', PATIENT, () => {
  const several = fc.array(hostilePresentation, { minLength: 2, maxLength: 3 })
  const property = fc.property(several, fc.constantFrom(...TIERS), (presentations, atMost) => {
    const { document } = renderComments(presentations, { atMost })
    expect(problemsIn(document)).toEqual([])
    expect(fitsComment(document)).toBe(true)
  })
  fc.assert(property, cases(100))
})

test('a terminal gets text, and colours of ours', () => {
  const property = fc.property(
    hostilePresentation,
    fc.integer({ min: 1, max: 200 }),
    (given, width) => {
      const plain = renderTerminal(given, { colour: false, width })
      expect(charactersIn(plain)).toEqual([])
      const painted = renderTerminal(given, { colour: true, width })
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are made of.
      expect(painted.replaceAll(/\u001b\[\d+m/g, '')).toBe(plain)
    },
  )
  fc.assert(property, cases(400))
})

test('annotations are at most ten a level, on lines of files', () => {
  const property = fc.property(hostilePresentation, (presentation) => {
    const annotations = annotationsOf([presentation, presentation, presentation])
    for (const level of ['notice', 'warning'] as const) {
      expect(annotations.filter((one) => one.level === level).length).toBeLessThanOrEqual(10)
    }
    for (const { file, line } of annotations) if (file === null) expect(line).toBeNull()
  })
  fc.assert(property, cases(400))
})

test('what is looked for would be found', () => {
  const harmful = ['# x', '![x](y)', '<img src=x>', '[x](//evil.test)', 'hi @team', 'see #12']
  const more = [
    'deadbeefcafe',
    'GH-1',
    'www.evil.test',
    '> <b onclick=x>',
    '~~x~~',
    '_x_',
    '\u202e',
  ]
  for (const text of [...harmful, ...more, 'https://evil.test', '| a |\n| - |\n| a | b |']) {
    expect(problemsIn(`### Unsynced\n\n${text}`), text).not.toEqual([])
  }
  expect(problemsIn('### Unsynced\n\nfine, and `@fine`')).toEqual([])
})
