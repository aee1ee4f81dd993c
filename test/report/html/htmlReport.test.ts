import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pageData, renderHtml } from '../../../src/report/html/htmlReport.ts'
import { edited, LIVED, SHOP } from '../../fixtures/assets.ts'
import { compared, PRESENTATIONS } from '../../fixtures/presentations.ts'
import { root } from '../../helpers/actionFile.ts'
import { cases, hostilePresentation } from '../hostile.ts'

const DATA = /<script type="application\/json" id="data">(.*)<\/script>\n<script type="module">/s

/** The document without its script and its style, which are ours and never change. */
function frameOf(page: string): string {
  return page
    .replace(/<style>.*?<\/style>/s, '<style></style>')
    .replace(/<script type="module">.*<\/script>\n<\/body>/s, '<script></script></body>')
}

test('whatever is in a report, no tag of it is in the page, and all of it is in the data', () => {
  const [empty] = frameOf(renderHtml([])).split('id="data">')
  const property = fc.property(
    fc.array(hostilePresentation, { minLength: 1, maxLength: 2 }),
    (presentations) => {
      const page = renderHtml(presentations)
      const frame = frameOf(page)
      expect(frame.split('id="data">')[0]).toBe(empty)
      const json = DATA.exec(page)?.[1] ?? ''
      expect(json).not.toMatch(/[<>&\u2028\u2029]/)
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(pageData(presentations))))
      expect(frame.match(/<\/?script/g)).toHaveLength(4)
    },
  )
  fc.assert(property, cases(500))
})

test('texts have nothing that hides or turns around, and addresses are ours', () => {
  const property = fc.property(hostilePresentation, (presentation) => {
    const { rows, projects } = pageData([presentation])
    expect(JSON.stringify([rows, projects])).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]|\\u00/)
    for (const { file, dagster } of rows) {
      for (const url of [file, dagster]) {
        if (url === null) continue
        expect(url).toMatch(
          /^https:\/\/(github\.com\/acme\/data|acme\.dagster\.cloud\/prod\/assets)\/[\w/.%-]*$/,
        )
      }
    }
  })
  fc.assert(property, cases(500))
})

test('the policy allows the one script and the one style, and no request', () => {
  const page = renderHtml([compared(SHOP)])
  const digest = (tag: string) => {
    const text = new RegExp(`<${tag}(?: type="module")?>(.*?)</${tag}>`, 's').exec(page)?.[1] ?? ''
    return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  }
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]
  expect(policy).toBe(
    `default-src 'none'; script-src ${digest('script')}; style-src ${digest('style')}; base-uri 'none'; form-action 'none'`,
  )
  expect(frameOf(page).split('id="data">')[0]).not.toMatch(/https?:|src=|href=|@import/)
})

test('the one script has all modules of the page, and imports none', () => {
  const script = /<script type="module">(.*?)<\/script>/s.exec(renderHtml([]))?.[1] ?? ''
  expect(() => new Script(script)).not.toThrow()
  const folder = join(root, 'src', 'report', 'html', 'browser')
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.js'))) {
    const [, first] = /^(\/\/ .*)$/m.exec(readFileSync(join(folder, file), 'utf8')) ?? []
    expect(script).toContain(first)
  }
})

test('each asset is one row, and knows its parents by their place', () => {
  const { rows } = pageData([compared(edited(3)), compared(LIVED)])
  expect(rows).toHaveLength(3 + LIVED.length)
  const place = (key: string) => rows.findIndex((row) => row.key === key)
  const follower = rows[place('warehouse/core/dim_customers')]
  expect(follower?.parents).toEqual([place('warehouse/reference/countries')])
  expect(rows[place('warehouse/core/fct_orders')]).toMatchObject({
    status: 'unsynced',
    causes: ['columns', 'query', 'dependencies'],
    now: 'last materialized 3 h ago, took 1 h 22 min',
    diff: expect.arrayContaining(['-  SUM(lines.line_total) AS order_total']),
  })
})

test('every state of the report has a page', () => {
  for (const [name, presentation] of Object.entries(PRESENTATIONS)) {
    const { projects } = pageData([presentation])
    expect(projects[0]?.sentences.length, name).toBeGreaterThan(0)
    expect(renderHtml([presentation]).length, name).toBeLessThan(2_500_000)
  }
})
