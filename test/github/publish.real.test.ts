import { describe, expect, test } from 'vitest'
import { fingerprintOf } from '../../src/report/fingerprint.ts'
import { readMarker } from '../../src/report/marker.ts'
import type { Report } from '../../src/report/model.ts'
import { virtualClock } from '../helpers/clock.ts'
import { type FakeGitHub, fakeGitHub } from '../helpers/github.ts'
import { SITES, siteOf } from '../helpers/githubFaults.ts'
import { PULL, publishTo, type Run, pullServer as server } from '../helpers/publishing.ts'
import { asset, brokenReport, HEAD, reportOf } from '../helpers/reports.ts'
import { recordResult } from '../helpers/results.ts'

const change = reportOf([asset('orders')])
const otherChange = reportOf([asset('orders', { version: '3' }), asset('refunds')])
const noChange = reportOf([])
const F = change.fingerprint
const G = otherChange.fingerprint

let runs = 100

/** The next run of the pull request. */
async function run(github: FakeGitHub, report: Report, more: Partial<Run> = {}) {
  runs += 1
  const inputs = { 'fail-on': 'unsynced', ...more.inputs }
  const clock = virtualClock()
  return await publishTo(github, {
    reports: [report],
    run: { id: runs, attempt: 1 },
    clock,
    ...more,
    inputs,
  })
}

const body = (github: FakeGitHub) => github.comments[0]?.body ?? ''
const title = (markdown: string) => /^### Unsynced · `warehouse` · (.*)$/m.exec(markdown)?.[1]
const sites = (github: FakeGitHub) => github.requests.map(siteOf)

describe('every result × comment × policy × acceptance', () => {
  const results = { synced: noChange, unsynced: change, error: brokenReport() } as const
  const policies = { none: 'none', matching: 'unsynced', other: 'removed' } as const
  const comments = ['posted', 'forbidden', 'down', 'off'] as const
  const acceptances = ['nobody', 'label', 'old label', 'trailer', 'old trailer'] as const
  const cells = Object.keys(results).flatMap((result) =>
    Object.keys(policies).flatMap((policy) =>
      comments.flatMap((comment) =>
        acceptances.map((acceptance) => ({
          result: result as keyof typeof results,
          policy: policy as keyof typeof policies,
          comment,
          acceptance,
        })),
      ),
    ),
  )
  const DOWN = SITES.map((at) => ({ at, show: { status: 503 } }) as const)
  const counts = { synced: '0', unsynced: '1', error: '' }

  /** The rule in one place and in other words than the product's. */
  function isGreen({ result, policy, comment, acceptance }: (typeof cells)[number]): boolean {
    if (result === 'error') return false
    if (result === 'synced' || policy !== 'matching') return true
    const readable = comment !== 'down'
    return readable && (acceptance === 'label' || acceptance === 'trailer')
  }

  /** A pull request whose comment, label and description are as the cell says. */
  async function prepare({ acceptance, comment }: (typeof cells)[number]): Promise<FakeGitHub> {
    const github = await server()
    const earlier = acceptance.startsWith('old') ? otherChange : change
    await run(github, earlier)
    if (acceptance.endsWith('label')) github.label('unsynced-ok')
    if (acceptance.endsWith('trailer')) {
      github.setPull({ body: `Text\r\n\r\nUnsynced-Accept: ${earlier.fingerprint}\r\n` })
    }
    if (comment === 'down') github.setFaults(DOWN)
    return github
  }

  /** What must be there afterwards, and whether it had to be said that something is not. */
  function expectComment(
    cell: (typeof cells)[number],
    github: FakeGitHub,
    summary: string,
  ): boolean {
    if (cell.comment === 'posted') {
      expect(title(body(github))).toBe(title(summary))
      return false
    }
    return cell.comment === 'down' || github.writes.at(-1)?.status === 403
  }

  test.each(cells)(
    '$result, comment $comment, fail-on $policy, accepted by $acceptance',
    async (cell) => {
      const { result, policy, comment } = cell
      await using github = await prepare(cell)
      const before = github.comments

      const inputs = {
        'fail-on': policies[policy],
        comment: comment === 'off' ? 'never' : 'changes',
      }
      const token = comment === 'forbidden' ? 'read' : 'write'
      const published = await run(github, results[result], { inputs, token })

      const conclusion = isGreen(cell) ? 'success' : 'failure'
      expect(published.conclusion).toBe(conclusion)
      expect(published.outputs).toMatchObject({
        result,
        conclusion,
        'unsynced-count': counts[result],
        'new-count': result === 'error' ? '' : '0',
        fingerprint: result === 'unsynced' ? F : '',
      })
      expect(published.report).toMatchObject({ result, conclusion })
      expect(published.summary).toContain('### Unsynced')
      expect(github.comments).toHaveLength(1)
      if (comment !== 'posted') expect(github.comments).toEqual(before)
      const warned = expectComment(cell, github, published.summary)
      const warnings = published.annotations.filter(({ message }) =>
        /changes no verdict/.test(message),
      )
      expect(warnings).toHaveLength(warned ? 1 : 0)
    },
  )

  test('are all of them', () => {
    expect(cells).toHaveLength(3 * 4 * 3 * 5)
    recordResult('endings', { cells: cells.length })
    expect(cells.filter(isGreen).length).toBeGreaterThan(80)
  })
})

