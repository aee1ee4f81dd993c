import { createServer } from 'node:http'
import { type AddressInfo, connect as connectSocket } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { connect } from '../../src/github/api/client.ts'
import { ApiError } from '../../src/github/api/retry.ts'
import { postComment } from '../../src/github/comment/postComment.ts'
import { virtualClock } from '../helpers/clock.ts'
import { type FakeGitHub, fakeGitHub } from '../helpers/github.ts'
import { siteOf } from '../helpers/githubFaults.ts'
import { actionsBot, otherPerson, tokens } from '../helpers/githubState.ts'
import { client, post, postOf } from '../helpers/posting.ts'
import { runNode } from '../helpers/process.ts'

const repository = { owner: 'acme', name: 'data' }
const texts = (github: FakeGitHub) => github.comments.map(({ body }) => body.split('\n').at(-1))

/** What a call rejects with. */
async function troubleOf(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.then(
    () => null,
    (error: unknown) => error,
  )
  if (error instanceof ApiError) return error
  throw new Error(`not an ApiError: ${error}`)
}

describe('waits', () => {
  const limited = (headers: Readonly<Record<string, string>>) => ({ status: 403, headers })
  const date = 'Mon, 05 Jan 2026 09:00:00 GMT'

  test.each([
    ['what Retry-After says', { 'retry-after': '2' }, 2000, 3000],
    [
      'until the date that it names',
      { date, 'retry-after': 'Mon, 05 Jan 2026 09:00:10 GMT' },
      10_000,
      11_000,
    ],
    // The runner's own clock may be a day off; only the server's two times are compared.
    [
      'by the server’s clock alone',
      { date: 'Sun, 04 Jan 2026 09:00:00 GMT', 'retry-after': 'Sun, 04 Jan 2026 09:00:07 GMT' },
      7000,
      8000,
    ],
    ['a minute for what cannot be read', { 'retry-after': 'soon' }, 60_000, 61_000],
    ['a minute for less than nothing', { 'retry-after': '-5' }, 60_000, 61_000],
    [
      'until the limit is reset',
      {
        date,
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(Date.UTC(2026, 0, 5, 9, 0, 20) / 1000),
      },
      20_000,
      21_000,
    ],
    [
      'not at all for a date that is past',
      { date, 'retry-after': 'Mon, 05 Jan 2026 08:00:00 GMT' },
      0,
      1000,
    ],
  ])('%s', async (_, headers, least, most) => {
    await using github = await fakeGitHub({
      faults: [{ at: 'list', nth: [1], show: limited(headers) }],
    })
    const clock = virtualClock()
    await client(github, clock).listComments(7)
    expect(clock.sleeps).toHaveLength(1)
    expect(clock.sleeps[0]).toBeGreaterThanOrEqual(least)
    expect(clock.sleeps[0]).toBeLessThanOrEqual(most)
  })

  test.each([
    [
      'the limit lasts an hour',
      {
        date,
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(Date.UTC(2026, 0, 5, 10) / 1000),
      },
    ],
    ['Retry-After is ten thousand seconds', { 'retry-after': '10000' }],
  ])('not at all when %s', async (_, headers) => {
    await using github = await fakeGitHub({ faults: [{ at: 'list', show: limited(headers) }] })
    const clock = virtualClock()
    expect(await troubleOf(client(github, clock).listComments(7))).toMatchObject({
      trouble: 'later',
    })
    expect(clock.elapsed()).toBe(0)
    expect(github.requests).toHaveLength(1)
  })

  test('longer each time, and never like another run', async () => {
    await using github = await fakeGitHub({ faults: [{ at: 'list', show: { status: 503 } }] })
    const waits = async (random: number) => {
      const clock = virtualClock([random])
      await troubleOf(client(github, clock).listComments(7))
      return clock.sleeps
    }
    expect(await waits(0)).toEqual([500, 1000, 2000, 4000])
    expect(await waits(0.5)).toEqual([1000, 2000, 4000, 8000])
  })

  test('two minutes in all, however each call fails', async () => {
    const clock = virtualClock()
    await using github = await fakeGitHub({
      faults: [{ at: 'list', show: 'hang' }],
      onSilence: clock.expire,
    })
    const api = client(github, clock)
    await troubleOf(api.listComments(7))
    await troubleOf(api.listComments(7))
    expect(clock.elapsed()).toBeLessThanOrEqual(120_000)
    expect(github.requests.length).toBeLessThanOrEqual(5)
  })
})

