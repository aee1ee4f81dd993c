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
  /** Hidden by somebody, e.g. as resolved. */
  readonly minimized?: boolean
}

/** The pull request's side of the state; what is null is left out of answers. */
export type PullState = {
  readonly open: boolean
  /** Nobody but maintainers may comment; a workflow's token may not. */
  readonly locked: boolean
  readonly body: string
  readonly head: { readonly ref: string; readonly sha: string; readonly repository: number } | null
  readonly base: { readonly ref: string; readonly sha: string } | null
}

export type IssueEvent = {
  readonly id: number
  readonly event: 'labeled' | 'unlabeled'
  readonly label: string
  readonly actor: string
  readonly at: string
}

export type State = {
  readonly repository: string
  readonly repositoryId: number
  readonly pullRequest: number
  pull: PullState
  labels: string[]
  readonly events: IssueEvent[]
  /** Heads that the pull request has had, oldest first. */
  readonly heads: string[]
  /** Parents of commits, by SHA. */
  readonly commits: Map<string, readonly string[]>
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
  pull?: Partial<PullState>
}): State {
  const state: State = {
    repository: options.repository ?? 'acme/data',
    repositoryId: 4242,
    pullRequest: options.pullRequest ?? 7,
    pull: { open: true, locked: false, body: '', head: null, base: null, ...options.pull },
    labels: [],
    events: [],
    heads: options.pull?.head ? [options.pull.head.sha] : [],
    commits: new Map(),
    comments: new Map(),
    nextId: 1_000_001,
    writes: 0,
  }
  for (const name of options.labels ?? []) addLabel(state, name, 'alice')
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

export function addLabel(state: State, label: string, actor: string): void {
  if (state.labels.includes(label)) return
  state.labels.push(label)
  record(state, 'labeled', label, actor)
}

export function removeLabel(state: State, label: string, actor: string): void {
  if (!state.labels.includes(label)) return
  state.labels = state.labels.filter((name) => name !== label)
  record(state, 'unlabeled', label, actor)
}

function record(state: State, event: IssueEvent['event'], label: string, actor: string): void {
  const id = state.nextId
  state.nextId += 1
  state.events.push({ id, event, label, actor, at: now(state) })
}
