import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { renderComment } from '../../src/report/markdown/commentBody.ts'
import { renderTier, TIERS } from '../../src/report/markdown/document.ts'
import { renderComments, renderSummaries } from '../../src/report/markdown/several.ts'
import type { Presentation } from '../../src/report/presentation.ts'
import { renderTerminal } from '../../src/report/terminal/terminal.ts'
import { COMBINED, PRESENTATIONS } from '../fixtures/presentations.ts'

/*
 * Every state in every tier, to be read in review. After a change of wording, `npm test --
 * test/report/golden.test.ts -u` writes them anew; the pull request then shows what readers will see.
 */

describe.each(Object.entries(PRESENTATIONS))('%s', (name, presentation) => {
  const documents = TIERS.map((tier) => ({ tier, document: renderTier(presentation, tier) }))
  // Two thousand rows are the same row two thousand times.
  const readable = documents.filter(({ document }) => document.length < 30_000)
  // A tier that says what the one before says needs no file of its own.
  const distinct = readable.filter(
    ({ document }, index) => document !== readable[index - 1]?.document,
  )

  test.each(distinct)('comment, $tier', async ({ tier, document }) => {
    await expect(`${document}\n`).toMatchFileSnapshot(`golden/${name}.${tier}.md`)
  })

  test('terminal', async () => {
    const text = renderTerminal(presentation, { colour: false, width: 80 })
    await expect(text).toMatchFileSnapshot(`golden/${name}.terminal.txt`)
  })

  test('the coarsest tier always fits', () => {
    expect(documents.at(-1)?.document.length).toBeLessThan(3000)
  })
})

test.each(TIERS)('several projects in one comment, %s', async (tier) => {
  const { document } = renderComments(COMBINED['several'] ?? [], { atMost: tier })
  await expect(`${document}\n`).toMatchFileSnapshot(`golden/several.${tier}.md`)
})

test('where several projects do not fit, the largest is made coarser first', () => {
  const { impact, clean, 'two-thousand': large } = PRESENTATIONS as Record<string, Presentation>
  const all = [impact, large, clean].filter((one) => one !== undefined)
  const { document, tier } = renderComments(all)
  expect(document.length).toBeLessThanOrEqual(56_000)
  expect(tier).toBe('rollup')
  expect(document).toContain(renderTier(impact as Presentation, 'full').slice(-2000))
  expect(renderSummaries(all)).toContain(renderTier(large as Presentation, 'full').slice(-2000))
})

test('a hundred projects are a table, when nothing else fits', () => {
  const many = Array.from({ length: 100 }, () => PRESENTATIONS['impact'] as Presentation)
  const { document, tier } = renderComments(many)
  expect(tier).toBe('counts')
  expect(document.length).toBeLessThanOrEqual(56_000)
  expect(document).toContain('900 assets in 100 of 100 projects will become unsynced')
})

test('the comment shows as much as fits', () => {
  const tiers = Object.entries(PRESENTATIONS).map(
    ([name, presentation]) => [name, renderComment(presentation).tier] as const,
  )
  expect(Object.fromEntries(tiers.filter(([, tier]) => tier !== 'full'))).toEqual({
    'two-thousand': 'rollup',
  })
})

test('a caller that was refused gets a coarser document', () => {
  const { impact } = PRESENTATIONS as { impact: (typeof PRESENTATIONS)[string] }
  for (const tier of TIERS) {
    const rendered = renderComment(impact, { atMost: tier })
    expect(rendered).toEqual({ tier, document: renderTier(impact, tier) })
  }
})

test('a list of them, to click through on GitHub', async () => {
  const files = readdirSync(join(import.meta.dirname, 'golden')).sort()
  const states = Map.groupBy(
    files.filter((file) => file !== 'README.md'),
    (file) => file.split('.')[0] as string,
  )
  const lines = [...states].map(([name, shown]) => {
    const links = shown.map((file) => `[${file.split('.')[1]}](${file})`)
    return `- ${name}: ${links.join(', ')}`
  })
  const text = `Every state of the report, made by \`test/report/golden.test.ts\`.\n\n${lines.join('\n')}\n`
  await expect(text).toMatchFileSnapshot('golden/README.md')
})