describe('a label', () => {
  test('accepts what is shown, says who and when, and survives a re-run', async () => {
    await using github = await server()
    expect((await run(github, change)).conclusion).toBe('failure')
    expect(title(body(github))).toBe('action needed')
    expect(body(github)).toContain(`\`${F}\``)
    expect(body(github)).toContain('`unsynced-ok`')

    github.label('Unsynced-OK', 'jdoe')
    const accepted = await run(github, change)
    expect(accepted.conclusion).toBe('success')
    expect(accepted.report).toMatchObject({ result: 'unsynced', conclusion: 'success' })
    expect(title(body(github))).toBe('accepted')
    expect(body(github)).toContain('`jdoe`')
    expect(body(github)).toContain('2026-01-05 09:00 UTC')

    const writes = github.writes.length
    expect((await run(github, change)).conclusion).toBe('success')
    expect(github.writes).toHaveLength(writes)
    expect(sites(github).slice(-3)).toEqual(['list', 'pull', 'events'])
  })

  test('is void after a push that changes the set, which names the new rows', async () => {
    await using github = await server()
    await run(github, change)
    github.label('unsynced-ok', 'jdoe')
    await run(github, change)

    const more = reportOf([
      asset('orders'),
      asset('refunds'),
      asset('sales', { status: 'removed' }),
    ])
    const published = await run(github, more)
    expect(published.conclusion).toBe('failure')
    expect(title(body(github))).toBe('action needed')
    expect(body(github)).toContain(F)
    expect(body(github)).toContain(more.fingerprint)
    expect(body(github)).toMatch(
      /New since then: `warehouse\/marts\/refunds` and `warehouse\/marts\/sales`\./,
    )

    // Still for the first set, however many pushes and runs come in between.
    expect((await run(github, otherChange)).conclusion).toBe('failure')
    expect(body(github)).toMatch(
      /New since then: `warehouse\/marts\/orders` and `warehouse\/marts\/refunds`\./,
    )
    expect((await run(github, brokenReport())).conclusion).toBe('failure')
    expect((await run(github, noChange)).conclusion).toBe('success')
    expect((await run(github, change)).conclusion).toBe('success')
  })

  test('that is taken away and added again accepts the new set, and no longer the old one', async () => {
    await using github = await server()
    await run(github, change)
    github.label('unsynced-ok')
    await run(github, change)
    expect((await run(github, otherChange)).conclusion).toBe('failure')
    github.unlabel('unsynced-ok')
    github.label('unsynced-ok')
    expect((await run(github, otherChange)).conclusion).toBe('success')
    expect((await run(github, change)).conclusion).toBe('failure')
  })

  test('that is taken away is no acceptance any more', async () => {
    await using github = await server()
    await run(github, change)
    github.label('unsynced-ok')
    await run(github, change)
    github.unlabel('unsynced-ok')
    expect((await run(github, change)).conclusion).toBe('failure')
    expect(body(github)).not.toContain('accepted')
  })

  test('that was there before anything was shown accepts nothing', async () => {
    await using github = await server({ labels: ['unsynced-ok'] })
    expect((await run(github, change)).conclusion).toBe('failure')
    expect((await run(github, change)).conclusion).toBe('failure')
    expect(body(github)).toContain('was given before there was anything to accept')
  })

  test('behind two hundred other events is found', async () => {
    await using github = await server()
    await run(github, change)
    for (let turn = 0; turn < 100; turn++) {
      github.label('other')
      github.unlabel('other')
    }
    github.label('unsynced-ok', 'jdoe')
    expect((await run(github, change)).conclusion).toBe('success')
    expect(body(github)).toContain('`jdoe`')
  })

  test('of the payload, which a re-run repeats, does not count: only the live one', async () => {
    await using github = await server()
    await run(github, change)
    expect((await run(github, change)).conclusion).toBe('failure')
    expect(sites(github)).not.toContain('events')
  })

  test('with another name in the input', async () => {
    await using github = await server()
    const inputs = { 'accept-label': 'dagster: fine' }
    await run(github, change, { inputs })
    github.label('unsynced-ok')
    expect((await run(github, change, { inputs })).conclusion).toBe('failure')
    github.label('dagster: fine')
    expect((await run(github, change, { inputs })).conclusion).toBe('success')
  })

  test('added while the run is posting is not for what was not up yet', async () => {
    await using github = await fakeGitHub({
      pull: PULL,
      gate: async (request, phase) => {
        if (siteOf(request) === 'update' && phase === 'before') github.label('unsynced-ok')
      },
    })
    await run(github, change)
    await run(github, otherChange)
    expect(title(body(github))).toBe('action needed')
    expect(body(github)).toContain(`was for \`${F}\`, and this is \`${G}\``)
  })
})

