import { z } from 'zod'
import { exchange, type HttpRequest } from './http.ts'
import { ApiError, type Clock, pauseBefore, systemClock, troubleOf } from './retry.ts'

/** Talks to GitHub over REST, which every forge of its kind has. */
export type GitHub = {
  /** All comments of an issue or pull request, oldest first. */
  readonly listComments: (issue: number) => Promise<Listed>
  readonly createComment: (issue: number, body: string) => Promise<Comment>
  /** The comment as it is now; null from servers that do not say. */
  readonly updateComment: (id: number, body: string) => Promise<Comment | null>
  /** Also when there was none. */
  readonly removeComment: (id: number) => Promise<void>
  /** Login of the token's user; null for tokens that are no user, such as the workflow's own. */
  readonly login: () => Promise<string | null>
  readonly pull: (number: number) => Promise<Pull>
  /** Open pull requests from one branch, `owner:branch`. */
  readonly openPulls: (head: string) => Promise<readonly Pull[]>
  /** When labels came and went, oldest first; at least the latest hundred times. */
  readonly labelEvents: (issue: number) => Promise<readonly LabelEvent[]>
  /** Whether a commit has what another has not; null where the server does not tell. */
  readonly isNewer: (commit: string, than: string) => Promise<boolean | null>
  /** SHAs of a commit's parents. */
  readonly parents: (commit: string) => Promise<readonly string[]>
  /**
   * Waits before a write is repeated.
   *
   * @param attempt 1 after the first failure
   * @throws the error, when waiting is of no use or time is up
   */
  readonly pause: (error: unknown, attempt: number) => Promise<void>
  /** Waits so many milliseconds, for what a server shows a little late. */
  readonly sleep: Clock['sleep']
}

/** One comment of a pull request, as far as we need it. */
export type Comment = {
  readonly id: number
  readonly author: string
  readonly body: string
  readonly url: string
  /** ISO 8601; null where the server does not say. */
  readonly updatedAt: string | null
  /** Hidden by somebody behind "This comment was marked as …". */
  readonly minimized: boolean
}

/** @param whole false if comments may have moved between pages while they were read */
export type Listed = { readonly comments: readonly Comment[]; readonly whole: boolean }

/** A pull request as it is now; null where the server does not say. */
export type Pull = {
  readonly number: number
  readonly open: boolean
  readonly body: string
  readonly labels: readonly string[]
  readonly head: { readonly sha: string; readonly repository: number | null } | null
}

export type LabelEvent = {
  readonly id: number
  readonly action: 'labeled' | 'unlabeled'
  readonly label: string
  readonly by: string
  readonly at: string
}

export type Connection = {
  readonly token: string
  readonly apiUrl: string
  readonly repository: { readonly owner: string; readonly name: string }
}

/** All of a run's requests together take no longer, whatever happens. */
const TOTAL_MS = 120_000
const REQUEST_MS = 30_000
/** What a run can do without is not asked for again after so long, so that time is left for the rest. */
const EXTRA_MS = 65_000
const TRIES = 5
const PER_PAGE = 100
/** A pull request may hold 2,500 comments; a server that repeats pages must not keep us for ever. */
const MOST_PAGES = 100

/**
 * A client whose reads are repeated while that is of use, and whose writes never are: whether a
 * write happened has to be looked up first (`postComment`). Every method throws ApiError.
 */
