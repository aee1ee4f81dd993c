import { createServer, type IncomingMessage } from 'node:http'
import { answer, type Profile, type Reply, type Request } from './githubApi.ts'
import { type Fault, faultPlan, send, withFault } from './githubFaults.ts'
import {
  type Author,
  addComment,
  addLabel,
  type Comment,
  createState,
  type PullState,
  removeLabel,
  type State,
  tokens,
} from './githubState.ts'

/** One request as the server saw it. The journal is the oracle of "no write was made" and the like. */
export type JournalEntry = Request & {
  /** 0 when there was no answer. */
  readonly status: number
  /** The fake does not know this route. */
  readonly unexpected: boolean
}

export type FakeGitHubOptions = {
  /** `owner/name`. */
  readonly repository?: string
  /** Number of the open pull request. */
  readonly pullRequest?: number
  readonly pull?: Partial<PullState>
  readonly labels?: readonly string[]
  /** Comments that are there already, oldest first. */
  readonly comments?: readonly { readonly author: Author; readonly body: string }[]
  /** Which server is played; it also decides the API's path. */
  readonly profile?: Profile
  readonly faults?: readonly Fault[]
  /** Called when a client is left waiting for ever. */
  readonly onSilence?: () => void
  /** Holds a request before it takes effect or before it is answered, for races. */
  readonly gate?: (request: Request, phase: 'before' | 'after') => Promise<void>
  /** `owner/name` that the repository had before; requests to it are redirected. */
  readonly renamedFrom?: string
}

export type FakeGitHub = AsyncDisposable & {
  /** For `GITHUB_API_URL`. */
  readonly apiUrl: string
  readonly repository: string
  readonly tokens: typeof tokens
  readonly requests: readonly JournalEntry[]
  /** Requests that would have changed something on GitHub, refused ones included. */
  readonly writes: readonly JournalEntry[]
  /** The pull request's comments now, oldest first. */
  readonly comments: readonly Comment[]
  /** As if somebody else had commented in between. */
  comment(author: Author, body: string): Comment
  /** As if somebody had hidden a comment. */
  minimize(id: number): void
  label(name: string, by?: string): void
  unlabel(name: string, by?: string): void
  setPull(changes: Partial<PullState>): void
  /** Makes a commit known with its parents. */
  setCommit(sha: string, parents: readonly string[]): void
  /** From now on other faults, counted anew. */
  setFaults(faults: readonly Fault[]): void
  /** Lets everything happen that a fault put off. */
  settle(): void
}

const PREFIXES: Readonly<Record<Profile, string>> = {
  github: '',
  ghes: '/api/v3',
  gitea: '/api/v1',
}

/**
 * A stateful GitHub on a loopback port with the routes that comment actions use. It answers like
 * GitHub where facts/comment.md and facts/security.md rely on it: pages, tokens, limits, messages.
 */
export async function fakeGitHub(options: FakeGitHubOptions = {}): Promise<FakeGitHub> {
  const state = createState(options)
  const { profile = 'github', gate, onSilence = () => {} } = options
  const prefix = PREFIXES[profile]
  const requests: JournalEntry[] = []
  const putOff: (() => void)[] = []
  let faultOf = faultPlan(options.faults ?? [])
  const headers =
    profile === 'github' ? { 'x-ratelimit-limit': '1000', 'x-ratelimit-remaining': '990' } : {}

  const server = createServer(async (incoming, response) => {
    const base = `http://${incoming.headers.host}${prefix}`
    const request = await read(incoming, prefix)
    await gate?.(request, 'before')
    const act = () =>
      redirected(options, request, base) ?? answer(state, request, { base, profile })
    const { reply, mishap, later } = withFault(faultOf(request), act)
    if (later !== null) putOff.push(later)
    const silent = mishap === 'reset' || mishap === 'hang'
    const { unexpected = false } = reply
    requests.push({ ...request, status: silent ? 0 : reply.status, unexpected })
    await gate?.(request, 'after')
    send(response, reply, mishap, headers, onSilence)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')

  return {
    apiUrl: `http://127.0.0.1:${address.port}${prefix}`,
    repository: options.renamedFrom ?? state.repository,
    tokens,
    requests,
    get writes() {
      return requests.filter(({ method }) => method !== 'GET')
    },
    get comments() {
      return commentsOf(state)
    },
    comment: (author, body) => addComment(state, author, body),
    minimize(id) {
      const comment = state.comments.get(id)
      if (comment) state.comments.set(id, { ...comment, minimized: true })
    },
    label: (name, by = 'maintainer') => addLabel(state, name, by),
    unlabel: (name, by = 'maintainer') => removeLabel(state, name, by),
    setPull(changes) {
      state.pull = { ...state.pull, ...changes }
      if (changes.head) state.heads.push(changes.head.sha)
    },
    setCommit: (sha, parents) => {
      state.commits.set(sha, parents)
    },
    setFaults(faults) {
      faultOf = faultPlan(faults)
    },
    settle() {
      for (const effect of putOff.splice(0)) effect()
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** A renamed repository answers every request with where it is now (docs: "Follow redirects"). */
function redirected(
  { renamedFrom }: FakeGitHubOptions,
  { method, path, query }: Request,
  base: string,
): Reply | null {
  if (renamedFrom === undefined || !path.startsWith(`/repos/${renamedFrom}/`)) return null
  const search = new URLSearchParams(query).toString()
  const rest = path.slice(`/repos/${renamedFrom}`.length)
  const location = `${base}/repositories/4242${rest}${search && `?${search}`}`
  return { status: method === 'GET' ? 301 : 307, headers: { location }, body: { url: location } }
}

function commentsOf(state: State): readonly Comment[] {
  return [...state.comments.values()]
}

async function read(incoming: IncomingMessage, prefix: string): Promise<Request> {
  const url = new URL(incoming.url ?? '/', 'http://localhost')
  const { pathname } = url
  return {
    method: incoming.method ?? 'GET',
    path: pathname.startsWith(`${prefix}/`)
      ? pathname.slice(prefix.length)
      : `(no API) ${pathname}`,
    query: Object.fromEntries(url.searchParams),
    body: await readBody(incoming),
    token: whose(incoming.headers.authorization),
  }
}

async function readBody(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString('utf8')
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function whose(authorization: string | undefined): Request['token'] {
  const token = /^(?:token|bearer) (.+)$/i.exec(authorization ?? '')?.[1]
  if (token === undefined) return 'none'
  if (token === tokens.write) return 'write'
  if (token === tokens.read) return 'read'
  return token === tokens.user ? 'user' : 'wrong'
}
