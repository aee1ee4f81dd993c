import type { getOctokit } from '@actions/github'
import type { z } from 'zod'
import { boundedFetch, reasonOf } from '../../platform/http.ts'
import { type ApiAnswer, ApiError, type Clock, pauseBefore, troubleOf } from './retry.ts'

/** Where to ask, and for which repository. */
export type Connection = {
  readonly token: string
  readonly apiUrl: string
  readonly repository: { readonly owner: string; readonly name: string }
}

/** All of a run's requests together take no longer, whatever happens. */
const TOTAL_MS = 120_000
const REQUEST_MS = 30_000
const TRIES = 5
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

type Octokit = ReturnType<typeof getOctokit>

/** @param within milliseconds after which a request is not repeated any more */
type Terms = {
  readonly accept: (data: unknown, status: number) => unknown
  readonly within: number
}

type Answered<T> = { readonly data: T; readonly headers: { readonly link?: string | undefined } }

/**
 * GitHub's documented requests, within one budget of time that starts with the first of them. Reads and
 * removals are repeated while that is of use. A POST or PATCH never is: one without an answer may have
 * happened.
 */
export function octokitFor({ token, apiUrl }: Connection, clock: Clock) {
  let deadline: number | null = null
  const left = () => {
    deadline ??= clock.now() + TOTAL_MS
    return deadline - clock.now()
  }
  let opened: Promise<Octokit> | null = null

  /** Its package parses the event's file when it is imported; whoever asks GitHub has read that already. */
  async function open(): Promise<Octokit> {
    const github = await import(/* webpackMode: "eager" */ '@actions/github')
    const octokit = github.getOctokit(token, {
      baseUrl: apiUrl.replace(/\/+$/, ''),
      userAgent: 'unsynced',
      log: SILENT,
      request: { fetch: boundedFetch, log: SILENT },
    })

    octokit.hook.wrap('request', async (send, options) => {
      const { accept, within } = options.request as Terms
      const mayRepeat = options.method === 'GET' || options.method === 'DELETE'
      options.headers['x-github-api-version'] = '2022-11-28'
      return await repeated(mayRepeat, within, async (signal) => {
        options.request.signal = signal
        const answer = await send(options)
        // A redirect that was not followed; Octokit takes it for a success.
        if (answer.status > 299) throw troubleOf(answer)
        return { ...answer, data: accept(answer.data, answer.status) }
      })
    })
    return octokit
  }

  async function repeated<T>(
    mayRepeat: boolean,
    within: number,
    send: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const end = clock.now() + within
    for (let attempt = 1; ; attempt++) {
      try {
        return await send(clock.limit(timeUntil(end)))
      } catch (error) {
        const trouble = troubleIn(error)
        if (!mayRepeat) throw trouble
        await pause(trouble, attempt, end - clock.now())
      }
    }
  }

  function timeUntil(end: number): number {
    const time = Math.min(REQUEST_MS, end - clock.now(), left())
    if (time > 0) return time
    throw new ApiError('refused', `GitHub took more than ${TOTAL_MS / 1000} s.`)
  }

  async function pause(error: unknown, attempt: number, most = left()): Promise<void> {
    const again =
      error instanceof ApiError && (error.trouble === 'unclear' || error.trouble === 'later')
    if (!again || attempt >= TRIES) throw error
    const wait = pauseBefore(error, attempt, clock.random)
    if (wait >= Math.min(most, left())) throw error
    await clock.sleep(wait)
  }

  /**
   * Asks, and gives what the schema makes of the answer. The compiler holds each schema to accept all that
   * GitHub documents; an answer that it does not accept is unclear.
   */
  async function ask<T, Documented, Parameters extends object | undefined>(
    schema: z.ZodType<T, Documented>,
    endpoint: (
      rest: Octokit['rest'],
    ) => (parameters: Parameters) => Promise<Answered<NoInfer<Documented>>>,
    parameters: NoInfer<Parameters>,
    within = TOTAL_MS,
  ): Promise<Answered<T>> {
    const accept: Terms['accept'] = (data, status) => {
      const parsed = schema.safeParse(data)
      if (parsed.success) return parsed.data
      throw new ApiError('unclear', 'The answer is not what GitHub documents.', { status })
    }
    const request: Terms = { accept, within }
    opened ??= open()
    const { rest } = await opened
    // The hook has put what `accept` makes of the data in their place.
    return (await endpoint(rest)({ ...parameters, request })) as Answered<unknown> as Answered<T>
  }

  return { ask, pause }
}

/** Octokit throws an error with the answer for what is no success, and without one where none came. */
function troubleIn(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  const { response, cause = error } = error as { response?: ApiAnswer; cause?: unknown }
  if (response !== undefined) return troubleOf(response)
  return new ApiError('unclear', `No answer from GitHub: ${reasonOf(cause)}`, { cause })
}
