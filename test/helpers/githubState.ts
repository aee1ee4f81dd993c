/** Tokens of the three kinds that the fake GitHub knows. They are canaries: no output may show one. */
export const tokens = {
  /** `GITHUB_TOKEN` with `pull-requests: write`; acts as github-actions[bot]. */
  write: 'ghs_canaryWriteToken00000000000000000000',
  /** `GITHUB_TOKEN` of a fork's or Dependabot's run: reads only. */
  read: 'ghs_canaryReadOnlyToken0000000000000000',
  /** A person's token; the only kind that may ask who it is. */
  user: 'ghp_canaryUserToken000000000000000000000',
} as const

export type Author = { readonly login: string; readonly id: number; readonly type: 'Bot' | 'User' }

/** Who comments made with `GITHUB_TOKEN` are from. */
export const actionsBot: Author = { login: 'github-actions[bot]', id: 41898282, type: 'Bot' }
/** Who `tokens.user` belongs to. */
export const tokenOwner: Author = { login: 'carol', id: 1003, type: 'User' }
export const otherPerson: Author = { login: 'mallory', id: 1004, type: 'User' }

export type Comment = {
  readonly id: number
  readonly author: Author
  readonly body: string
  readonly createdAt: string
  readonly updatedAt: string
}

export type State = {
  readonly repository: string
  readonly repositoryId: number
  readonly pullRequest: number
  labels: string[]
  /** By id, oldest first. */
  readonly comments: Map<number, Comment>
  nextId: number
  /** Writes so far; the clock. */
  writes: number
}

export function createState(options: {
  repository?: string
  pullRequest?: number
  labels?: readonly string[]
  comments?: readonly { author: Author; body: string }[]
}): State {
  const state: State = {
    repository: options.repository ?? 'acme/data',
    repositoryId: 4242,
    pullRequest: options.pullRequest ?? 7,
    labels: [...(options.labels ?? [])],
    comments: new Map(),
    nextId: 1_000_001,
    writes: 0,
  }
  for (const { author, body } of options.comments ?? []) addComment(state, author, body)
  return state
}

/** One second a write, so that runs are equal and `updated_at` still tells an edit. */
function now(state: State): string {
  const date = new Date(Date.UTC(2026, 0, 5, 9, 0, state.writes))
  state.writes += 1
  return date.toISOString().replace('.000Z', 'Z')
}

export function addComment(state: State, author: Author, body: string): Comment {
  const at = now(state)
  const comment = { id: state.nextId, author, body, createdAt: at, updatedAt: at }
  state.nextId += 1
  state.comments.set(comment.id, comment)
  return comment
}

export function editComment(state: State, comment: Comment, body: string): Comment {
  const edited = { ...comment, body, updatedAt: now(state) }
  state.comments.set(comment.id, edited)
  return edited
}
