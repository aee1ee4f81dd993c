import { describe, expect, test } from 'vitest'
import { readMarker } from '../../src/report/marker.ts'
import type { Report } from '../../src/report/model.ts'
import { virtualClock } from '../helpers/clock.ts'
import type { FakeGitHub } from '../helpers/github.ts'
import { siteOf } from '../helpers/githubFaults.ts'
import { actionsBot, otherPerson } from '../helpers/githubState.ts'
import { type OlderWords, olderComment } from '../helpers/olderComment.ts'
import { PULL, publishTo, type Run, pullServer as server } from '../helpers/publishing.ts'
import { asset, brokenReport, reportOf } from '../helpers/reports.ts'

/** Which comment of a pull request is a job's: by its inputs, and by what an older release left. */

const change = reportOf([asset('orders')])
const noChange = reportOf([])

let runs = 100

type Inputs = NonNullable<Run['inputs']>

/** The next run of a job with these inputs. */
async function run(github: FakeGitHub, inputs: Inputs, ...reports: Report[]) {
  runs += 1
  const clock = virtualClock()
  return await publishTo(github, { reports, run: { id: runs, attempt: 1 }, clock, inputs })
}

/** A comment of an older release, by the workflow's own token. */
const older = (words: OlderWords = {}) => ({ author: actionsBot, body: olderComment(words) })

const keys = (github: FakeGitHub) =>
  github.comments.map(({ body }) => readMarker(body)?.key ?? body).sort()
