import { type Browser, launch, type Page } from 'puppeteer-core'
import type { Chromium } from './chromium.ts'

export type OpenBrowser = AsyncDisposable & Pick<Browser, 'newPage'>

/** Starts Chromium with nothing but a pipe to it, so that nobody else can talk to it. */
export async function startBrowser({ program, environment }: Chromium): Promise<OpenBrowser> {
  const browser = await launch({
    executablePath: program,
    env: environment,
    headless: 'shell',
    pipe: true,
    args: ['--no-sandbox', '--disable-gpu'],
  })
  return {
    newPage: () => browser.newPage(),
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

/**
 * Opens a page.
 *
 * @param width in CSS pixels; a phone's below 500
 * @param scale device pixels for each CSS pixel
 */
export async function visit(page: Page, url: string, width: number, scale = 1): Promise<void> {
  const isMobile = width < 500
  await page.setViewport({ width, height: 800, deviceScaleFactor: scale, isMobile })
  await page.goto(url)
}

/**
 * A picture of a part of a page, as PNG, once all of it is drawn.
 *
 * @param selector of the part, in CSS
 * @throws when the page does not get ready, or a drawing failed
 */
export async function pictureOf(page: Page, selector: string): Promise<Uint8Array> {
  await page.waitForSelector('html[data-ready="yes"]', { timeout: 60_000 })
  const failures = await page.evaluate('document.documentElement.dataset.failures')
  if (failures) throw new Error(`A drawing failed: ${failures}`)
  const part = await page.$(selector)
  if (part === null) throw new Error(`The page has no ${selector}.`)
  return await part.screenshot()
}
