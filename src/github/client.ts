import { getOctokit } from '@actions/github'

/** One comment of a pull request, as far as we need it. */
export type Comment = {
  readonly id: number
  readonly author: string
  readonly body: string
  readonly url: string
}

/** The calls that posting one comment needs. Each rejects with the API's error. */
export type CommentsApi = {
  /** All comments, over all pages, oldest first. */
  readonly list: () => Promise<readonly Comment[]>
  readonly create: (body: string) => Promise<Comment>
  readonly update: (id: number, body: string) => Promise<Comment>
  readonly remove: (id: number) => Promise<void>
  /** Login of the token's user; null for tokens that are no user, such as the workflow's own. */
  readonly login: () => Promise<string | null>
}

const PER_PAGE = 100
/** A pull request may hold 2,500 comments; a server that repeats pages must not keep us for ever. */
const MOST_PAGES = 100
const TIMEOUT_MS = 30_000

/** Talks to the issue comments of one pull request over REST, which every forge has. */
export function commentsApi(
  token: string,
  repository: { owner: string; name: string },
  pullRequest: number,
  apiUrl: string,
): CommentsApi {
  const { rest } = getOctokit(token, { baseUrl: apiUrl })
  const place = { owner: repository.owner, repo: repository.name }
  const bounded = () => ({ request: { signal: AbortSignal.timeout(TIMEOUT_MS) } })
  return {
    list: async () => {
      const found = new Map<number, Comment>()
      for (let page = 1; page <= MOST_PAGES; page++) {
        const { data } = await rest.issues.listComments({
          ...place,
          ...bounded(),
          issue_number: pullRequest,
          per_page: PER_PAGE,
          page,
        })
        const before = found.size
        for (const comment of data) found.set(comment.id, commentOf(comment))
        // Fewer than a page is the end; nothing new means that the server ignores `page`.
        if (data.length < PER_PAGE || found.size === before) break
      }
      return [...found.values()].sort((a, b) => a.id - b.id)
    },
    create: async (body) => {
      const wanted = { ...place, ...bounded(), issue_number: pullRequest, body }
      return commentOf((await rest.issues.createComment(wanted)).data)
    },
    update: async (id, body) => {
      const wanted = { ...place, ...bounded(), comment_id: id, body }
      return commentOf((await rest.issues.updateComment(wanted)).data)
    },
    remove: async (id) => {
      await rest.issues.deleteComment({ ...place, ...bounded(), comment_id: id })
    },
    login: async () => {
      try {
        return (await rest.users.getAuthenticated(bounded())).data.login
      } catch (error) {
        // The workflow's token is an app's installation, and those have no user.
        if (statusOf(error) === 403) return null
        throw error
      }
    },
  }
}

/** HTTP status of an API error; null for what is none. */
export function statusOf(error: unknown): number | null {
  const status = error instanceof Error && 'status' in error ? error.status : null
  return typeof status === 'number' ? status : null
}

function commentOf(data: {
  id: number
  body?: string
  html_url: string
  user: { login: string } | null
}): Comment {
  const { id, body = '', html_url: url, user } = data
  if (typeof id !== 'number' || typeof url !== 'string') {
    throw new Error('The server’s answer is not a comment.')
  }
  return { id, body, url, author: user?.login ?? '' }
}
