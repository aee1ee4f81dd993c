import { expect, test } from 'vitest'
import { type FakeGitHub, fakeGitHub } from './github.ts'
import { actionsBot, otherPerson } from './githubState.ts'

const comments = '/repos/acme/data/issues/7/comments'

async function call(
  github: FakeGitHub,
  method: string,
  path: string,
  options: { token?: string; body?: unknown } = {},
) {
  const response = await fetch(path.startsWith('http') ? path : `${github.apiUrl}${path}`, {
    method,
    headers: { authorization: `token ${options.token ?? github.tokens.write}` },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    link: response.headers.get('link'),
    body: text && JSON.parse(text),
  }
}

test('comments come in pages that are linked until the last', async () => {
  const there = Array.from({ length: 250 }, (_, index) => ({
    author: otherPerson,
    body: `comment ${index}`,
  }))
  await using github = await fakeGitHub({ comments: there, profile: 'ghes' })

  const bodies: string[] = []
  let page: string | undefined = `${comments}?per_page=1000`
  while (page !== undefined) {
    const { body, link } = await call(github, 'GET', page)
    expect(body.length).toBeLessThanOrEqual(100)
    bodies.push(...body.map((comment: { body: string }) => comment.body))
    page = /<([^>]+)>; rel="next"/.exec(link ?? '')?.[1]
  }

  expect(bodies).toEqual(there.map(({ body }) => body))
  expect(github.requests.map(({ query }) => query['page'])).toEqual([undefined, '2', '3'])
  expect(github.requests.some(({ unexpected }) => unexpected)).toBe(false)
})

test('a page holds 30 comments unless asked otherwise', async () => {
  const there = Array.from({ length: 31 }, () => ({ author: otherPerson, body: 'hello' }))
  await using github = await fakeGitHub({ comments: there })
  expect((await call(github, 'GET', comments)).body).toHaveLength(30)
})

test('a write token creates, edits and deletes as github-actions[bot]', async () => {
  await using github = await fakeGitHub()

  const created = await call(github, 'POST', comments, { body: { body: 'one' } })
  expect(created).toMatchObject({ status: 201, body: { body: 'one', user: { ...actionsBot } } })
  const path = `/repos/acme/data/issues/comments/${created.body.id}`
  const edited = await call(github, 'PATCH', path, { body: { body: 'two' } })
  expect(edited).toMatchObject({ status: 200, body: { id: created.body.id, body: 'two' } })
  expect(edited.body.updated_at).not.toBe(created.body.updated_at)
  expect(github.comments.map(({ body }) => body)).toEqual(['two'])
  expect((await call(github, 'DELETE', path)).status).toBe(204)

  expect(github.comments).toEqual([])
  expect((await call(github, 'PATCH', path, { body: { body: 'three' } })).status).toBe(404)
  expect(github.writes.map(({ method, status }) => [method, status])).toEqual([
    ['POST', 201],
    ['PATCH', 200],
    ['DELETE', 204],
    ['PATCH', 404],
  ])
})

test('a read-only token reads and cannot write', async () => {
  await using github = await fakeGitHub({ comments: [{ author: actionsBot, body: 'there' }] })
  const token = github.tokens.read

  expect((await call(github, 'GET', comments, { token })).body).toHaveLength(1)
  expect(await call(github, 'POST', comments, { token, body: { body: 'no' } })).toMatchObject({
    status: 403,
    body: { message: 'Resource not accessible by integration' },
  })
  expect(github.comments).toHaveLength(1)
})

test('only a personal token can ask who it is', async () => {
  await using github = await fakeGitHub()
  expect((await call(github, 'GET', '/user')).status).toBe(403)
  expect(await call(github, 'GET', '/user', { token: github.tokens.user })).toMatchObject({
    status: 200,
    body: { login: 'carol' },
  })
  expect((await call(github, 'GET', '/user', { token: 'something' })).status).toBe(401)
})

test('a comment of more than 65,536 characters is refused', async () => {
  await using github = await fakeGitHub()
  const post = (length: number) =>
    call(github, 'POST', comments, { body: { body: 'x'.repeat(length) } })

  expect((await post(65_536)).status).toBe(201)
  expect(await post(65_537)).toMatchObject({
    status: 422,
    body: { errors: [{ message: 'Body is too long (maximum is 65536 characters)' }] },
  })
  expect(github.comments).toHaveLength(1)
})

test('a route that GitHub may have and the fake has not is told apart', async () => {
  await using github = await fakeGitHub()
  expect((await call(github, 'GET', '/rate_limit')).status).toBe(404)
  expect((await call(github, 'PUT', '/repos/acme/data/issues/comments/1000001')).status).toBe(404)
  expect(github.requests[0]).toMatchObject({ path: '/rate_limit', unexpected: true })
})

test('a fault answers in place of the state', async () => {
  await using github = await fakeGitHub({
    faults: [{ at: 'create', show: { status: 502, body: 'unicorn' } }],
  })
  const response = await fetch(`${github.apiUrl}${comments}`, { method: 'POST', body: '{}' })
  expect([response.status, await response.text()]).toEqual([502, 'unicorn'])
  expect(github.comments).toEqual([])
})
