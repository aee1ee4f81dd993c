import { getProxyUrl } from '@actions/http-client'
import { Agent, type Dispatcher, fetch, ProxyAgent, type RequestInit, Response } from 'undici'

/** A page of 100 comments of 65,536 characters stays below this. */
const MOST_BYTES = 32 * 1024 * 1024
const MOST_REDIRECTS = 3
const REDIRECTS = new Set([301, 302, 307, 308])

/**
 * `fetch` with bounds, through `HTTPS_PROXY` or `HTTP_PROXY` unless `NO_PROXY` has the host. The answer is
 * there as a whole, whatever its status.
 *
 * A renamed repository answers with a redirect, which keeps its method and body and is only followed
 * within the same origin: the token goes nowhere else.
 *
 * @throws Error when there was no whole answer: no connection, too slow, cut off, too long
 */
export async function boundedFetch(
  url: string,
  init: RequestInit & { readonly signal: AbortSignal },
  mostBytes = MOST_BYTES,
): Promise<Response> {
  const { origin } = new URL(url)
  let address = url
  for (let hops = 0; ; hops++) {
    const dispatcher = dispatcherFor(address)
    const response = await fetch(address, { ...init, redirect: 'manual', dispatcher })
    const location = response.headers.get('location')
    if (!REDIRECTS.has(response.status) || location === null)
      return await whole(response, mostBytes)
    await response.body?.cancel()
    const next = new URL(location, address)
    if (next.origin !== origin || hops === MOST_REDIRECTS) return redirectedAway(response.status)
    address = next.href
  }
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

async function whole({ body, status, headers }: Response, most: number): Promise<Response> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    if (bytes > most) throw new Error(`the answer is longer than ${most} bytes`)
    chunks.push(chunk)
  }
  return new Response(bytes === 0 ? null : Buffer.concat(chunks), { status, headers })
}

function redirectedAway(status: number): Response {
  const message = 'The server redirects to another address, which does not get the token.'
  return Response.json({ message }, { status })
}

/** Why there was no answer. undici's errors say `fetch failed`; what failed is their cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'it took too long'
  return error.cause instanceof Error && error.cause.message !== ''
    ? error.cause.message
    : error.message
}
