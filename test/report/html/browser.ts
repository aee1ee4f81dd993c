import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import type { Chromium } from './chromium.ts'

/** What to take a picture of. Sizes in CSS pixels. */
export type Shot = {
  readonly url: string
  readonly width: number
  /** Device pixels for each CSS pixel. */
  readonly scale: number
  /** The part of the page, as a CSS selector. */
  readonly selector: string
}

export type Browser = AsyncDisposable & {
  /** PNG bytes. @throws when the page does not get ready, or a drawing fails */
  readonly shoot: (shot: Shot) => Promise<Buffer>
  /** What an expression comes to in the page that was shot last, as JSON tells it. @throws when it throws */
  readonly evaluate: (expression: string) => Promise<unknown>
  /** A picture of the page as it is now. */
  readonly again: (selector: string) => Promise<Buffer>
  /** What the page is told that its reader prefers. */
  readonly emulate: (scheme: 'light' | 'dark') => Promise<void>
  /** Presses a key, as `Enter` or `/`. */
  readonly press: (key: string) => Promise<void>
  /** Addresses that pages asked for, and what they complained about, so far. */
  readonly seen: { readonly requests: string[]; readonly complaints: string[] }
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--no-first-run',
  '--hide-scrollbars',
  '--remote-debugging-pipe',
]

/**
 * Starts Chromium with nothing but a pipe to it, so that nobody else can talk to it.
 *
 * @throws Error when the program does not start
 */
export async function startBrowser({ program, environment }: Chromium): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'unsynced-browser-'))
  const child = spawn(program, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
    env: environment,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (cause) => {
      rmSync(profile, { recursive: true, force: true })
      reject(new Error(`${program} did not start: ${cause.message}`, { cause }))
    })
  })
  const seen: Browser['seen'] = { requests: [], complaints: [] }
  const send = protocol(child.stdio[3] as Writable, child.stdio[4] as Readable, (event) =>
    note(event, seen),
  )
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true })
  const page = (method: string, params: object = {}) => send(method, params, String(sessionId))
  for (const domain of ['Network', 'Runtime', 'Log']) await page(`${domain}.enable`)
  return {
    seen,
    async evaluate(expression) {
      const options = { expression, returnByValue: true, awaitPromise: true }
      const { result, exceptionDetails } = await page('Runtime.evaluate', options)
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails))
      return (result as { value?: unknown }).value
    },
    async press(key) {
      const text = key.length === 1 ? key : key === 'Enter' ? '\r' : ''
      await page('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', key, text })
      await page('Input.dispatchKeyEvent', { type: 'keyUp', key })
    },
    async shoot({ url, width, scale, selector }) {
      const metrics = { width, height: 800, deviceScaleFactor: scale, mobile: width < 500 }
      await page('Emulation.setDeviceMetricsOverride', metrics)
      await page('Page.navigate', { url })
      return await capture(page, selector)
    },
    again: (selector) => capture(page, selector),
    async emulate(scheme) {
      const features = [{ name: 'prefers-color-scheme', value: scheme }]
      await page('Emulation.setEmulatedMedia', { features })
    },
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('close', resolve))
      send('Browser.close').catch(() => {})
      await ended
      rmSync(profile, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

async function capture(
  page: (method: string, params?: object) => Promise<Answer>,
  selector: string,
): Promise<Buffer> {
  const clip = { ...(await untilReady(page, selector)), scale: 1 }
  const options = { format: 'png', captureBeyondViewport: true, clip }
  const { data } = await page('Page.captureScreenshot', options)
  return Buffer.from(String(data), 'base64')
}

type Event = { readonly method?: string; readonly params?: Record<string, unknown> }

/** Keeps what a page asked for, and what went wrong in it. */
function note({ method, params = {} }: Event, { requests, complaints }: Browser['seen']): void {
  switch (method) {
    case 'Network.requestWillBeSent':
      requests.push((params['request'] as { url: string }).url)
      return
    case 'Runtime.exceptionThrown':
    case 'Runtime.consoleAPICalled':
    case 'Log.entryAdded':
      complaints.push(JSON.stringify(params))
  }
}

type Answer = Readonly<Record<string, unknown>>
type Send = (method: string, params?: object, sessionId?: string) => Promise<Answer>

/** Chrome DevTools Protocol over a pipe: JSON documents, each ended by a NUL. */
function protocol(output: Writable, input: Readable, onEvent: (event: Event) => void): Send {
  const waiting = new Map<
    number,
    { done: (answer: Answer) => void; failed: (why: Error) => void }
  >()
  let received = ''
  let last = 0
  input.setEncoding('utf8').on('data', (text: string) => {
    received += text
    const messages = received.split('\0')
    received = messages.pop() ?? ''
    for (const message of messages) {
      const { id, result, error, ...event } = JSON.parse(message)
      if (id === undefined) onEvent(event)
      const asked = waiting.get(id)
      waiting.delete(id)
      if (error) asked?.failed(new Error(error.message))
      else asked?.done(result)
    }
  })
  return (method, params = {}, sessionId) =>
    new Promise((done, failed) => {
      last += 1
      waiting.set(last, { done, failed })
      output.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`)
    })
}

const TIMEOUT_MS = 60_000

/** Where the element is, once the page has drawn everything. */
async function untilReady(
  page: (method: string, params?: object) => Promise<Answer>,
  selector: string,
): Promise<{ x: number; y: number; width: number; height: number }> {
  const expression = `(() => {
    const { ready, failures } = document.documentElement.dataset
    const found = document.querySelector(${JSON.stringify(selector)})
    if (ready !== 'yes' || !found) return null
    const { x, y, width, height } = found.getBoundingClientRect()
    return { failures, box: { x: x + scrollX, y: y + scrollY, width, height } }
  })()`
  const started = performance.now()
  while (performance.now() - started < TIMEOUT_MS) {
    const { result } = await page('Runtime.evaluate', { expression, returnByValue: true })
    const value = (result as { value?: { failures?: string; box: never } | null }).value
    if (value) {
      if (value.failures) throw new Error(`A drawing failed: ${value.failures}`)
      return value.box
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`The page did not get ready within ${TIMEOUT_MS / 1000} s`)
}
