import { describe, expect, test } from 'vitest'
import type { Comment, CommentsApi } from '../../src/github/client.ts'
import { postComment } from '../../src/github/comment.ts'
import { type Marker, readMarker, withMarker } from '../../src/report/marker.ts'

const BOT = 'github-actions[bot]'

const marker = (differences: Partial<Marker> = {}): Marker => ({
  key: 'warehouse',
  run: { id: 10, attempt: 1 },
  fingerprint: '',
  body: '0123456789abcdef',
  ...differences,
})

/** A pull request's comments as GitHub keeps them, behind the port that the product takes. */
function thread(...initial: { author: string; body: string }[]) {
  let next = 1
  const comments: Comment[] = []
  const calls: string[] = []
  const add = (author: string, body: string) => {
    const comment = { id: next, author, body, url: `https://example.test/${next++}` }
    comments.push(comment)
    return comment
  }
  for (const { author, body } of initial) add(author, body)
  const api = (me = BOT): CommentsApi => ({
    list: async () => {
      calls.push('list')
      return comments.map((comment) => ({ ...comment }))
    },
    create: async (body) => {
      calls.push('create')
      return add(me, body)
    },
    update: async (id, body) => {
      calls.push(`update ${id}`)
      const comment = comments.find((found) => found.id === id) as { body: string } & Comment
      comment.body = body
      return comment
    },
    remove: async (id) => {
      calls.push(`remove ${id}`)
      comments.splice(
        comments.findIndex((found) => found.id === id),
        1,
      )
    },
    login: async () => {
      calls.push('login')
      return me === BOT ? null : me
    },
  })
  return { api, comments, calls, add }
}

const ours = (differences: Partial<Marker> = {}, author = BOT) => ({
  author,
  body: withMarker(marker(differences), 'old'),
})

test('starts a comment only when there is something to say', async () => {
  const { api, comments } = thread({ author: 'someone', body: 'hello' })
  expect((await postComment(api(), marker(), 'new', false)).action).toBe('none')
  expect(comments).toHaveLength(1)
  expect((await postComment(api(), marker(), 'new', true)).action).toBe('created')
  expect(comments[1]?.body).toBe(withMarker(marker(), 'new'))
})

test('keeps an existing comment true even when nothing would start one', async () => {
  const { api, comments } = thread(ours({ body: 'f'.repeat(16), run: { id: 9, attempt: 1 } }))
  expect((await postComment(api(), marker(), 'new', false)).action).toBe('updated')
  expect(comments[0]?.body).toContain('new')
})

test('writes nothing when the body is the same', async () => {
  const { api, calls } = thread(ours({ run: { id: 9, attempt: 1 } }))
  expect((await postComment(api(), marker(), 'new', true)).action).toBe('unchanged')
  expect(calls).toEqual(['list'])
})

test.each([
  [{ id: 11, attempt: 1 }, 'superseded'],
  [{ id: 10, attempt: 2 }, 'superseded'],
  [{ id: 10, attempt: 1 }, 'updated'],
  [{ id: 9, attempt: 5 }, 'updated'],
])('a comment of run %j', async (run, action) => {
  const { api } = thread(ours({ run, body: 'f'.repeat(16) }))
  expect((await postComment(api(), marker(), 'new', true)).action).toBe(action)
})

describe('never touches', () => {
  test('a forged marker, a quoted marker, another key', async () => {
    const forged = ours({ body: 'f'.repeat(16) }, 'mallory')
    const quoted = { author: BOT, body: `> ${ours().body}` }
    const other = ours({ key: 'other' })
    const { api, comments } = thread(forged, quoted, other)
    const before = structuredClone(comments)
    expect((await postComment(api(), marker(), 'new', true)).action).toBe('created')
    expect(comments.slice(0, 3)).toEqual(before)
    expect(comments).toHaveLength(4)
  })
})

test("a user's token finds its own comment again", async () => {
  const { api, comments } = thread(ours({ body: 'f'.repeat(16) }, 'robot'))
  expect((await postComment(api('robot'), marker(), 'new', true)).action).toBe('updated')
  expect(comments).toHaveLength(1)
})

test('of duplicates the oldest survives', async () => {
  const { api, comments } = thread(ours(), ours(), { author: 'someone', body: 'x' }, ours())
  await postComment(api(), marker({ body: 'f'.repeat(16) }), 'new', true)
  expect(comments.map((comment) => comment.id)).toEqual([1, 3])
})

test('a race to create ends with one comment', async () => {
  const { api, comments, add } = thread()
  const racing: CommentsApi = {
    ...api(),
    // The other run's comment appears between our first look and our own.
    create: async (body) => {
      add(BOT, withMarker(marker({ run: { id: 9, attempt: 1 } }), 'other'))
      return await api().create(body)
    },
  }
  const posted = await postComment(racing, marker(), 'new', true)
  expect(comments).toHaveLength(1)
  expect(comments[0]).toMatchObject({ id: 1, body: withMarker(marker(), 'new') })
  expect(posted.url).toBe('https://example.test/1')
})

test('a marker reads as it was written, with a key that would end the comment', () => {
  const written = marker({ key: 'a--> b/ü, c', fingerprint: '7f3a9c0d12ab' })
  expect(readMarker(withMarker(written, 'text'))).toEqual(written)
  expect(withMarker(written, 'text').match(/--/g)).toHaveLength(2)
})
