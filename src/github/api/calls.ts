import type { z } from 'zod'
import { exchange, type HttpRequest, reasonOf } from '../../platform/http.ts'
import { ApiError, type Clock, pauseBefore, troubleOf } from './retry.ts'

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

/** `path` comes after the API's address, with its query. */
export type Call = {
  readonly method: HttpRequest['method']
  readonly path: string
  readonly body?: object
}

export type Answered<T> = { readonly value: T; readonly link: string | null }

/** Requests within one budget of time that starts with the first of them. */
export function caller({ token, apiUrl }: Connection, clock: Clock) {
  let deadline: number | null = null
  const left = () => {
    deadline ??= clock.now() + TOTAL_MS
    return deadline - clock.now()
  }
  const headers = {
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
    'user-agent': 'unsynced',
    authorization: `token ${token}`,
  }

  async function once<T>(
    request: Call,
    schema: z.ZodType<T>,
    most = REQUEST_MS,
  ): Promise<Answered<T>> {
    const time = Math.min(REQUEST_MS, most, left())
    if (time <= 0) throw new ApiError('refused', `GitHub took more than ${TOTAL_MS / 1000} s.`)
    const { path, ...rest } = request
    const url = `${apiUrl.replace(/\/+$/, '')}${path}`
    const answer = await exchange({ ...rest, url, headers, signal: clock.limit(time) }).catch(
      (cause) => {
        throw new ApiError('unclear', `No answer from GitHub: ${reasonOf(cause)}`, { cause })
      },
    )
    if (answer.status < 200 || answer.status > 299) throw troubleOf(answer)
    const parsed = schema.safeParse(answer.text === '' ? null : parseJson(answer.text))
    if (parsed.success) return { value: parsed.data, link: answer.header('link') }
    const { status } = answer
    throw new ApiError('unclear', 'The answer is not what GitHub documents.', { status })
  }

  async function pause(error: unknown, attempt: number, most = left()): Promise<void> {
    const again =
      error instanceof ApiError && (error.trouble === 'unclear' || error.trouble === 'later')
    if (!again || attempt >= TRIES) throw error
    const wait = pauseBefore(error, attempt, clock.random)
    if (wait >= Math.min(most, left())) throw error
    await clock.sleep(wait)
  }

  async function repeated<T>(
    request: Call,
    schema: z.ZodType<T>,
    within = TOTAL_MS,
  ): Promise<Answered<T>> {
    const end = clock.now() + within
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(request, schema, end - clock.now())
      } catch (error) {
        await pause(error, attempt, end - clock.now())
      }
    }
  }

  return { once, repeated, pause }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A page of HTML, or half an answer; no schema takes `undefined`.
    return undefined
  }
}