describe('a trailer', () => {
  test('accepts for a fork, whose token may not write', async () => {
    await using github = await server()
    github.setPull({ body: `Unsynced-Accept: ${F}` })
    const published = await run(github, change, { token: 'read' })
    expect(published.conclusion).toBe('success')
    expect(title(published.summary)).toBe('accepted')
    expect(github.writes.map(({ status }) => status)).toEqual([403])
  })

  test('is read live where that is possible, else from the event', async () => {
    const description = `Unsynced-Accept: ${F}`
    await using live = await server()
    expect((await run(live, change, { pullRequest: { description } })).conclusion).toBe('failure')
    const payload = { pullRequest: { description }, token: 'none' } as const
    expect((await run(live, change, payload)).conclusion).toBe('success')
    await using closed = await server({ faults: [{ at: 'list', show: { status: 404 } }] })
    expect((await run(closed, change, { pullRequest: { description } })).conclusion).toBe('success')
    await using down = await server({ faults: [{ at: 'list', show: { status: 502 } }] })
    expect((await run(down, change, { pullRequest: { description } })).conclusion).toBe('failure')
  })

  test.each([
    [`Unsynced-Accept: ${F.slice(0, 6)}`],
    [`Unsynced-Accept: ${F.slice(0, 12)}`],
    [`Unsynced-Accept: ${F.slice(0, 31)}`],
    [`Unsynced-Accept: ${F}0`],
    [`> Unsynced-Accept: ${F}`],
    [`see Unsynced-Accept: ${F}`],
    [`Unsynced-Accept: ${F} or so`],
    ['Unsynced-Accept: all'],
  ])('%j is none', async (text) => {
    await using github = await server({ pull: { ...PULL, body: text } })
    expect((await run(github, change)).conclusion).toBe('failure')
  })
})

describe('a merge queue', () => {
  const queued = { head: null, queued: true }

  test('honours the acceptance of its pull request, and writes nothing', async () => {
    await using github = await server()
    await run(github, change)
    expect((await run(github, change, { pullRequest: queued })).conclusion).toBe('failure')
    github.label('unsynced-ok')
    const writes = github.writes.length
    expect((await run(github, change, { pullRequest: queued })).conclusion).toBe('success')
    expect((await run(github, otherChange, { pullRequest: queued })).conclusion).toBe('failure')
    expect(github.writes).toHaveLength(writes)
  })

  test('honours a trailer', async () => {
    await using github = await server({ pull: { ...PULL, body: `Unsynced-Accept: ${F}` } })
    expect((await run(github, change, { pullRequest: queued })).conclusion).toBe('success')
  })
})

