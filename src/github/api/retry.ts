/** Time, as the client needs it. Tests lend one that does not pass by itself. */
export type Clock = {
  /** Milliseconds that never go back, so that a wrong wall clock lengthens no wait. */
  readonly now: () => number
  readonly sleep: (milliseconds: number) => Promise<void>
  /** In [0, 1). */
  readonly random: () => number
  /** Aborts after so many milliseconds. */
  readonly limit: (milliseconds: number) => AbortSignal
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  random: Math.random,
  limit: (milliseconds) => AbortSignal.timeout(Math.max(1, Math.ceil(milliseconds))),
}

/**
 * What a request without its answer means for what to do next.
 *
 * - `refused`: understood and declined; asking again changes nothing
 * - `gone`: no such thing, or not for this token
 * - `too-long`: the text is over the server's limit
 * - `later`: too many requests for now
 * - `unclear`: no usable answer, so a write may or may not have happened
 */
export type RequestTrouble = 'refused' | 'gone' | 'too-long' | 'later' | 'unclear'

/** A request to GitHub that did not end with the answer that was asked for. */
export class ApiError extends Error {
  readonly trouble: RequestTrouble
  /** null when there was no answer. */
  readonly status: number | null
  /** How long the server asks to wait, in milliseconds; null when it does not say. */
  readonly wait: number | null

  constructor(
    trouble: RequestTrouble,
    message: string,
    options: { status?: number; wait?: number | null; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'ApiError'
    this.trouble = trouble
    this.status = options.status ?? null
    this.wait = options.wait ?? null
  }
}

/** When GitHub sets a secondary limit without saying for how long, it asks for at least a minute. */
const UNTOLD_WAIT_MS = 60_000

/** An answer, as Octokit has it. */
export type ApiAnswer = {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | number | undefined>>
  readonly data: unknown
}

/** What an answer that is no success means. */
export function troubleOf(answer: ApiAnswer): ApiError {
  const { status } = answer
  const message = messageOf(answer)
  if (isRateLimit(answer, message)) {
    return new ApiError('later', message, { status, wait: askedWait(answer) ?? UNTOLD_WAIT_MS })
  }
  if (status === 404 || status === 410) return new ApiError('gone', message, { status })
  if (status === 422 && /too long|maximum/i.test(message)) {
    return new ApiError('too-long', message, { status })
  }
  if (status === 408 || status >= 500) {
    return new ApiError('unclear', message, { status, wait: askedWait(answer) })
  }
  return new ApiError('refused', message, { status })
}

/**
 * Milliseconds before the next try: what the server asks for, else longer each time. Never the same
 * for two runs that failed together.
 *
 * @param attempt 1 for the first failure
 */
export function pauseBefore(error: ApiError, attempt: number, random: () => number): number {
  const own = 1000 * 2 ** (attempt - 1) * (0.5 + random())
  return error.wait === null ? own : error.wait + 1000 * random()
}

/** GitHub answers 403 as well as 429, and tells limits from missing permissions by these signs. */
function isRateLimit({ status, headers }: ApiAnswer, message: string): boolean {
  if (status === 429) return true
  if (status !== 403) return false
  return (
    headers['retry-after'] !== undefined ||
    headers['x-ratelimit-remaining'] === '0' ||
    /secondary rate limit|abuse detection|rate limit exceeded/i.test(message)
  )
}

function askedWait({ headers }: ApiAnswer): number | null {
  const header = (name: string) => String(headers[name] ?? '')
  // Times are compared with the server's own clock: this machine's may be a day off.
  const serverNow = Date.parse(header('date')) || Date.now()
  const after = header('retry-after')
  if (after !== '') {
    if (/^\d{1,9}$/.test(after)) return Number(after) * 1000
    const until = /[a-z]/i.test(after) ? Date.parse(after) : Number.NaN
    return Number.isNaN(until) ? null : Math.max(0, until - serverNow)
  }
  const reset = header('x-ratelimit-reset')
  if (header('x-ratelimit-remaining') === '0' && /^\d{1,12}$/.test(reset)) {
    return Math.max(0, Number(reset) * 1000 - serverNow)
  }
  return null
}

/** What the server says, in one short line; an outage's page says nothing. */
function messageOf({ status, data }: ApiAnswer): string {
  const { message, errors } = Object(data) as { message?: unknown; errors?: unknown }
  const details = Array.isArray(errors) ? errors.map((error) => error?.message ?? error) : []
  const said = [message, ...details].filter((part) => typeof part === 'string' && part !== '')
  return said.length === 0 ? `HTTP ${status}` : said.join(': ').slice(0, 300)
}