describe('a write that may have happened', () => {
  test('a post that is only done after its time: at most one once the next run is through', async () => {
    const clock = virtualClock()
    await using github = await fakeGitHub({
      faults: [{ at: 'create', nth: [1], effect: 'late', show: 'hang' }],
      onSilence: clock.expire,
    })
    await post(github, {}, clock)
    expect(texts(github)).toEqual(['new'])
    github.settle()
    expect(texts(github)).toEqual(['new', 'new'])
    await post(github, { run: { id: 11, attempt: 1 } })
    expect(github.comments.map(({ id }) => id)).toEqual([1_000_001])
  })

  test('a list that does not show the new comment yet is read again', async () => {
    const behind = { at: 'list', nth: [2, 3], show: { status: 200, body: [] } } as const
    await using github = await fakeGitHub({ faults: [behind] })
    const clock = virtualClock()
    const posted = await post(github, {}, clock)
    expect(posted).toMatchObject({ action: 'created', url: expect.stringMatching(/1000001$/) })
    expect(clock.sleeps).toEqual([1000, 2000])
    expect(texts(github)).toEqual(['new'])
  })

  test('a list that stays behind: one comment after the next run', async () => {
    const behind = { at: 'list', nth: [1, 2, 3, 4], show: { status: 200, body: [] } } as const
    await using github = await fakeGitHub({ faults: [behind] })
    await post(github, {}, virtualClock())
    expect(texts(github)).toEqual(['new'])
    await post(github, { run: { id: 11, attempt: 1 }, text: 'newer' })
    expect(texts(github)).toEqual(['newer'])
  })

  test('an edit of a comment that is deleted meanwhile makes one anew', async () => {
    await using github = await fakeGitHub({
      gate: async (request, phase) => {
        if (siteOf(request) !== 'update' || phase !== 'before') return
        await client(github).removeComment(1_000_001)
      },
    })
    await post(github, {})
    const posted = await post(github, { run: { id: 11, attempt: 1 }, text: 'newer' })
    expect(posted.action).toBe('created')
    expect(texts(github)).toEqual(['newer'])
  })
})

describe('too long for the server', () => {
  const lengths = { full: 70_000, list: 66_000, rollup: 100, counts: 10 }

  test('a coarser document, as often as it takes', async () => {
    await using github = await fakeGitHub()
    expect((await post(github, { lengths })).action).toBe('created')
    expect(github.writes.map(({ status }) => status)).toEqual([422, 422, 201])
    expect(github.comments[0]?.body.length).toBeLessThan(1000)
    expect(
      (
        await post(github, {
          lengths: { ...lengths, rollup: 99_000 },
          text: 'newer',
          run: { id: 11, attempt: 1 },
        })
      ).action,
    ).toBe('updated')
    expect(github.writes.slice(3).map(({ status }) => status)).toEqual([422, 422, 422, 200])
  })

  test('not even the coarsest: no more tries', async () => {
    await using github = await fakeGitHub()
    const all = { full: 70_000, list: 70_000, rollup: 70_000, counts: 70_000 }
    expect(await troubleOf(post(github, { lengths: all }))).toMatchObject({ status: 422 })
    expect(github.writes).toHaveLength(4)
    expect(github.comments).toEqual([])
  })
})

describe('a locked conversation', () => {
  test.each([[false], [true]])('with a comment of ours: %s', async (commented) => {
    await using github = await fakeGitHub()
    if (commented) await post(github, {})
    github.setPull({ locked: true })
    const writes = github.writes.length
    const words = { text: 'newer', run: { id: 11, attempt: 1 } }
    expect(await troubleOf(post(github, words))).toMatchObject({ status: 403, trouble: 'refused' })
    expect(github.writes.length - writes).toBe(1)
  })
})