describe('what the comment remembers', () => {
  test('clean after an impact: what an earlier push affected', async () => {
    await using github = await server()
    await run(github, otherChange)
    await run(github, noChange)
    expect(title(body(github))).toBe('no assets affected')
    expect(body(github)).toContain(
      `An earlier push (\`${HEAD.slice(0, 7)}\`) made 2 assets unsynced`,
    )
    const writes = github.writes.length
    await run(github, noChange)
    expect(github.writes).toHaveLength(writes)
  })

  test('an error: the last good result, through further errors', async () => {
    await using github = await server()
    await run(github, otherChange)
    await run(github, brokenReport())
    expect(title(body(github))).toBe('could not compare')
    expect(body(github)).toContain('The last good result was 2 assets')
    await run(github, brokenReport({ head: 'e'.repeat(40) }))
    expect(body(github)).toContain('The last good result was 2 assets')
  })

  test('a forged memory changes no verdict', async () => {
    await using github = await server()
    await run(github, change)
    github.label('unsynced-ok')
    await run(github, change)
    const accepted = body(github)
    // Somebody who may edit the comment makes the old acceptance one for the new set.
    await run(github, otherChange)
    const memory = /memory=(\S*)/.exec(accepted)?.[1]
    expect(memory).toBeTruthy()
    const forged = body(github).replace(/memory=\S*/, `memory=${memory}`)
    await fetch(`${github.apiUrl}/repos/acme/data/issues/comments/${github.comments[0]?.id}`, {
      method: 'PATCH',
      headers: { authorization: `token ${github.tokens.write}` },
      body: JSON.stringify({ body: forged }),
    })
    expect((await run(github, otherChange)).conclusion).toBe('failure')
  })
})

describe('several projects', () => {
  const lake = reportOf([asset('events'), asset('clicks', { status: 'new', reasons: [] })], {
    project: 'lake',
  })

  test('one comment with a section each, outputs summed, one verdict', async () => {
    await using github = await server()
    const published = await run(github, change, { reports: [change, lake, noChange] })
    expect(published.outputs).toMatchObject({
      result: 'unsynced',
      conclusion: 'failure',
      'unsynced-count': '2',
      'new-count': '1',
    })
    expect(github.comments).toHaveLength(1)
    expect(body(github).match(/^### /gm)).toHaveLength(4)
    expect(body(github)).toContain('### Unsynced · 3 projects')
    github.label('unsynced-ok')
    const accepted = await run(github, change, { reports: [change, lake, noChange] })
    expect(accepted.conclusion).toBe('success')
    expect(accepted.report).toMatchObject({ conclusion: 'success', reports: [{}, {}, {}] })
  })

  test('an error in one is an error of all, and its counts are not known', async () => {
    await using github = await server()
    const reports = [change, brokenReport({ project: 'lake' })]
    github.setPull({ body: `Unsynced-Accept: ${F}` })
    const published = await run(github, change, { reports })
    expect(published.outputs).toMatchObject({
      result: 'error',
      conclusion: 'failure',
      'unsynced-count': '',
    })
    expect(body(github)).toContain('could not compare')
    // Of what is accepted beside an unknown, nobody can say what it is.
    expect(body(github)).not.toContain('accepted')
  })

  test('a hundred large projects still fit', async () => {
    await using github = await server()
    const rows = Array.from({ length: 100 }, (_, index) => asset(`model_${index}`))
    const reports = Array.from({ length: 100 }, (_, index) =>
      reportOf(rows, { project: `p${index}` }),
    )
    const published = await run(github, change, { reports })
    expect(body(github).length).toBeLessThan(60_000)
    expect(body(github)).toContain('`p99`')
    expect(body(github).split('\n')[0]?.length).toBeLessThan(4000)
    expect(readMarker(body(github))?.key).toBe('?')
    expect(Buffer.byteLength(published.summary)).toBeLessThan(1_000_000)
  }, 400_000)
})

test('a fingerprint is that of its rows, whatever follows from them', () => {
  const follower = asset('daily', { status: 'afterUpstream', wave: 1 })
  expect(fingerprintOf([asset('orders'), follower])).toBe(F)
  expect(G).not.toBe(F)
})

describe('without the runner’s files', () => {
  test.each(['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'])(
    '%s: a warning, and the rest goes on',
    async (name) => {
      await using github = await server()
      const published = await run(github, change, { without: name })
      expect(published.conclusion).toBe('failure')
      expect(github.comments).toHaveLength(1)
      const warnings = published.annotations.filter(({ message }) => message.includes(name))
      expect(warnings.length).toBeGreaterThan(0)
      expect(published.printed).not.toContain('::set-output')
    },
  )
})
