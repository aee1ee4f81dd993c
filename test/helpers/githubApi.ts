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

export type Request = {
  readonly method: string
  /** Without host, query and prefix, e.g. `/repos/acme/data/issues/7/comments`. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Parsed JSON; the text itself when it is not JSON, null when there was none. */
  readonly body: unknown
  /** Whose token it carried. */
  readonly token: 'write' | 'read' | 'user' | 'none' | 'wrong'
}

/**
 * Which server is played: github.com; a GitHub Enterprise Server without rate limits; or Gitea and
 * Forgejo, whose lists of comments have no pages and whose issues have no events.
 */
export type Profile = 'github' | 'ghes' | 'gitea'

/** The API's address and the server's kind. */
export type Place = { readonly base: string; readonly profile: Profile }

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

/** What GitHub would say, with its effect on the state. */
export function answer(state: State, request: Request, place: Place): Reply {
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
  if (path !== repository && !path.startsWith(`${repository}/`)) return nowhere()
  return inRepository(state, request, path.slice(repository.length), place)
}

function inRepository(state: State, request: Request, path: string, place: Place): Reply {
  const { method } = request
  const issue = `/issues/${state.pullRequest}`
  switch (`${method} ${path}`) {
    case 'GET ':
      return { status: 200, body: repositoryJson(state) }
    case `GET /pulls/${state.pullRequest}`:
      return { status: 200, body: pullJson(state) }
    case 'GET /pulls':
      return { status: 200, body: openPulls(state, request) }
    case `GET ${issue}/labels`:
      return { status: 200, body: state.labels.map(labelJson) }
    case `GET ${issue}/events`:
      return events(state, request, place)
    case `GET ${issue}/comments`:
      return list(state, request, place)
    case `POST ${issue}/comments`:
      return create(state, request, place)
  }
  const [, than, head] = /^\/compare\/(\w+)\.\.\.(\w+)$/.exec(path) ?? []
  if (than !== undefined && head !== undefined) return compare(state, than, head)
  const [, kind, id = ''] = /^\/(issues\/comments|commits)\/([^/]+)$/.exec(path) ?? []
  if (kind === 'commits' && method === 'GET') return commit(state, id)
  return kind === 'issues/comments' ? single(state, request, Number(id), place) : nowhere()
}

function nowhere(): Reply {
  return { ...failure(404, 'Not Found'), unexpected: true }
}

function list(state: State, { query }: Request, place: Place): Reply {
  const all = [...state.comments.values()].map((comment) => commentJson(state, comment, place))
  if (place.profile === 'gitea') {
    return { status: 200, headers: { 'x-total-count': String(all.length) }, body: all }
  }
  return paged(state, all, query, 'comments', place)
}

function events(state: State, { query }: Request, place: Place): Reply {
  if (place.profile === 'gitea') return failure(404, 'Not Found')
  const all = state.events.map(({ id, event, label, actor, at }) => ({
    id,
    event,
    actor: { login: actor, id: 1001, type: 'User' },
    created_at: at,
    label: { name: label, color: 'ededed' },
  }))
  return paged(state, all, query, 'events', place)
}

function paged(
  state: State,
  all: readonly object[],
  query: Request['query'],
  name: string,
  { base }: Place,
): Reply {
  const perPage = Math.min(Math.max(Number(query['per_page'] ?? 30) || 30, 1), 100)
  const page = Math.max(Number(query['page'] ?? 1) || 1, 1)
  const last = Math.max(1, Math.ceil(all.length / perPage))
  const address = (number: number) =>
    `${base}/repositories/${state.repositoryId}/issues/${state.pullRequest}/${name}?per_page=${perPage}&page=${number}`
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
    body: all.slice((page - 1) * perPage, page * perPage),
  }
}

function create(state: State, request: Request, place: Place): Reply {
  if (state.pull.locked) return failure(403, 'Unable to create comment because issue is locked.')
  const text = bodyText(request)
  if (typeof text !== 'string') return text
  const author = request.token === 'user' ? tokenOwner : actionsBot
  return { status: 201, body: commentJson(state, addComment(state, author, text), place) }
}

function single(state: State, request: Request, id: number, place: Place): Reply {
  const comment = state.comments.get(id)
  if (!comment) return failure(404, 'Not Found')
  if (request.method === 'GET') return { status: 200, body: commentJson(state, comment, place) }
  if (request.method === 'DELETE') {
    state.comments.delete(id)
    return { status: 204 }
  }
  if (request.method !== 'PATCH') return nowhere()
  if (state.pull.locked) return failure(403, 'Unable to update comment because issue is locked.')
  // A write token may edit anybody's comment on GitHub: only the client's own care prevents it.
  const text = bodyText(request)
  if (typeof text !== 'string') return text
  const edited = editComment(state, comment, text)
  if (place.profile === 'gitea') return { status: 204 }
  return { status: 200, body: commentJson(state, edited, place) }
}

function commit(state: State, sha: string): Reply {
  const parents = state.commits.get(sha)
  if (parents === undefined) return failure(422, `No commit found for SHA: ${sha}`)
  return { status: 200, body: { sha, parents: parents.map((parent) => ({ sha: parent })) } }
}

/** By the order of pushes; the fake knows no other commits. */
function compare({ heads }: State, than: string, head: string): Reply {
  const [before, after] = [heads.lastIndexOf(than), heads.lastIndexOf(head)]
  if (before < 0 || after < 0) return failure(404, 'Not Found')
  const status = before === after ? 'identical' : before < after ? 'ahead' : 'behind'
  return { status: 200, body: { status } }
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

function pullJson({ pullRequest, pull, labels, repositoryId }: State): object {
  const { head, base } = pull
  return {
    number: pullRequest,
    state: pull.open ? 'open' : 'closed',
    locked: pull.locked,
    body: pull.body === '' ? null : pull.body,
    labels: labels.map(labelJson),
    ...(head && { head: { ref: head.ref, sha: head.sha, repo: { id: head.repository } } }),
    ...(base && { base: { ...base, repo: { id: repositoryId } } }),
  }
}

/** `head=owner:branch` filters by the head's owner and branch; the fake knows branches only. */
function openPulls(state: State, { query }: Request): object[] {
  const branch = query['head']?.split(':')[1]
  const { open, head } = state.pull
  const matches = query['state'] !== 'closed' && open && (!branch || head?.ref === branch)
  return matches ? [pullJson(state)] : []
}

function commentJson(state: State, comment: Comment, { base, profile }: Place): object {
  const api = `${base}/repos/${state.repository}`
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
    ...(profile === 'github' && {
      author_association: bot ? 'NONE' : 'CONTRIBUTOR',
      performed_via_github_app: bot ? { id: 15368, slug: 'github-actions' } : null,
      minimized: comment.minimized ? { reason: 'resolved' } : null,
    }),
  }
}
