import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { renderHtml } from '../../../src/report/html/htmlReport.ts'
import type { Presentation } from '../../../src/report/presentation.ts'
import { edited, LIVED, upgraded } from '../../fixtures/assets.ts'
import { compared } from '../../fixtures/presentations.ts'
import { root } from '../../helpers/actionFile.ts'
import { asset } from '../../helpers/reports.ts'
import { type OpenBrowser, pictureOf, startBrowser, visit } from './browser.ts'
import { chromium, comesAlong } from './chromium.ts'

/*
 * The page in a real browser: the one of the development dependencies, or UNSYNCED_BROWSER. Pictures
 * of it are left in .cache/html.
 */
const PROGRAM = process.env['UNSYNCED_BROWSER'] ?? ''
const folder = join(root, '.cache', 'html')

const HOSTILE = [
  '</script><script>window.broken = 1</script>',
  '<img src=x onerror="window.broken = 2">',
  '<!--<script>',
  '\u202e$ {window.broken = 3}`',
  'javascript:window.broken=4',
]

const PAGES: Readonly<Record<string, readonly Presentation[]>> = {
  live: [compared(LIVED, { failOn: ['removed'] })],
  large: [compared([...edited(40), ...upgraded(1960)], { size: 2400 })],
  clean: [compared([])],
  several: [compared(LIVED), compared(edited(3), { subject: { project: 'finance' } })],
  hostile: [
    compared(
      HOSTILE.map((name, index) =>
        asset(name, {
          key: [name, `${index}`],
          model: name,
          path: name,
          modelKind: name,
          causes: [{ kind: 'macro', detail: name, file: name }],
        }),
      ),
      { subject: { project: HOSTILE[0] as string } },
    ),
  ],
}

describe.skipIf(PROGRAM === '' && !comesAlong())('the HTML report in a browser', () => {
  let browser: OpenBrowser
  let page: Page

  beforeAll(async () => {
    browser = await startBrowser(await chromium(PROGRAM))
    await mkdir(folder, { recursive: true })
    for (const [name, presentations] of Object.entries(PAGES)) {
      await writeFile(join(folder, `${name}.html`), renderHtml(presentations))
    }
  })

  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]()
  })

  beforeEach(async () => {
    page = await browser.newPage()
  })

  afterEach(async () => {
    await page.close()
  })

  const url = (name: string) => pathToFileURL(join(folder, `${name}.html`)).href

  async function open(name: string, width = 1280): Promise<void> {
    await visit(page, url(name), width)
    await writeFile(join(folder, `${name}.${width}.png`), await pictureOf(page, 'body'))
  }

  const evaluate = (expression: string) => page.evaluate(expression)
  const shown = () =>
    evaluate(`[...document.querySelectorAll('button.key')].map((one) => one.textContent)`)
  const set = (id: string, value: string) =>
    evaluate(`{
      const control = document.getElementById(${JSON.stringify(id)})
      control.value = ${JSON.stringify(value)}
      control.dispatchEvent(new Event(control.tagName === 'INPUT' ? 'input' : 'change'))
    }`)
  const count = () => evaluate(`document.getElementById('count').textContent`)

  const pages = Object.keys(PAGES).flatMap((name) => [[name, 1280] as const, [name, 390] as const])

  test.each(pages)('%s, %i pixels wide: no complaint, no request', async (name, width) => {
    const requests: string[] = []
    const complaints: unknown[] = []
    page.on('request', (request) => void requests.push(request.url()))
    page.on('console', (message) => void complaints.push(message.text()))
    page.on('pageerror', (error) => void complaints.push(error))
    await open(name, width)
    expect(complaints).toEqual([])
    expect(requests).toEqual([url(name)])
    expect(await evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    expect(await evaluate('window.broken')).toBeUndefined()
    expect(await evaluate(`document.querySelectorAll('script').length`)).toBe(2)
    expect(await evaluate(`document.querySelectorAll('img, iframe, form').length`)).toBe(0)
  })

  test('search, filters and sorting', async () => {
    await open('live')
    expect(await count()).toBe('14 of 14 assets')
    await set('search', 'staging orders')
    expect(await count()).toBe('3 of 14 assets')
    await set('search', '')
    await set('cause', 'macro')
    expect(await shown()).toEqual(['warehouse/staging/order_items', 'warehouse/staging/orders'])
    await set('status', 'new')
    expect(await shown()).toEqual([])
    await evaluate(`document.getElementById('clear').click()`)
    expect(await count()).toBe('14 of 14 assets')
    await set('kind', 'seed')
    expect(await shown()).toEqual(['warehouse/reference/countries'])
    await set('kind', '')
    await evaluate(`document.getElementById('sort-key').click()`)
    const names = (await shown()) as string[]
    expect(names).toEqual([...names].sort())
    expect(await evaluate(`document.querySelector('[aria-sort]').textContent`)).toBe('Asset')
    await evaluate(`document.getElementById('sort-key').click()`)
    expect(await shown()).toEqual([...names].sort().reverse())
  })

  test('keys alone do: search, open, and follow the lineage', async () => {
    await open('live')
    await page.keyboard.press('/')
    expect(await evaluate('document.activeElement.id')).toBe('search')
    await set('search', 'order_items')
    await evaluate(`document.querySelector('button.key').focus()`)
    await page.keyboard.press('Enter')
    expect(await evaluate(`document.querySelectorAll('tr.more').length`)).toBe(1)
    const nodes = () =>
      evaluate(
        `[...document.querySelectorAll('svg .node')].map((one) => one.getAttribute('aria-label'))`,
      )
    expect(await nodes()).toContain('warehouse/marts/product_sales, After upstream')
    await evaluate(`document.querySelector('svg .node.afterUpstream').focus()`)
    await page.keyboard.press('Enter')
    expect(await evaluate('document.activeElement.textContent')).toBe('warehouse/core/order_lines')
    expect(await evaluate(`document.querySelector('svg .here').getAttribute('aria-label')`)).toBe(
      'warehouse/core/order_lines, After upstream',
    )
  })

  test('links lead to the repository and to Dagster only', async () => {
    await open('live')
    await evaluate(`document.querySelector('button.key').click()`)
    expect(await evaluate(`[...document.querySelectorAll('a')].map((one) => one.href)`)).toEqual([
      'https://github.com/acme/data/blob/9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c/warehouse/models/core/fct%5Forders.sql',
      'https://acme.dagster.cloud/prod/assets/warehouse/core/fct%5Forders',
    ])
  })

  test('two thousand assets stay fast', async () => {
    await open('large')
    expect(await count()).toBe('2000 of 2000 assets')
    const milliseconds = await evaluate(`(() => {
      const started = performance.now()
      const search = document.getElementById('search')
      for (const text of ['m', 'mo', 'model_1', '']) {
        search.value = text
        search.dispatchEvent(new Event('input'))
        document.body.getBoundingClientRect()
      }
      return performance.now() - started
    })()`)
    process.stdout.write(
      `2,000 assets: four searches took ${Math.round(Number(milliseconds))} ms\n`,
    )
    expect(((await shown()) as unknown[]).length).toBe(200)
    await evaluate(`[...document.querySelectorAll('.end button')].at(-1).click()`)
    expect(((await shown()) as unknown[]).length).toBe(2000)
  })

  test('a picture of an open row, light and dark', async () => {
    for (const theme of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }])
      await open('live')
      await evaluate(`document.getElementById('row-6').click()`)
      await evaluate('scrollTo(0, 0)')
      await writeFile(join(folder, `open.${theme}.png`), await pictureOf(page, 'body'))
    }
  })
})
