import { z } from 'zod'
import {
  byId,
  type Comment,
  comment,
  issueEvent,
  type LabelEvent,
  type Listed,
  labelEventsOf,
  nothing,
  type Pull,
  pull,
  sha,
} from './apiAnswers.ts'
import { type Connection, octokitFor } from './octokit.ts'
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
  const { ask, pause } = octokitFor(connection, clock)
  const here = { owner: connection.repository.owner, repo: connection.repository.name }

  return {
    listComments: async (issue) => {
      const found = new Map<number, Comment>()
      const all = { ...here, issue_number: issue, per_page: PER_PAGE }
      for (let page = 1; page <= MOST_PAGES; page++) {
        const schema = z.array(comment)
        const { data: comments } = await ask(schema, (rest) => rest.issues.listComments, {
          ...all,
          page,
        })
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
      const parameters = { ...here, issue_number: issue, body }
      return (await ask(comment, (rest) => rest.issues.createComment, parameters)).data
    },
    updateComment: async (id, body) => {
      const parameters = { ...here, comment_id: id, body }
      return (await ask(comment.or(nothing), (rest) => rest.issues.updateComment, parameters)).data
    },
    removeComment: async (id) => {
      try {
        await ask(nothing, (rest) => rest.issues.deleteComment, { ...here, comment_id: id })
      } catch (error) {
        if (!(error instanceof ApiError && error.trouble === 'gone')) throw error
      }
    },
    login: async () => {
      try {
        const schema = z.object({ login: z.string().min(1) })
        return (await ask(schema, (rest) => rest.users.getAuthenticated, {})).data.login
      } catch (error) {
        // The workflow's token is an app's installation, and those have no user.
        if (error instanceof ApiError && error.status === 403) return null
        throw error
      }
    },
    pull: async (number) => {
      const parameters = { ...here, pull_number: number }
      return (await ask(pull, (rest) => rest.pulls.get, parameters, EXTRA_MS)).data
    },
    openPulls: async (head) => {
      const parameters = { ...here, state: 'open', per_page: PER_PAGE, head } as const
      return (await ask(z.array(pull), (rest) => rest.pulls.list, parameters)).data
    },
    labelEvents: async (issue) => {
      const all = { ...here, issue_number: issue, per_page: PER_PAGE }
      const events = (page: number, within?: number) =>
        ask(z.array(issueEvent), (rest) => rest.issues.listEvents, { ...all, page }, within)
      const { data: first, headers } = await events(1, EXTRA_MS)
      const last = lastPage(headers.link)
      if (last === 1) return labelEventsOf(first)
      const previous = last === 2 ? first : (await events(last - 1)).data
      return labelEventsOf([...previous, ...(await events(last)).data])
    },
    isNewer: async (commit, than) => {
      try {
        const schema = z.object({ status: z.string() })
        const parameters = { ...here, basehead: `${than}...${commit}`, per_page: 1 }
        const answer = await ask(
          schema,
          (rest) => rest.repos.compareCommitsWithBasehead,
          parameters,
          EXTRA_MS,
        )
        const { status } = answer.data
        // After a force-push neither has all of the other's.
        return status === 'ahead' || status === 'diverged'
      } catch (error) {
        if (error instanceof ApiError) return null
        throw error
      }
    },
    parents: async (commit) => {
      const schema = z.object({ sha, parents: z.array(z.object({ sha })) })
      const { data: found } = await ask(schema, (rest) => rest.repos.getCommit, {
        ...here,
        ref: commit,
      })
      if (found.sha !== commit) throw new ApiError('gone', `There is no commit ${commit}.`)
      return found.parents.map((parent) => parent.sha)
    },
    pause: (error, attempt) => pause(error, attempt),
    sleep: clock.sleep,
  }
}

/** Number of the last page by the header `Link`. Its address is not followed, only its number read. */
function lastPage(link: string | undefined): number {
  const page = /[?&]page=(\d{1,6})(?:&[^>]*)?>;\s*rel="last"/.exec(link ?? '')?.[1]
  return Math.min(Number(page ?? 1) || 1, MOST_PAGES)
}
