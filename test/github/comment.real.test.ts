import { describe, expect, test } from 'vitest'
import { postComment } from '../../src/github/comment/postComment.ts'
import { readMarker, withMarker } from '../../src/report/marker.ts'
import { virtualClock } from '../helpers/clock.ts'
import { type FakeGitHub, type FakeGitHubOptions, fakeGitHub } from '../helpers/github.ts'
import { siteOf } from '../helpers/githubFaults.ts'
import { actionsBot, otherPerson, tokenOwner } from '../helpers/githubState.ts'
import { client, FINGERPRINT, finding, post, postOf, type Words } from '../helpers/posting.ts'

/** A comment that an earlier run left. */
function ours(words: Words = {}, author = actionsBot) {
  const { place, run, finding, draw } = postOf({
    run: { id: 9, attempt: 1 },
    text: 'old',
    ...words,
  })
  const view = { ours: [], pull: null, trouble: null, labelEvents: null }
  const { document, fingerprint, memory } = draw(view, 'full')
  const marker = { key: place.key, run, fingerprint, finding, memory, body: 'f'.repeat(32) }
  return { author, body: withMarker(marker, document) }
}

const sites = (github: FakeGitHub) => github.requests.map(siteOf)
const texts = (github: FakeGitHub) => github.comments.map(({ body }) => body.split('\n').at(-1))
const HEAD = { ref: 'topic', sha: 'b'.repeat(40), repository: 4242 }

async function server(options: FakeGitHubOptions = {}) {
  return await fakeGitHub({
    pull: { head: HEAD, base: { ref: 'main', sha: 'a'.repeat(40) } },
    ...options,
  })
}

describe('the usual ways, and what they cost', () => {
  test('nothing to say and nothing said', async () => {
    await using github = await server({ comments: [{ author: otherPerson, body: 'hello' }] })
    expect((await post(github, { starts: false })).action).toBe('none')
    expect(sites(github)).toEqual(['list', 'pull'])
  })

  test('a first comment: one write, four reads', async () => {
    await using github = await server()
    const posted = await post(github, {})
    expect(posted).toEqual({
      action: 'created',
      url: expect.stringContaining('#issuecomment-1000001'),
    })
    expect(sites(github)).toEqual(['list', 'pull', 'create', 'pull', 'list'])
  })

  test('an update: one write, three reads', async () => {
    await using github = await server({ comments: [ours()] })
    expect((await post(github, {})).action).toBe('updated')
    expect(sites(github)).toEqual(['list', 'pull', 'update', 'pull'])
    expect(texts(github)).toEqual(['new'])
  })

  test('the same words again: no write, two reads', async () => {
    await using github = await server()
    await post(github, {})
    const before = github.comments
    const again = await fakeGitHub({ comments: before })
    expect((await post(again, { run: { id: 11, attempt: 1 } })).action).toBe('unchanged')
    expect(sites(again)).toEqual(['list', 'pull'])
    await again[Symbol.asyncDispose]()
  })

  test('an existing comment is kept true although nothing would start one', async () => {
    await using github = await server({ comments: [ours()] })
    expect((await post(github, { starts: false })).action).toBe('updated')
  })

  test('a closed pull request gets no new comment, and an old one is kept true', async () => {
    await using fresh = await server({ pull: { open: false, head: HEAD } })
    expect((await post(fresh, {})).action).toBe('none')
    await using known = await server({ pull: { open: false, head: HEAD }, comments: [ours()] })
    expect((await post(known, {})).action).toBe('updated')
  })
})

describe('who has the last word', () => {
  test.each([
    [{ id: 11, attempt: 1 }, 'superseded'],
    [{ id: 10, attempt: 2 }, 'superseded'],
    [{ id: 10, attempt: 1 }, 'updated'],
    [{ id: 9, attempt: 5 }, 'updated'],
  ])('a comment of run %j', async (run, action) => {
    await using github = await server({ comments: [ours({ run })] })
    expect((await post(github, {})).action).toBe(action)
  })

  test('an older run that found the same may correct a newer one, which stays the newest', async () => {
    const same = { run: { id: 11, attempt: 1 }, finding: finding('new') }
    await using github = await server({ comments: [ours(same)] })
    expect((await post(github, {})).action).toBe('updated')
    expect(readMarker(github.comments[0]?.body ?? '')?.run).toEqual({ id: 11, attempt: 1 })
  })

  const older = 'c'.repeat(40)

  test('a run whose push is not the latest any more says nothing', async () => {
    await using github = await server({
      comments: [ours()],
      pull: { head: { ...HEAD, sha: older } },
    })
    github.setPull({ head: HEAD })
    expect((await post(github, { head: older })).action).toBe('superseded')
    expect(github.writes).toEqual([])
    expect(sites(github)).toEqual(['list', 'pull', 'compare'])
  })

  test('a server that is late in showing the push does not silence its run', async () => {
    await using github = await server({
      comments: [ours()],
      pull: { head: { ...HEAD, sha: older } },
    })
    github.setPull({ head: HEAD })
    const late = { number: 7, head: { sha: older, repo: { id: 4242 } } }
    github.setFaults([{ at: 'pull', show: { status: 200, body: late } }])
    expect((await post(github, { head: HEAD.sha })).action).toBe('updated')
  })

  test('nor does one that cannot tell which of two heads is newer', async () => {
    await using github = await server({ comments: [ours()] })
    expect((await post(github, { head: older })).action).toBe('updated')
    expect(texts(github)).toEqual(['new'])
  })

  test.each<[string, FakeGitHubOptions]>([
    ['update', { comments: [ours()] }],
    // The run of that push may have nothing to say, and found nothing to correct.
    ['create', {}],
  ])('a push while it writes (%s): what it wrote says that it is outdated', async (site, known) => {
    await using github = await fakeGitHub({
      ...known,
      pull: { head: HEAD },
      gate: async (request, phase) => {
        if (siteOf(request) === site && phase === 'before') {
          github.setPull({ head: { ...HEAD, sha: 'd'.repeat(40) } })
        }
      },
    })
    await postComment(client(github, virtualClock()), postOf({ head: HEAD.sha }), null)
    expect(github.comments).toHaveLength(1)
    expect(github.comments[0]?.body).toContain('**Outdated:** this is about `bbbbbbb`')
    expect(github.comments[0]?.body).toContain('`ddddddd`')
  })
})