const titles = (github: FakeGitHub) =>
  github.comments.map(({ body }) => /^### Unsynced · (.*)$/m.exec(body)?.[1])
const creations = (github: FakeGitHub) => github.requests.filter((one) => siteOf(one) === 'create')

describe('the default is made of the inputs alone', () => {
  test.each<[string, Inputs, string]>([
    ['nothing written', {}, '?'],
    ['the default written', { project: '.', integration: 'auto' }, '?'],
    ['a project', { project: ' ./warehouse/ \n' }, '?project=warehouse'],
    ['several', { project: 'b\na' }, '?project=b%0Aa'],
    [
      'all of them',
      { project: 'a', gateway: 'prod', definitions: 'pkg.defs', integration: 'dg-sqlmesh' },
      '?project=a&gateway=prod&definitions=pkg.defs&integration=dg-sqlmesh',
    ],
    ['others too', { project: 'a', python: 'python3', 'fail-on': 'removed' }, '?project=a'],
    ['a value that looks like two', { project: 'a&gateway=b' }, '?project=a%26gateway%3Db'],
    ['a key', { project: 'a', gateway: 'b', 'comment-key': 'mine' }, 'mine'],
  ])('%s', async (_, inputs, key) => {
    await using github = await server()
    await run(github, inputs, change)
    expect(keys(github)).toEqual([key])
  })

  test('two that differ after two hundred characters are two', async () => {
    await using github = await server()
    const long = 'x'.repeat(300)
    for (const project of [`${long}a`, `${long}b`]) await run(github, { project }, change)
    expect(keys(github)).toHaveLength(2)
  })

  test('jobs of one project and several gateways each have their own', async () => {
    await using github = await server()
    await run(github, { project: 'warehouse', gateway: 'prod' }, change)
    await run(github, { project: 'warehouse', gateway: 'dev' }, noChange)
    await run(github, { project: 'warehouse', gateway: 'test', comment: 'always' }, noChange)
    expect(titles(github)).toEqual([
      '`warehouse` · 1 asset will become unsynced',
      '`warehouse` · no assets affected',
    ])
  })
})

test('two jobs of a run that have one comment are told so, and nobody else is', async () => {
  await using github = await server()
  const job = {
    run: { id: 5, attempt: 1 },
    clock: virtualClock(),
    inputs: { mode: 'report', reports: 'r' },
  } as const
  const told = async (report: Report, attempt = 1) => {
    const reports = [report]
    const { annotations } = await publishTo(github, { ...job, run: { id: 5, attempt }, reports })
    return annotations.some(({ message }) => /own `comment-key`/.test(message))
  }
  const lake = reportOf([asset('events')], { project: 'lake' })
  expect([await told(change), await told(change), await told(lake)]).toEqual([false, false, true])
  expect(await told(change, 2)).toBe(false)
})

describe('a job that reports', () => {
  const inputs = { mode: 'report', reports: 'r0.json\nr1.json' } as const
  const lake = reportOf([asset('events')], { project: 'lake' })
  /** As it is read: a report that cannot be used has only the name of its file. */
  const missing = brokenReport({ project: 'r1.json' })

  test('says in its one comment that a report is missing, and no longer once it is there', async () => {
    await using github = await server()
    await run(github, inputs, change, lake)
    await run(github, inputs, change, missing)
    expect(titles(github)[0]).toBe('2 projects · could not compare')
    expect(github.comments[0]?.body).toContain('### Unsynced · `r1.json` · could not compare')
    expect(github.comments[0]?.body).toContain('### Unsynced · `warehouse` · 1 asset')
    await run(github, inputs, change, reportOf([], { project: 'lake' }))
    expect(github.comments).toHaveLength(1)
    expect(github.comments[0]?.body).not.toContain('could not compare')
  })

  test('has one comment, whatever its reports say that they are about', async () => {
    await using github = await server()
    for (const project of ['warehouse', 'x', 'y', 'warehouse, lake', '?project=z']) {
      await run(github, inputs, reportOf([asset('orders')], { project }))
    }
    expect(keys(github)).toEqual(['?'])
    expect(titles(github)).toEqual(['`?project=z` · 1 asset will become unsynced'])
  })
})

describe('a comment of an older release', () => {
  const inputs = { project: 'warehouse' }

  test('is taken over by the job whose project it is', async () => {
    await using github = await server({ comments: [older()] })
    await run(github, inputs, change)
    expect(github.comments).toHaveLength(1)
    expect(keys(github)).toEqual(['?project=warehouse'])
    expect(creations(github)).toEqual([])
    await run(github, inputs, noChange)
    expect(titles(github)).toEqual(['`warehouse` · no assets affected'])
  })

  test.each<[string, Inputs, OlderWords]>([
    ['of the root', {}, { key: '.' }],
    ['of several projects', { project: 'b\na' }, { key: 'b, a' }],
    ['with a key of its own', { project: 'a', 'comment-key': 'mine' }, { key: 'mine' }],
    ['whose default is given as a key', { project: 'a', 'comment-key': 'a' }, { key: 'a' }],
  ])('%s', async (_, inputs, words) => {
    await using github = await server({ comments: [older(words)] })
    await run(github, inputs, change)
    expect(github.comments).toHaveLength(1)
    expect(creations(github)).toEqual([])
    if (inputs['comment-key'] !== undefined) expect(keys(github)).toEqual([words.key])
  })

  test('that jobs of several gateways shared goes, and each has its own', async () => {
    await using github = await server({ comments: [older()] })
    await run(github, { ...inputs, gateway: 'prod' }, change)
    expect(keys(github)).toEqual(['?project=warehouse&gateway=prod'])
    await run(github, { ...inputs, gateway: 'dev' }, change)
    expect(keys(github)).toEqual([
      '?project=warehouse&gateway=dev',
      '?project=warehouse&gateway=prod',
    ])
  })

  test('that was shared is not taken away from a closed pull request, which gets no other', async () => {
    const closed = { ...PULL, open: false }
    await using github = await server({ pull: closed, comments: [older()] })
    await run(github, { ...inputs, gateway: 'prod' }, change)
    expect(github.comments.map(({ body }) => body)).toEqual([older().body])
  })

  test.each<[string, Inputs, { author: typeof actionsBot; body: string }]>([
    ['another project', inputs, older({ key: 'lake' })],
    ['another person', inputs, { author: otherPerson, body: olderComment() }],
    ['another key', { ...inputs, 'comment-key': 'mine' }, older()],
    ['a key that looks like the default', {}, older({ key: '?' })],
  ])('of %s stays as it is', async (_, inputs, comment) => {
    await using github = await server({ comments: [comment] })
    await run(github, inputs, change)
    expect(github.comments).toHaveLength(2)
    expect(github.comments[0]?.body).toBe(comment.body)
  })

  test('that a newer run wrote has the last word', async () => {
    await using github = await server({ comments: [older({ run: 1_000_000 })] })
    await run(github, inputs, change)
    expect(github.writes).toEqual([])
  })

  describe('of a job that reports', () => {
    const inputs = { mode: 'report', reports: 'r0.json' } as const

    test.each([
      ['under its project', ['warehouse']],
      ['under its file, from when that was missing', ['r0.json']],
      ['under both', ['warehouse', 'r0.json']],
    ])('%s', async (_, known) => {
      await using github = await server({ comments: known.map((key) => older({ key })) })
      await run(github, inputs, change)
      expect(keys(github)).toEqual(['?'])
      expect(creations(github)).toEqual([])
    })

    test('is not another’s that a report names', async () => {
      const comments = [older(), older({ key: 'lake' })]
      await using github = await server({ comments })
      await run(github, inputs, reportOf([asset('orders')], { project: 'lake' }))
      expect(github.comments.slice(0, 2).map(({ body }) => body)).toEqual(
        comments.map(({ body }) => body),
      )
      expect(github.comments).toHaveLength(3)
    })
  })
})

describe('an acceptance of an older release', () => {
  const inputs = { project: 'warehouse', 'fail-on': 'unsynced' }
  const short = change.fingerprint.slice(0, 12)
  const why = /was for an older version’s fingerprint, `[0-9a-f]{12}`/

  test('by a label is void and says why, until the label is added again', async () => {
    await using github = await server({
      comments: [older({ fingerprint: short, since: '2026-01-05T08:00:00Z' })],
    })
    github.label('unsynced-ok', 'jdoe')
    for (let turn = 0; turn < 2; turn++) {
      expect((await run(github, inputs, change)).conclusion).toBe('failure')
      expect(github.comments[0]?.body).toMatch(why)
      expect(github.comments[0]?.body).toContain('takes the label `unsynced-ok` away and adds it')
    }
    github.unlabel('unsynced-ok')
    github.label('unsynced-ok', 'jdoe')
    expect((await run(github, inputs, change)).conclusion).toBe('success')
  })

  test('that the comment remembers is void too', async () => {
    const accepted = { fingerprint: short, by: 'jdoe', at: '2026-01-05T08:30:00Z' }
    await using github = await server({ comments: [older({ fingerprint: short, accepted })] })
    github.label('unsynced-ok', 'jdoe')
    expect((await run(github, inputs, change)).conclusion).toBe('failure')
    expect(github.comments[0]?.body).toMatch(why)
  })

  test('in the description is void, and the line that accepts is shown', async () => {
    await using github = await server({
      pull: { ...PULL, body: `Unsynced-Accept: ${short}` },
    })
    expect((await run(github, inputs, change)).conclusion).toBe('failure')
    const [comment] = github.comments
    expect(comment?.body).toMatch(why)
    const [line = ''] = /Unsynced-Accept: [0-9a-f]{32}/.exec(comment?.body ?? '') ?? []
    github.setPull({ body: `Unsynced-Accept: ${short}\n${line}` })
    expect((await run(github, inputs, change)).conclusion).toBe('success')
  })
})
