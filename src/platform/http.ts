import { getProxyUrl } from '@actions/http-client'
import { Agent, type Dispatcher, fetch, ProxyAgent, type Response } from 'undici'

/** One request, and its answer whatever the status. */
export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent as JSON; undefined = no body. */
  readonly body?: unknown
  readonly signal: AbortSignal
  /** The longest answer that is read, in bytes; default 32 MiB. */
  readonly mostBytes?: number
}

export type HttpAnswer = {
  readonly status: number
  /** By lower-case name; null if absent. */
  readonly header: (name: string) => string | null
  readonly text: string
}

/** A page of 100 comments of 65,536 characters stays below this. */
const MOST_BYTES = 32 * 1024 * 1024
const MOST_REDIRECTS = 3
const REDIRECTS = new Set([301, 302, 307, 308])

/**
 * Sends one request, through `HTTPS_PROXY` or `HTTP_PROXY` unless `NO_PROXY` has the host.
 *
 * A renamed repository answers with a redirect, which keeps its method and body and is only followed
 * within the same origin: the token goes nowhere else.
 *
 * @throws Error when there was no whole answer: no connection, too slow, cut off, too long
 */
export async function exchange(request: HttpRequest): Promise<HttpAnswer> {
  const { origin } = new URL(request.url)
  let url = request.url
  for (let hops = 0; ; hops++) {
    const response = await send({ ...request, url })
    const location = response.headers.get('location')
    if (!REDIRECTS.has(response.status) || location === null)
      return await whole(response, request.mostBytes ?? MOST_BYTES)
    await response.body?.cancel()
    const next = new URL(location, url)
    if (next.origin !== origin || hops === MOST_REDIRECTS) return redirectedAway(response.status)
    url = next.href
  }
}

async function send({ method, url, headers, body, signal }: HttpRequest): Promise<Response> {
  return await fetch(url, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? null : JSON.stringify(body),
    redirect: 'manual',
    signal,
    dispatcher: dispatcherFor(url),
  })
}

const dispatchers = new Map<string, Dispatcher>()

function dispatcherFor(url: string): Dispatcher {
  const proxy = getProxyUrl(url)
  const known = dispatchers.get(proxy)
  if (known !== undefined) return known
  const made = proxy === '' ? new Agent() : new ProxyAgent(proxy)
  dispatchers.set(proxy, made)
  return made
}

async function whole(response: Response, most: number): Promise<HttpAnswer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > most) throw new Error(`the answer is longer than ${most} bytes`)
    chunks.push(chunk)
  }
  const text = new TextDecoder().decode(Buffer.concat(chunks))
  return { status: response.status, header: (name) => response.headers.get(name), text }
}

function redirectedAway(status: number): HttpAnswer {
  const message = 'The server redirects to another address, which does not get the token.'
  return { status, header: () => null, text: JSON.stringify({ message }) }
}

/** Why there was no answer. undici's errors say `fetch failed`; what failed is their cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'it took too long'
  return error.cause instanceof Error && error.cause.message !== ''
    ? error.cause.message
    : error.message
}