export function connect(connection: Connection, clock: Clock = systemClock): GitHub {
  const { owner, name } = connection.repository
  const repository = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`
  const call = caller(connection, clock)
  const get = async <T>(path: string, schema: z.ZodType<T>, within?: number) =>
    (await call.repeated({ method: 'GET', path }, schema, within)).value

  return {
    listComments: async (issue) => {
      const found = new Map<number, Comment>()
      for (let page = 1; page <= MOST_PAGES; page++) {
        const path = `${repository}/issues/${issue}/comments?per_page=${PER_PAGE}&page=${page}`
        const comments = await get(path, z.array(comment))
        const before = found.size
        for (const one of comments) found.set(one.id, one)
        // Fewer than a page is the end; nothing new means that the server ignores `page`.
        if (comments.length < PER_PAGE || found.size === before) {
          return { comments: byId([...found.values()]), whole: page === 1 }
        }
      }
      return { comments: byId([...found.values()]), whole: false }
    },
    createComment: async (issue, body) => {
      const path = `${repository}/issues/${issue}/comments`
      return (await call.once({ method: 'POST', path, body: { body } }, comment)).value
    },
    updateComment: async (id, body) => {
      const path = `${repository}/issues/comments/${id}`
      return (await call.once({ method: 'PATCH', path, body: { body } }, orNothing(comment))).value
    },
    removeComment: async (id) => {
      const path = `${repository}/issues/comments/${id}`
      try {
        await call.repeated({ method: 'DELETE', path }, z.null())
      } catch (error) {
        if (!(error instanceof ApiError && error.trouble === 'gone')) throw error
      }
    },
    login: async () => {
      try {
        return (await get('/user', z.object({ login: z.string().min(1) }))).login
      } catch (error) {
        // The workflow's token is an app's installation, and those have no user.
        if (error instanceof ApiError && error.status === 403) return null
        throw error
      }
    },
    pull: (number) => get(`${repository}/pulls/${number}`, pull, EXTRA_MS),
    openPulls: (head) => {
      const query = `state=open&per_page=${PER_PAGE}&head=${encodeURIComponent(head)}`
      return get(`${repository}/pulls?${query}`, z.array(pull))
    },
    labelEvents: async (issue) => {
      const path = (page: number) =>
        `${repository}/issues/${issue}/events?per_page=${PER_PAGE}&page=${page}`
      const schema = z.array(issueEvent)
      const first = await call.repeated({ method: 'GET', path: path(1) }, schema, EXTRA_MS)
      const last = lastPage(first.link)
      if (last === 1) return labelEventsOf(first.value)
      const previous = last === 2 ? first.value : await get(path(last - 1), schema)
      return labelEventsOf([...previous, ...(await get(path(last), schema))])
    },
    isNewer: async (commit, than) => {
      const path = `${repository}/compare/${than}...${commit}?per_page=1`
      try {
        const { status } = await get(path, z.object({ status: z.string() }), EXTRA_MS)
        // After a force-push neither has all of the other's.
        return status === 'ahead' || status === 'diverged'
      } catch (error) {
        if (error instanceof ApiError) return null
        throw error
      }
    },
    parents: async (commit) => {
      const path = `${repository}/commits/${encodeURIComponent(commit)}`
      const schema = z.object({ sha, parents: z.array(z.object({ sha })) })
      const found = await get(path, schema)
      if (found.sha !== commit) throw new ApiError('gone', `There is no commit ${commit}.`)
      return found.parents.map((parent) => parent.sha)
    },
    pause: (error, attempt) => call.pause(error, attempt),
    sleep: clock.sleep,
  }
}

type Call = {
  readonly method: HttpRequest['method']
  readonly path: string
  readonly body?: object
}
type Answered<T> = { readonly value: T; readonly link: string | null }

/** Requests within one budget of time that starts with the first of them. */
function caller({ token, apiUrl }: Connection, clock: Clock) {
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

const sha = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/)

const comment = z
  .object({
    id: z.int().positive(),
    body: z.string().nullish(),
    html_url: z.string(),
    user: z.object({ login: z.string() }).nullish(),
    updated_at: z.string().nullish(),
    minimized: z.unknown().optional(),
  })
  .transform(
    (data): Comment => ({
      id: data.id,
      author: data.user?.login ?? '',
      body: data.body ?? '',
      url: data.html_url,
      updatedAt: data.updated_at ?? null,
      minimized: data.minimized !== null && data.minimized !== undefined,
    }),
  )

/** Gitea answers an edit with 204 and nothing. */
const orNothing = <T>(schema: z.ZodType<T>) => z.union([schema, z.null()])

const pull = z
  .object({
    number: z.int().positive(),
    state: z.string().nullish(),
    body: z.string().nullish(),
    labels: z.array(z.object({ name: z.string() })).nullish(),
    head: z.object({ sha, repo: z.object({ id: z.int() }).nullish() }).nullish(),
  })
  .transform(
    (data): Pull => ({
      number: data.number,
      open: (data.state ?? 'open') === 'open',
      body: data.body ?? '',
      labels: (data.labels ?? []).map((label) => label.name),
      head: data.head ? { sha: data.head.sha, repository: data.head.repo?.id ?? null } : null,
    }),
  )

const issueEvent = z.object({
  id: z.int(),
  event: z.string(),
  actor: z.object({ login: z.string() }).nullish(),
  created_at: z.string(),
  label: z.object({ name: z.string() }).nullish(),
})

function labelEventsOf(events: readonly z.infer<typeof issueEvent>[]): readonly LabelEvent[] {
  const found = events.flatMap(({ id, event, actor, created_at: at, label }): LabelEvent[] => {
    if ((event !== 'labeled' && event !== 'unlabeled') || !label) return []
    return [{ id, action: event, label: label.name, by: actor?.login ?? '', at }]
  })
  return byId(found)
}

function byId<T extends { readonly id: number }>(items: readonly T[]): readonly T[] {
  return [...items].sort((a, b) => a.id - b.id)
}

/** Number of the last page by the header `Link`. Its address is not followed, only its number read. */
function lastPage(link: string | null): number {
  const page = /[?&]page=(\d{1,6})(?:&[^>]*)?>;\s*rel="last"/.exec(link ?? '')?.[1]
  return Math.min(Number(page ?? 1) || 1, MOST_PAGES)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A page of HTML, or half an answer; no schema takes `undefined`.
    return undefined
  }
}

/** undici's errors say `fetch failed`; what failed is their cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'it took too long'
  return error.cause instanceof Error && error.cause.message !== ''
    ? error.cause.message
    : error.message
}
