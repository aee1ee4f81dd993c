import { afterAll, describe, expect, test } from 'vitest'
import { readMarker } from '../../src/report/marker.ts'
import { virtualClock } from '../helpers/clock.ts'
import { type FakeGitHub, fakeGitHub } from '../helpers/github.ts'
import { type Fault, type Mishap, type Site, siteOf } from '../helpers/githubFaults.ts'
import { otherPerson } from '../helpers/githubState.ts'
import { type Published, publishTo } from '../helpers/publishing.ts'
import { asset, BASE, HEAD, reportOf } from '../helpers/reports.ts'
import { recordResult } from '../helpers/results.ts'

/**
 * Every kind of fault at every call, once and for ever, with the write done and not done. The client,
 * the sockets and the server's state are real; only time is not.
 */

const message = (text: string) => ({ message: text })
const HOUR_LATER = String(Math.floor(Date.UTC(2026, 0, 5, 10) / 1000))
const NOW = { date: 'Mon, 05 Jan 2026 09:00:00 GMT' }

/** Passes when it is asked again. */
const TRANSIENT: Readonly<Record<string, Mishap>> = {
  '500': { status: 500 },
  '502 with a page': { status: 502, body: '<html>unicorn</html>' },
  '503': { status: 503, body: message('Service unavailable') },
  '503 with Retry-After': { status: 503, headers: { 'retry-after': '3' } },
  '504': { status: 504 },
  '408': { status: 408 },
  'a page with 200': { status: 200, body: '<html>Sign in</html>' },
  'nothing with 200': { status: 200, body: '' },
  'another shape with 200': { status: 200, body: { ok: true } },
  reset: 'reset',
  hang: 'hang',
  stall: 'stall',
  cut: 'cut',
  truncated: 'truncated',
  'wrong length': 'wrong-length',
  '429 with Retry-After': { status: 429, headers: { 'retry-after': '2' } },
  '429 with a date': {
    status: 429,
    headers: { ...NOW, 'retry-after': 'Mon, 05 Jan 2026 09:00:05 GMT' },
  },
  '403 secondary with Retry-After': {
    status: 403,
    headers: { 'retry-after': '2' },
    body: message('You have exceeded a secondary rate limit.'),
  },
  '403 secondary without': {
    status: 403,
    body: message('You have exceeded a secondary rate limit.'),
  },
  '403 with Retry-After: abc': { status: 403, headers: { 'retry-after': 'abc' } },
  '403 with Retry-After: -5': { status: 403, headers: { 'retry-after': '-5' } },
}

