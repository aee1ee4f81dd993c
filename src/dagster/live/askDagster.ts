import type { z } from 'zod'
import { boundedFetch, reasonOf } from '../../platform/http.ts'
import type { DagsterServer } from './dagsterServer.ts'
import { tokenHeaders } from './dagsterServer.ts'
import { type Lacking, lackingFields } from './graphqlFields.ts'
import { envelope } from './liveAnswers.ts'

/** Why a question has no answer, in words for the report. */
export class Unanswered extends Error {
  readonly advice: string
  /** Whether another try can help. */
  readonly again: boolean

  /**
   * @param message what came back
   * @param advice what to do, one sentence
   */
  constructor(message: string, advice: string, options: ErrorOptions & { again?: boolean } = {}) {
    super(message, { cause: options.cause })
    this.name = 'Unanswered'
    this.advice = advice
    this.again = options.again ?? false
  }
}

/** How long a run asks, in milliseconds, and from when on. */
export type Budget = { readonly started: number; readonly totalMs: number }

const HEADERS = {
  accept: 'application/json',
  'content-type': 'application/json',
  'user-agent': 'unsynced',
}
const REQUEST_MS = 10_000
const PAUSE_MS = 500
/** 100 assets take about 100 KB. */
const MOST_BYTES = 4 * 1024 * 1024
/** More fields than are ever asked for. */
const MOST_LACKING = 40

/** Asks one server until the budget is used up, and remembers which fields it lacks. */
export type Asker = <T>(
  write: (lacking: Lacking) => string,
  variables: Readonly<Record<string, unknown>>,
  schema: z.ZodType<T>,
) => Promise<T>

/**
 * Questions to one server. Each is tried once more where that can help: after no answer, a server's
 * error, or too many requests. A field that the server lacks is left out from then on.
 *
 * @returns a function that throws Unanswered
 */
export function askerOf(server: DagsterServer, budget: Budget): Asker {
  const lacking = new Set<string>()
  const left = () => budget.totalMs - (performance.now() - budget.started)

  async function once(query: string, variables: object): Promise<unknown> {
    const time = Math.min(REQUEST_MS, left())
    if (time <= 0) throw outOfTime(budget)
    const request = {
      method: 'POST',
      headers: { ...HEADERS, ...tokenHeaders(server) },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(Math.ceil(time)),
    }
    const answer = await boundedFetch(`${server.url}/graphql`, request, MOST_BYTES).catch(
      (cause) => {
        throw left() <= 0 ? outOfTime(budget) : noAnswer(reasonOf(cause), cause)
      },
    )
    return dataOf(answer.status, await answer.text(), lacking)
  }

  /** @returns null when it is to be asked again without what the server turned out to lack */
  async function attempt(query: string, variables: object): Promise<{ data: unknown } | null> {
    const before = lacking.size
    try {
      return { data: await repeated(() => once(query, variables)) }
    } catch (error) {
      if (lacking.size > before && lacking.size < MOST_LACKING) return null
      throw error instanceof Unanswered ? scrubbed(error, server) : error
    }
  }

  async function repeated<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const again = error instanceof Unanswered && error.again && left() > PAUSE_MS
      if (!again) throw error
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      return await work()
    }
  }

  return async (write, variables, schema) => {
    let answer = await attempt(write(lacking), variables)
    while (answer === null) answer = await attempt(write(lacking), variables)
    const parsed = schema.safeParse(answer.data)
    if (parsed.success) return parsed.data
    throw new Unanswered('an answer of another shape than expected', REPORT_IT)
  }
}

const CHECK_URL =
  'Check that the input `dagster-url` is the address under which a browser shows Dagster, with its path, and that this job can reach it.'
const CHECK_TOKEN =
  'Check the input `dagster-token`; pull requests from forks and from Dependabot get no secrets.'
const REPORT_IT = 'This version of Dagster may be too old or too new; the check itself needs none.'
const TRY_AGAIN = 'Look at Dagster, or run the job again.'

function noAnswer(why: string, cause?: unknown): Unanswered {
  return new Unanswered(`no answer (${why})`, CHECK_URL, { again: true, cause })
}

function outOfTime({ totalMs }: Budget): Unanswered {
  return new Unanswered(`no whole answer within ${Math.round(totalMs / 1000)} s`, TRY_AGAIN)
}

/** @throws Unanswered, after adding to `lacking` what the server says it lacks */
function dataOf(status: number, text: string, lacking: Set<string>): unknown {
  if (status >= 300 && status < 400) {
    throw new Unanswered(`HTTP ${status}, a redirect to another address, not followed`, CHECK_URL)
  }
  if (status === 401 || status === 403) throw new Unanswered(`HTTP ${status}`, CHECK_TOKEN)
  if (status === 429) throw noAnswer('HTTP 429, too many requests')
  const parsed = envelope.safeParse(parseJson(text))
  const messages = (parsed.data?.errors ?? []).map(({ message }) => message)
  for (const field of lackingFields(messages)) lacking.add(field)
  // An answer with errors may still have data; what is null in it is not known.
  const data = parsed.data?.data
  if (data !== null && data !== undefined) return data
  const [first] = messages
  if (first !== undefined) {
    throw new Unanswered(`HTTP ${status}: ${first.slice(0, 200)}`, REPORT_IT)
  }
  if (status >= 500) throw noAnswer(`HTTP ${status}`)
  throw new Unanswered(`HTTP ${status} with something else than GraphQL`, CHECK_URL)
}

/** A server may repeat what it was sent. */
function scrubbed(error: Unanswered, { token }: DagsterServer): Unanswered {
  if (token === null || !error.message.includes(token)) return error
  return new Unanswered(error.message.replaceAll(token, '***'), error.advice, {
    cause: error.cause,
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
