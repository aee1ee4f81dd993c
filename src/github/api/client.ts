import { z } from 'zod'
import {
  byId,
  type Comment,
  comment,
  issueEvent,
  type LabelEvent,
  type Listed,
  labelEventsOf,
  orNothing,
  type Pull,
  pull,
  sha,
} from './apiAnswers.ts'
import { type Connection, caller } from './calls.ts'
import { ApiError, type Clock, systemClock } from './retry.ts'

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

/** What a run can do without is not asked for again after so long, so that time is left for the rest. */
const EXTRA_MS = 65_000
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

/** Number of the last page by the header `Link`. Its address is not followed, only its number read. */
function lastPage(link: string | null): number {
  const page = /[?&]page=(\d{1,6})(?:&[^>]*)?>;\s*rel="last"/.exec(link ?? '')?.[1]
  return Math.min(Number(page ?? 1) || 1, MOST_PAGES)
}
