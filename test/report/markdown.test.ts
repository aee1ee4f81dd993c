import fc from 'fast-check'
import { marked, type Token, type Tokens } from 'marked'
import { expect, test } from 'vitest'
import { visible } from '../../src/platform/text.ts'
import {
  block,
  code,
  encodePath,
  prose,
  shorten,
  table,
  thousands,
} from '../../src/report/markdown/markdown.ts'
import { cases, hostile } from './hostile.ts'

function tokens(markdown: string): Token[] {
  const found: Token[] = []
  void marked.walkTokens(marked.lexer(markdown, { gfm: true }), (token) => {
    found.push(token)
  })
  return found
}

test('a code span holds its text and nothing escapes from it', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const spans = tokens(`x ${code(text)} y`).filter((token) => token.type === 'codespan')
      expect(spans).toHaveLength(1)
      const kinds = new Set(tokens(`x ${code(text)} y`).map((token) => token.type))
      expect([...kinds].sort()).toEqual(['codespan', 'paragraph', 'text'])
    }),
    cases(1000),
  )
})

test('a table keeps its shape whatever its cells hold', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(hostile, hostile), { minLength: 1, maxLength: 4 }), (rows) => {
      const cells = rows.map((row) => row.map(code))
      const [first, ...rest] = marked.lexer(table(['A', 'B'], ['left', 'right'], cells))
      expect(rest).toEqual([])
      const parsed = first as Tokens.Table
      expect(parsed.type).toBe('table')
      expect(parsed.rows).toHaveLength(rows.length)
      for (const row of parsed.rows) {
        expect(row.map((cell) => cell.tokens.map((token) => token.type))).toEqual([
          ['codespan'],
          ['codespan'],
        ])
      }
    }),
    cases(1000),
  )
})

test('a fenced block is one block', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const [first, ...rest] = marked.lexer(`${block(text, 'text')}\n`)
      expect(first?.type).toBe('code')
      expect(rest.filter((token) => token.type !== 'space')).toEqual([])
    }),
    cases(1000),
  )
})

test('prose holds no link, image, HTML, mention or heading', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const markdown = `**Hint:** ${prose(text)}`
      const kinds = tokens(markdown).map((token) => token.type)
      for (const kind of ['link', 'image', 'html', 'heading', 'em', 'del', 'br', 'list']) {
        expect(kinds).not.toContain(kind)
      }
      const outside = markdown.replaceAll(/(`+)[^`]*\1/g, '')
      expect(outside).not.toMatch(/[@#][A-Za-z0-9]/)
    }),
    cases(1000),
  )
})

test('a shortened text says how much is left out, and splits no character', () => {
  fc.assert(
    fc.property(hostile, fc.nat(40), (text, most) => {
      const short = shorten(text, most)
      if (short === text) return
      const [, kept = '', left = ''] = /^(.*)… \(([\d,]+) more characters\)$/s.exec(short) ?? []
      expect(text.startsWith(kept)).toBe(true)
      expect(kept.length + Number(left.replaceAll(',', ''))).toBe(text.length)
      expect([...kept].length).toBeLessThanOrEqual(most)
      expect([...text].slice(0, [...kept].length)).toEqual([...kept])
    }),
    cases(1000),
  )
  expect(shorten('🙂🙂🙂', 2)).toBe('🙂🙂… (2 more characters)')
})

test('prose takes the meaning away from what GitHub would link', () => {
  const shown = (text: string) => prose(text).replaceAll('\u{200b}', '|')
  expect(shown('@team #12 GH-12 1435552476 www.a.test https://a.test :tada: &#64;a')).toBe(
    '@|team #|12 GH-|12 143555|2476 www|.a.test https:|//a.test :|tada: \\&#|64;a',
  )
  expect(['- a', '1. a', '# a', '\n=', ':-'].map(shown)).toEqual([
    '|- a',
    '|1. a',
    '|#| a',
    '|=',
    '|:-',
  ])
})

test('prose keeps code spans', () => {
  expect(prose('Set `fail-on` to *x*')).toBe('Set `fail-on` to \\*x\\*')
})

test('hidden characters are shown as what they are', () => {
  expect(visible('a\u202eb\nc\ud800')).toBe('a\\u{202e}b c\\u{d800}')
})

test('a path in an address', () => {
  expect(encodePath('models/a b#(1)?é_.sql')).toBe('models/a%20b%23%281%29%3F%C3%A9%5F.sql')
})

test('thousands', () => {
  expect([0, 999, 1000, 1234567].map(thousands)).toEqual(['0', '999', '1,000', '1,234,567'])
})
