import type { ServerResponse } from 'node:http'
import type { Reply, Request } from './githubApi.ts'

/** What a client asks the API for. */
export const SITES = [
  'list',
  'pull',
  'events',
  'create',
  'update',
  'remove',
  'user',
  'pulls',
  'commit',
  'compare',
] as const

export type Site = (typeof SITES)[number]

/** How an answer goes wrong on its way; or another answer. */
export type Mishap =
  | Reply
  /** The connection is closed without a word. */
  | 'reset'
  /** Nothing comes, ever. */
  | 'hang'
  /** Half of the true answer, then nothing, ever. */
  | 'stall'
  /** Half of the true answer, then the connection is closed. */
  | 'cut'
  /** Half of the true answer, as if it were all. */
  | 'truncated'
  /** The true answer, which is said to be longer than it is. */
  | 'wrong-length'

/** One entry of a fault plan. */
export type Fault = {
  readonly at: Site
  /** Which of the requests to this site, from 1; every one if absent. */
  readonly nth?: readonly number[]
  /** Whether GitHub does what was asked: no, yes, or only when the test lets time pass. */
  readonly effect?: 'none' | 'done' | 'late'
  readonly show: Mishap
}

/** Which call a request is; null for what no client of ours asks. */
export function siteOf({ method, path }: Pick<Request, 'method' | 'path'>): Site | null {
  if (path === '/user') return 'user'
  if (/\/issues\/\d+\/comments$/.test(path)) return method === 'POST' ? 'create' : 'list'
  if (/\/issues\/comments\/\d+$/.test(path)) return method === 'DELETE' ? 'remove' : 'update'
  if (/\/issues\/\d+\/events$/.test(path)) return 'events'
  if (/\/pulls\/\d+$/.test(path)) return 'pull'
  if (/\/pulls$/.test(path)) return 'pulls'
  if (/\/compare\/[^/]+$/.test(path)) return 'compare'
  return /\/commits\/[^/]+$/.test(path) ? 'commit' : null
}

/** Follows a plan: gives the fault of each request in turn. */
export function faultPlan(faults: readonly Fault[]): (request: Request) => Fault | null {
  const counts = new Map<Site, number>()
  return (request) => {
    const site = siteOf(request)
    if (site === null) return null
    const count = (counts.get(site) ?? 0) + 1
    counts.set(site, count)
    return faults.find(({ at, nth }) => at === site && (nth?.includes(count) ?? true)) ?? null
  }
}

/** What becomes of one request: its answer, how that goes wrong, and what only happens later. */
export function withFault(
  fault: Fault | null,
  act: () => Reply,
): { reply: Reply; mishap: Exclude<Mishap, Reply> | null; later: (() => Reply) | null } {
  if (fault === null) return { reply: act(), mishap: null, later: null }
  const { effect = 'none', show } = fault
  const later = effect === 'late' ? act : null
  // Half of a true answer is only to be had of what was done.
  const partial = typeof show === 'string' && show !== 'reset' && show !== 'hang'
  const truth = effect === 'done' || (partial && later === null) ? act() : { status: 0 }
  return typeof show === 'string'
    ? { reply: truth, mishap: show, later }
    : { reply: show, mishap: null, later }
}

/**
 * Sends an answer, with its mishap.
 *
 * @param onSilence called when the client is left waiting for ever
 */
export function send(
  response: ServerResponse,
  reply: Reply,
  mishap: Exclude<Mishap, Reply> | null,
  headers: Readonly<Record<string, string>>,
  onSilence: () => void,
): void {
  const { status, body = '' } = reply
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const bytes = Buffer.from(text)
  const half = bytes.subarray(0, Math.floor(bytes.length / 2))
  const all = { 'content-type': 'application/json; charset=utf-8', ...headers, ...reply.headers }
  const begin = (length: number | null, part: Buffer, then: () => void) => {
    response.writeHead(status, length === null ? all : { ...all, 'content-length': length })
    response.flushHeaders()
    response.write(part.length > 0 ? part : ' ', then)
  }
  switch (mishap) {
    case null:
      response.writeHead(status, all).end(text)
      return
    case 'reset':
      response.destroy()
      return
    case 'hang':
      onSilence()
      return
    case 'stall':
      begin(null, half, onSilence)
      return
    case 'cut':
      begin(null, half, () => response.destroy())
      return
    case 'truncated':
      response.writeHead(status, all).end(half)
      return
    case 'wrong-length':
      begin(bytes.length + 50, bytes, () => response.destroy())
      return
  }
}
