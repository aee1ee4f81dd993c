import { describe, expect, test } from 'vitest'
import type { Presentation } from '../../src/report/presentation.ts'
import { renderTerminal } from '../../src/report/terminal/terminal.ts'
import { columnsOf, wrap } from '../../src/report/terminal/wrap.ts'
import { PRESENTATIONS } from '../fixtures/presentations.ts'

describe('wrapping', () => {
  test('at blanks, with the rest indented', () => {
    expect(wrap('one two three four', 10)).toBe('one two\nthree four')
    expect(wrap('one two three four', 12, 2, 4)).toBe('  one two\n    three\n    four')
  })

  test('a name stays whole, however narrow the terminal', () => {
    expect(wrap('at warehouse/core/fct_orders now', 10)).toBe('at\nwarehouse/core/fct_orders\nnow')
  })

  test('wide characters take two columns, marks none', () => {
    expect(['abc', '日本', 'e\u0301', '🙂'].map(columnsOf)).toEqual([3, 4, 1, 2])
    expect(wrap('日本 日本 日本', 9)).toBe('日本 日本\n日本')
  })
})

test.each([40, 80, 120])('no line is wider than %i columns, but for what has no blank', (width) => {
  for (const presentation of Object.values(PRESENTATIONS)) {
    const lines = renderTerminal(presentation, { colour: false, width }).split('\n')
    const prose = lines.filter(
      (line) => !/dg launch|^ {4,8}(def|entry|data_hash|return|defs)/.test(line),
    )
    const wide = prose.filter((line) => columnsOf(line) > width && line.trim().includes(' '))
    expect(wide).toEqual([])
  }
})

test('a command to paste stays on one line', () => {
  const text = renderTerminal(PRESENTATIONS['impact'] as Presentation, { colour: false, width: 40 })
  expect(text).toMatch(/^ +dg launch --assets '.*'$/m)
})

test('colour only where it is wanted, and never the only sign', () => {
  const given = PRESENTATIONS['action-needed'] as Presentation
  const plain = renderTerminal(given, { colour: false, width: 80 })
  expect(plain).not.toContain('\u001b')
  expect(plain).toContain('warning 1 asset changes in formatting only')
  expect(renderTerminal(given, { colour: true, width: 80 })).toContain(
    '\u001b[33mwarning\u001b[39m',
  )
})