/** Stays, or lasts longer than a run may wait. */
const PERMANENT: Readonly<Record<string, Mishap>> = {
  '400': { status: 400, body: message('Problems parsing JSON') },
  '401': { status: 401, body: message('Bad credentials') },
  '403': { status: 403, body: message('Resource not accessible by integration') },
  '404': { status: 404, body: message('Not Found') },
  '409': { status: 409, body: message('Conflict') },
  '410': { status: 410, body: message('Gone') },
  '422': { status: 422, body: message('Validation Failed') },
  '423': { status: 423, body: message('Repository is archived') },
  '451': { status: 451, body: message('Unavailable for legal reasons') },
  '302 to another host': { status: 302, headers: { location: 'http://127.0.0.2:1/' } },
  '403 limit for an hour': {
    status: 403,
    headers: { ...NOW, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': HOUR_LATER },
    body: message('API rate limit exceeded'),
  },
  '429 for 30 years': { status: 429, headers: { 'retry-after': '999999999' } },
}

/** Each starts with what is there and ends, without faults, with one comment of ours. */
const SCENARIOS = {
  create: ['list', 'pull', 'events', 'create'],
  update: ['list', 'pull', 'events', 'update'],
  remove: ['remove'],
} as const satisfies Record<string, readonly Site[]>

type Scenario = keyof typeof SCENARIOS

const talk = { author: otherPerson, body: 'A thought' }
const before = reportOf([asset('orders', { version: '3' })])
const now = reportOf([asset('orders')])

async function prepare(
  scenario: Scenario,
): Promise<{ github: FakeGitHub; clock: ReturnType<typeof virtualClock> }> {
  const clock = virtualClock([0.1, 0.9, 0.5])
  const pull = {
    head: { ref: 'feature', sha: HEAD, repository: 4242 },
    base: { ref: 'main', sha: BASE },
  }
  const github = await fakeGitHub({ comments: [talk], pull, onSilence: clock.expire })
  if (scenario !== 'create') {
    await publishTo(github, { reports: [before], inputs: FAIL, run: { id: 8, attempt: 1 } })
  }
  if (scenario === 'remove')
    github.comment(github.comments[1]?.author ?? otherPerson, github.comments[1]?.body ?? '')
  github.label('unsynced-ok')
  return { github, clock }
}

const FAIL = { 'fail-on': 'unsynced' }

/** An empty answer is what a removal and, on some forges, an edit end with. */
const isNoFault = (kind: string, at: Site, effect: Fault['effect'] = 'none') =>
  kind === 'nothing with 200' && (at === 'remove' || at === 'update') && effect === 'none'

type Ended = {
  readonly github: FakeGitHub
  readonly published: Published
  /** Of our comments, the change set that each shows. */
  readonly shown: readonly (string | undefined)[]
  readonly tries: number
  readonly warnings: number
}

let runs = 0
const kinds = Object.keys({ ...TRANSIENT, ...PERMANENT }).length
afterAll(() => recordResult('faults', { runs, kinds }))

/** One run under a fault, held to what must be true of every one. */
async function suffer(
  scenario: Scenario,
  fault: Fault,
  check: (ended: Ended) => void,
): Promise<void> {
  const { github, clock } = await prepare(scenario)
  await using _ = github
  const requests = github.requests.length
  github.setFaults([fault])

  const published = await publishTo(github, { reports: [now], inputs: FAIL, clock })

  // The policy says no, and the label was for what was up before: whatever happened, it is red.
  expect(published.conclusion).toBe('failure')
  expect(published.outputs).toMatchObject({
    result: 'unsynced',
    conclusion: 'failure',
    'unsynced-count': '1',
    fingerprint: now.fingerprint,
  })
  expect(published.summary).toContain('### Unsynced')
  expect(clock.elapsed()).toBeLessThanOrEqual(120_000)
  expect(github.comments[0]).toMatchObject(talk)
  const made = github.requests.slice(requests)
  const ours = github.comments.slice(1)
  const warnings = published.annotations.filter(({ message }) =>
    /changes no verdict/.test(message),
  ).length
  expect(warnings).toBeLessThanOrEqual(1)
  check({
    github,
    published,
    shown: ours.map(({ body }) => readMarker(body)?.fingerprint),
    tries: made.filter((request) => siteOf(request) === fault.at).length,
    warnings,
  })
  runs += 1
}

const NEW = now.fingerprint
const OLD = before.fingerprint

/** What must be there when it was not possible to write. */
const untouched: Readonly<Record<Scenario, readonly string[]>> = {
  create: [],
  update: [OLD],
  remove: [OLD, OLD],
}

describe('a fault that passes', () => {
  const all = Object.entries(SCENARIOS).flatMap(([scenario, sites]) =>
    sites.flatMap((at) =>
      Object.entries(TRANSIENT).flatMap(([kind, show]) =>
        (at === 'create' || at === 'update' || at === 'remove'
          ? (['none', 'done'] as const)
          : (['none'] as const)
        ).map((effect) => ({ scenario: scenario as Scenario, at, kind, show, effect })),
      ),
    ),
  )

  const cells = all.filter(({ kind, at, effect }) => !isNoFault(kind, at, effect))

  test.each(cells)(
    '$scenario: $at answers once with $kind, $effect',
    async ({ scenario, at, show, effect }) => {
      await suffer(scenario, { at, nth: [1], effect, show }, (ended) => {
        expect(ended.shown).toEqual([NEW])
        expect(ended.warnings).toBe(0)
        expect(ended.published.outputs['comment-url']).toMatch(/#issuecomment-\d+$/)
        expect(ended.tries).toBeLessThanOrEqual(4)
      })
    },
  )
})

describe('a fault that stays', () => {
  const all = Object.entries(SCENARIOS).flatMap(([scenario, sites]) =>
    sites.flatMap((at) =>
      Object.entries({ ...TRANSIENT, ...PERMANENT }).map(([kind, show]) => ({
        scenario: scenario as Scenario,
        at,
        kind,
        show,
        passes: kind in TRANSIENT,
      })),
    ),
  )

  const cells = all.filter(({ kind, at }) => !isNoFault(kind, at))
  type Cell = (typeof cells)[number]

  /** Half of an answer is one to what was done. */
  const isPartial = ({ show }: Cell) =>
    typeof show === 'string' && show !== 'reset' && show !== 'hang'

  /** What each call's failure leaves behind. */
  const ends: Readonly<Record<string, (cell: Cell, ended: Ended) => void>> = {
    list: ({ scenario }, ended) => {
      expect(ended.shown).toEqual(untouched[scenario])
      expect(ended.warnings).toBe(1)
    },
    // Who cannot be asked for the label or its time can still be told.
    pull: (_, ended) => expect(ended.shown).toEqual([NEW]),
    events: (_, ended) => expect(ended.shown).toEqual([NEW]),
    create: (cell, ended) => {
      expect(ended.shown).toEqual(isPartial(cell) ? [NEW] : [])
      expect(ended.warnings).toBe(isPartial(cell) ? 0 : 1)
    },
    update: (cell, ended) => {
      expect(ended.shown).toEqual(isPartial(cell) ? [NEW] : [OLD])
      expect(ended.warnings).toBe(isPartial(cell) ? 0 : 1)
      const gone = cell.kind === '404' || cell.kind === '410'
      expect(ended.tries).toBeLessThanOrEqual(cell.passes ? 5 : gone ? 3 : 1)
    },
    // The next run removes what this one could not.
    remove: (_, ended) => {
      expect(ended.shown[0]).toBe(NEW)
      expect(ended.warnings).toBe(0)
    },
  }

  test.each(cells)('$scenario: $at answers with $kind', async (cell) => {
    const { scenario, at, show, passes } = cell
    await suffer(scenario, { at, show }, (ended) => {
      ends[at]?.(cell, ended)
      const once = at === 'create' || at === 'update' || at === 'remove'
      expect(ended.tries).toBeLessThanOrEqual(once ? 5 : 15)
      if (!passes && (at === 'list' || at === 'create')) {
        expect(ended.tries).toBeLessThanOrEqual(2)
      }
    })
  })
})
