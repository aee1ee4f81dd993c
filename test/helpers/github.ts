import { createServer, type IncomingMessage } from 'node:http'
import { answer, type Reply } from './githubApi.ts'
import {
  type Author,
  addComment,
  type Comment,
  createState,
  type State,
  tokens,
} from './githubState.ts'

/** One request as the server saw it. The journal is the oracle of "no write was made" and the like. */
export type JournalEntry = {
  readonly method: string
  /** Without host, query and `/api/v3`, e.g. `/repos/acme/data/issues/7/comments`. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Parsed JSON; the text itself when it is not JSON, null when there was none. */
  readonly body: unknown
  /** Whose token it carried. */
  readonly token: keyof typeof tokens | 'none' | 'wrong'
  readonly status: number
  /** The fake does not know this route. */
  readonly unexpected: boolean
}

export type FakeGitHubOptions = {
  /** `owner/name`. */
  readonly repository?: string
  /** Number of the open pull request. */
  readonly pullRequest?: number
  readonly labels?: readonly string[]
  /** Comments that are there already, oldest first. */
  readonly comments?: readonly { readonly author: Author; readonly body: string }[]
  /** `/api/v3` is how GitHub Enterprise Server is reached; both always answer. */
  readonly prefix?: '' | '/api/v3'
  /** Replaces the answer to a request (a fault); null leaves it. Sees each request before it acts. */
  readonly fault?: (request: Omit<JournalEntry, 'status' | 'unexpected'>) => Reply | null
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
  /** As if somebody else had commented or labelled in between. */
  comment(author: Author, body: string): Comment
  setLabels(labels: readonly string[]): void
}

/**
 * A stateful GitHub on a loopback port with the routes that comment actions use. It answers like
 * GitHub where facts/comment.md and facts/security.md rely on it: pages, tokens, limits, messages.
 */
export async function fakeGitHub(options: FakeGitHubOptions = {}): Promise<FakeGitHub> {
  const state = createState(options)
  const requests: JournalEntry[] = []
  const server = createServer(async (incoming, response) => {
    const host = `http://${incoming.headers.host}`
    const url = new URL(incoming.url ?? '/', host)
    const prefix = url.pathname.startsWith('/api/v3/') ? '/api/v3' : ''
    const request = {
      method: incoming.method ?? 'GET',
      path: url.pathname.slice(prefix.length),
      query: Object.fromEntries(url.searchParams),
      body: await readBody(incoming),
      token: whose(incoming.headers.authorization),
    }
    const reply = options.fault?.(request) ?? answer(state, request, host + prefix)
    requests.push({ ...request, status: reply.status, unexpected: reply.unexpected === true })
    response.writeHead(reply.status, {
      'content-type': 'application/json; charset=utf-8',
      'x-ratelimit-limit': '1000',
      'x-ratelimit-remaining': '990',
      ...reply.headers,
    })
    const { body } = reply
    response.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')

  return {
    apiUrl: `http://127.0.0.1:${address.port}${options.prefix ?? ''}`,
    repository: state.repository,
    tokens,
    requests,
    get writes() {
      return requests.filter(({ method }) => method !== 'GET')
    },
    get comments() {
      return commentsOf(state)
    },
    comment: (author, body) => addComment(state, author, body),
    setLabels(labels) {
      state.labels = [...labels]
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function commentsOf(state: State): readonly Comment[] {
  return [...state.comments.values()]
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

function whose(authorization: string | undefined): JournalEntry['token'] {
  const token = /^(?:token|bearer) (.+)$/i.exec(authorization ?? '')?.[1]
  if (token === undefined) return 'none'
  if (token === tokens.write) return 'write'
  if (token === tokens.read) return 'read'
  return token === tokens.user ? 'user' : 'wrong'
}