describe('another server', () => {
  test.each(['ghes', 'gitea'] as const)(
    '%s: created, updated, unchanged, found among many',
    async (profile) => {
      const talk = Array.from({ length: 150 }, () => ({ author: otherPerson, body: 'A thought' }))
      await using github = await fakeGitHub({ profile, comments: talk })
      const run = (id: number, text: string) => post(github, { run: { id, attempt: 1 }, text })
      expect((await run(10, 'one')).action).toBe('created')
      expect((await run(11, 'two')).action).toBe('updated')
      expect((await run(12, 'two')).action).toBe('unchanged')
      expect(texts(github).slice(150)).toEqual(['two'])
      expect(github.requests.filter(({ unexpected }) => unexpected)).toEqual([])
    },
  )

  test('a renamed repository is followed, for writes too', async () => {
    await using github = await fakeGitHub({ renamedFrom: 'acme/old' })
    expect((await post(github, {})).action).toBe('created')
    expect((await post(github, { text: 'newer', run: { id: 11, attempt: 1 } })).action).toBe(
      'updated',
    )
    expect(texts(github)).toEqual(['newer'])
    expect(github.requests.every(({ token }) => token === 'write')).toBe(true)
  })

  test('one that redirects elsewhere gets nobody the token', async () => {
    const asked: unknown[] = []
    const canary = createServer((request, response) => {
      asked.push(request.headers)
      response.end('[]')
    })
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
    const { port } = canary.address() as AddressInfo
    for (const status of [301, 302, 307, 308]) {
      await using github = await fakeGitHub({
        faults: [
          { at: 'list', show: { status, headers: { location: `http://127.0.0.1:${port}/` } } },
        ],
      })
      expect(await troubleOf(client(github).listComments(7))).toMatchObject({
        status,
        trouble: 'refused',
      })
      expect(github.requests).toHaveLength(1)
    }
    await new Promise((resolve) => canary.close(resolve))
    expect(asked).toEqual([])
  })

  test('one that redirects in circles is left', async () => {
    await using github = await fakeGitHub({
      faults: [
        {
          at: 'list',
          show: { status: 307, headers: { location: '/repos/acme/data/issues/7/comments' } },
        },
      ],
    })
    await troubleOf(client(github).listComments(7))
    expect(github.requests).toHaveLength(4)
  })

  test('one that fills every page with the same comments comes to an end', async () => {
    const page = Array.from({ length: 100 }, (_, index) => ({
      id: index + 1,
      body: 'x',
      html_url: 'https://github.com/',
      user: { login: 'someone' },
    }))
    const link = '<http://127.0.0.2:1/comments?page=2>; rel="next"'
    await using github = await fakeGitHub({
      faults: [{ at: 'list', show: { status: 200, headers: { link }, body: page } }],
    })
    expect((await client(github).listComments(7)).comments).toHaveLength(100)
    expect(github.requests).toHaveLength(2)
  })
})

test('what a server says of its age is not printed', async () => {
  const old = { deprecation: '@1', sunset: '::error::soon', link: '<x>; rel="deprecation"' }
  const show = { status: 200, headers: old, body: [] }
  await using github = await fakeGitHub({ faults: [{ at: 'list', show }] })
  const job = { apiUrl: github.apiUrl, token: tokens.write, run: 1, head: null, text: 'new' }
  const script = join(import.meta.dirname, '..', 'helpers', 'postOnce.ts')
  const options = { cwd: import.meta.dirname, env: { PATH: process.env['PATH'] ?? '' } }
  const ended = await runNode(script, [JSON.stringify(job)], { ...options, timeout: 60_000 })
  expect(ended).toEqual({ exitCode: 0, stdout: 'created\n', stderr: '' })
})

describe('no way to the server', () => {
  const api = (apiUrl: string) =>
    connect({ token: tokens.write, apiUrl, repository }, virtualClock())

  test.each([
    ['nobody listens', 'http://127.0.0.1:2'],
    ['there is no such host', 'http://nowhere.invalid'],
  ])('%s', async (_, url) => {
    expect(await troubleOf(api(url).listComments(7))).toMatchObject({
      trouble: 'unclear',
      status: null,
    })
  })

  test('it does not speak TLS', async () => {
    await using github = await fakeGitHub()
    const url = github.apiUrl.replace('http:', 'https:')
    expect(await troubleOf(api(url).listComments(7))).toMatchObject({ trouble: 'unclear' })
  })
})

describe('a proxy', () => {
  afterEach(() => {
    delete process.env['HTTP_PROXY']
    delete process.env['NO_PROXY']
  })

  /** Tunnels to this machine whatever the host is called. */
  async function proxy() {
    const tunnels: string[] = []
    const server = createServer()
    server.on('connect', (request, socket) => {
      tunnels.push(request.url ?? '')
      const upstream = connectSocket(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        upstream.pipe(socket).pipe(upstream)
      })
      upstream.on('error', () => socket.destroy())
      socket.on('error', () => upstream.destroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    return { url: `http://127.0.0.1:${port}`, tunnels, close: () => server.close() }
  }

  test('is used unless NO_PROXY has the host', async () => {
    await using github = await fakeGitHub({ comments: [{ author: actionsBot, body: 'x' }] })
    const { url, tunnels, close } = await proxy()
    process.env['HTTP_PROXY'] = url
    const apiUrl = github.apiUrl.replace('127.0.0.1', 'github.invalid')
    const api = () => connect({ token: tokens.write, apiUrl, repository }, virtualClock())
    expect((await api().listComments(7)).comments).toHaveLength(1)
    expect(tunnels).toEqual([apiUrl.replace('http://', '')])
    process.env['NO_PROXY'] = 'github.invalid'
    expect(await troubleOf(api().listComments(7))).toMatchObject({ trouble: 'unclear' })
    close()
  })
})

test('a token that is not valid is not tried again', async () => {
  await using github = await fakeGitHub()
  const { apiUrl } = github
  const api = connect({ token: 'nonsense', apiUrl, repository }, virtualClock())
  expect(await troubleOf(postComment(api, postOf({}), null))).toMatchObject({ status: 401 })
  expect(github.requests).toHaveLength(1)
})