describe('never touches', () => {
  test('a forged marker, a quoted marker, another key', async () => {
    const forged = ours({}, otherPerson)
    const quoted = { author: actionsBot, body: `> ${ours().body}` }
    const other = ours({ key: 'other' })
    await using github = await server({ comments: [forged, quoted, other] })
    const before = structuredClone(github.comments)
    expect((await post(github, {})).action).toBe('created')
    expect(github.comments.slice(0, 3)).toEqual(before)
    expect(github.comments).toHaveLength(4)
  })
})

test("a user's token finds its own comment again", async () => {
  await using github = await server({ comments: [ours({}, tokenOwner)] })
  const posted = await postComment(client(github, undefined, 'user'), postOf({}), null)
  expect(posted.action).toBe('updated')
  expect(github.comments).toHaveLength(1)
})

test('of duplicates the oldest survives, with the newest words', async () => {
  const someone = { author: otherPerson, body: 'x' }
  await using github = await server({ comments: [ours(), ours(), someone, ours()] })
  await post(github, {})
  expect(github.comments.map(({ id }) => id)).toEqual([1_000_001, 1_000_003])
  expect(texts(github)[0]).toBe('new')
})

test('a race to create ends with one comment', async () => {
  await using github = await server({
    gate: async (request, phase) => {
      // The other run's comment appears between our first look and our own.
      if (siteOf(request) === 'create' && phase === 'before' && github.comments.length === 0) {
        const other = ours()
        github.comment(other.author, other.body)
      }
    },
  })
  const posted = await post(github, {})
  expect(github.comments.map(({ id }) => id)).toEqual([1_000_001])
  expect(texts(github)).toEqual(['new'])
  expect(posted.url).toContain('#issuecomment-1000001')
})

describe('a hidden comment', () => {
  async function hidden(words: Words) {
    const github = await server({ comments: [ours(words)] })
    github.minimize(1_000_001)
    return github
  }

  test('is made anew when there is another change set to see', async () => {
    await using github = await hidden({ fingerprint: '' })
    expect((await post(github, {})).action).toBe('created')
    expect(github.comments).toMatchObject([{ id: 1_000_002 }])
    expect(github.comments[0]?.minimized).toBeUndefined()
  })

  test.each([
    ['the change set is the one that was hidden', FINGERPRINT, FINGERPRINT],
    ['nothing changes any more', FINGERPRINT, ''],
  ])('stays hidden when %s', async (_, before, now) => {
    await using github = await hidden({ fingerprint: before })
    expect((await post(github, { fingerprint: now })).action).toBe('updated')
    expect(github.comments).toMatchObject([{ id: 1_000_001, minimized: true }])
  })
})

test('a thousand comments, ours last: eleven reads of them at most', async () => {
  const talk = Array.from({ length: 999 }, () => ({ author: otherPerson, body: 'A thought' }))
  await using github = await server({ comments: [...talk, ours()] })
  expect((await post(github, {})).action).toBe('updated')
  expect(sites(github).filter((site) => site === 'list').length).toBeLessThanOrEqual(11)
})

test('a comment that slips to an earlier page while pages are read is found all the same', async () => {
  const talk = Array.from({ length: 100 }, () => ({ author: otherPerson, body: 'A thought' }))
  let pages = 0
  await using github = await server({
    comments: [...talk, ours()],
    gate: async (request, phase) => {
      if (siteOf(request) !== 'list' || phase !== 'after') return
      pages += 1
      if (pages === 1) {
        const [first] = github.comments
        await fetch(`${github.apiUrl}/repos/acme/data/issues/comments/${first?.id}`, {
          method: 'DELETE',
          headers: { authorization: `token ${github.tokens.write}` },
        })
      }
    },
  })
  expect((await post(github, {})).action).toBe('updated')
  expect(github.comments).toHaveLength(100)
})
