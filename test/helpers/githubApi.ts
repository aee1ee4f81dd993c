import {
  type Author,
  actionsBot,
  addComment,
  type Comment,
  editComment,
  type State,
  tokenOwner,
} from './githubState.ts'

export type Reply = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown
  /** No such route here. */
  readonly unexpected?: boolean
}

type Request = {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
  readonly token: 'write' | 'read' | 'user' | 'none' | 'wrong'
}

const MAX_BODY = 65_536

const failure = (status: number, message: string, more: object = {}): Reply => ({
  status,
  body: {
    message,
    ...more,
    documentation_url: 'https://docs.github.com/rest',
    status: String(status),
  },
})

const forbidden = (permissions: string): Reply => ({
  ...failure(403, 'Resource not accessible by integration'),
  headers: { 'x-accepted-github-permissions': permissions },
})

/** What GitHub would say, with its effect on the state. `base` is the API's address for links. */
export function answer(state: State, request: Request, base: string): Reply {
  if (request.token === 'none') return failure(401, 'Requires authentication')
  if (request.token === 'wrong') return failure(401, 'Bad credentials')
  if (request.method !== 'GET' && request.token === 'read') {
    return forbidden('issues=write; pull_requests=write')
  }
  if (request.path === '/user') {
    // GITHUB_TOKEN is an installation's token: there is no user whose name it could tell.
    return request.token === 'user'
      ? { status: 200, body: userJson(tokenOwner) }
      : forbidden('metadata=read')
  }
  // Links to further pages use /repositories/<id>, as GitHub's do.
  const path = request.path.replace(/^\/repositories\/4242\b/, `/repos/${state.repository}`)
  const repository = `/repos/${state.repository}`
  const issue = `${repository}/issues/${state.pullRequest}`
  const links = { api: `${base}${repository}`, page: base }
  const route = `${request.method} ${path}`
  if (route === `GET ${repository}`) return { status: 200, body: repositoryJson(state) }
  if (route === `GET ${repository}/pulls/${state.pullRequest}`)
    return { status: 200, body: pullJson(state) }
  if (route === `GET ${issue}/labels`) return { status: 200, body: state.labels.map(labelJson) }
  if (route === `GET ${issue}/comments`) return list(state, request, links)
  if (route === `POST ${issue}/comments`) return create(state, request, links.api)

  const id = path.startsWith(`${repository}/issues/comments/`) ? path.split('/').at(-1) : undefined
  if (id !== undefined) return single(state, request, Number(id), links.api)
  return { ...failure(404, 'Not Found'), unexpected: true }
}

function list(state: State, { query }: Request, links: { api: string; page: string }): Reply {
  const perPage = Math.min(Math.max(Number(query['per_page'] ?? 30) || 30, 1), 100)
  const page = Math.max(Number(query['page'] ?? 1) || 1, 1)
  const all = [...state.comments.values()]
  const last = Math.max(1, Math.ceil(all.length / perPage))
  const address = (number: number) =>
    `${links.page}/repositories/${state.repositoryId}/issues/${state.pullRequest}/comments?per_page=${perPage}&page=${number}`
  const relations = [
    ...(page > 1 ? [{ name: 'prev', page: Math.min(page - 1, last) }] : []),
    ...(page < last
      ? [
          { name: 'next', page: page + 1 },
          { name: 'last', page: last },
        ]
      : []),
    ...(page > 1 ? [{ name: 'first', page: 1 }] : []),
  ]
  const link = relations.map(({ name, page }) => `<${address(page)}>; rel="${name}"`).join(', ')
  return {
    status: 200,
    headers: link === '' ? {} : { link },
    body: all
      .slice((page - 1) * perPage, page * perPage)
      .map((comment) => commentJson(state, comment, links.api)),
  }
}

function create(state: State, request: Request, api: string): Reply {
  const text = bodyText(request)
  if (typeof text !== 'string') return text
  const author = request.token === 'user' ? tokenOwner : actionsBot
  return { status: 201, body: commentJson(state, addComment(state, author, text), api) }
}

function single(state: State, request: Request, id: number, api: string): Reply {
  const comment = state.comments.get(id)
  if (!comment) return failure(404, 'Not Found')
  if (request.method === 'GET') return { status: 200, body: commentJson(state, comment, api) }
  if (request.method === 'DELETE') {
    state.comments.delete(id)
    return { status: 204 }
  }
  if (request.method !== 'PATCH') return { ...failure(404, 'Not Found'), unexpected: true }
  // A write token may edit anybody's comment on GitHub: only the client's own care prevents it.
  const text = bodyText(request)
  if (typeof text !== 'string') return text
  return { status: 200, body: commentJson(state, editComment(state, comment, text), api) }
}

/** The comment text of a request, or GitHub's refusal. */
function bodyText({ body }: Request): string | Reply {
  const refuse = (message: string, code: string, field: string) =>
    failure(422, 'Validation Failed', {
      errors: [{ resource: 'IssueComment', code, field, message }],
    })
  if (body === null || typeof body !== 'object') return failure(400, 'Problems parsing JSON')
  const text = 'body' in body ? body.body : undefined
  if (typeof text !== 'string' || text.trim() === '')
    return refuse("Body can't be blank", 'custom', 'body')
  // GitHub does not say which unit it counts; UTF-16 is the strictest of the two possible ones.
  if (text.length > MAX_BODY) {
    return refuse(`Body is too long (maximum is ${MAX_BODY} characters)`, 'unprocessable', 'data')
  }
  return text
}

function userJson(author: Author): object {
  return { login: author.login, id: author.id, type: author.type, site_admin: false }
}

function labelJson(name: string, index: number): object {
  return { id: index + 1, name, color: 'ededed', default: false, description: null }
}

function repositoryJson(state: State): object {
  const [owner, name] = state.repository.split('/')
  return {
    id: state.repositoryId,
    name,
    full_name: state.repository,
    owner: { login: owner },
    private: false,
    default_branch: 'main',
  }
}

function pullJson(state: State): object {
  return {
    number: state.pullRequest,
    state: 'open',
    locked: false,
    labels: state.labels.map(labelJson),
  }
}

function commentJson(state: State, comment: Comment, api: string): object {
  const bot = comment.author.type === 'Bot'
  return {
    id: comment.id,
    url: `${api}/issues/comments/${comment.id}`,
    html_url: `https://github.com/${state.repository}/pull/${state.pullRequest}#issuecomment-${comment.id}`,
    issue_url: `${api}/issues/${state.pullRequest}`,
    user: userJson(comment.author),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: bot ? 'NONE' : 'CONTRIBUTOR',
    performed_via_github_app: bot ? { id: 15368, slug: 'github-actions' } : null,
  }
}
