import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MOST_BYTES, type Report } from '../../src/report/model.ts'
import { mergeGroupEvent, pullRequestEvent, workflowRunEvent } from '../helpers/events.ts'
import { type FakeGitHub, type FakeGitHubOptions, fakeGitHub } from '../helpers/github.ts'
import { siteOf } from '../helpers/githubFaults.ts'
import { changedQueries, project } from '../helpers/project.ts'
import { asset, BASE, brokenReport, HEAD, reportOf } from '../helpers/reports.ts'
import { type ActionResult, type ActionRun, runAction } from '../helpers/runner.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { errorOutputs, openPullRequest, titleOf, titles } from './scenario.ts'

const MERGE = 'c'.repeat(40)
const PULL = {
  number: 7,
  base: { ref: 'main', sha: BASE },
  head: { ref: 'feature', sha: HEAD },
  mergeSha: MERGE,
}
/** The pull request comes from a fork. */
const FORK = { head: { ...PULL.head, repository: 4343 }, base: PULL.base }
const merged = { head: MERGE }
const change = reportOf([asset('orders')], merged)
const WARNED = /changes no verdict/

async function server(options: FakeGitHubOptions = {}): Promise<FakeGitHub> {
  const github = await fakeGitHub({ pull: FORK, ...options })
  github.setCommit(MERGE, [BASE, HEAD])
  return github
}

/** A job that has downloaded reports and posts them. There is no Python and no repository. */
async function report(
  github: FakeGitHub,
  reports: readonly (Report | string)[],
  more: Partial<ActionRun> = {},
): Promise<ActionResult> {
  await using folder = await temporaryFolder()
  await mkdir(join(folder.path, 'reports'))
  const names = reports.map((_, index) => `reports/${index}.json`)
  for (const [index, report] of reports.entries()) {
    const text = typeof report === 'string' ? report : JSON.stringify(report)
    await writeFile(join(folder.path, `reports/${index}.json`), text)
  }
  return await runAction({
    event: pullRequestEvent(PULL),
    workspace: folder.path,
    github,
    ...more,
    inputs: { mode: 'report', reports: names.join('\n'), ...more.inputs },
  })
}

const forkRun = workflowRunEvent({ headSha: HEAD })

test('compute asks GitHub nothing; its report, posted by another job, is the same', async () => {
  await using scenario = await openPullRequest({ base: project, head: changedQueries })
  const inputs = { 'fail-on': 'unsynced' }

  const computed = await scenario.run({ inputs: { ...inputs, mode: 'compute' } })

  expect(computed.requests).toEqual([])
  expect(computed.outputs).toMatchObject({
    result: 'unsynced',
    conclusion: 'failure',
    'comment-url': '',
  })
  expect(titleOf(computed.summary)).toBe(titles.actionNeeded)
  expect(computed.annotations.filter(({ message }) => WARNED.test(message))).toEqual([])

  const { github, pullRequest } = scenario
  const json = JSON.stringify(computed.report)
  const posted = await report(github, [json], { event: pullRequestEvent(pullRequest), inputs })
  expect(posted.exitCode).toBe(1)
  expect(posted.report).toEqual(computed.report)
  expect(github.comments.map(({ body }) => titleOf(body))).toEqual([titles.actionNeeded])
})

test('compute takes an acceptance from the event’s description', async () => {
  await using scenario = await openPullRequest({ base: project, head: changedQueries })
  const inputs = { 'fail-on': 'unsynced', mode: 'compute' }
  const { fingerprint } = (await scenario.run({ inputs })).outputs

  const description = `Reviewed.\n\nUnsynced-Accept: ${fingerprint}`
  const event = pullRequestEvent(scenario.pullRequest, { description })
  const accepted = await scenario.run({ inputs, event })

  expect(accepted.exitCode).toBe(0)
  expect(accepted.outputs).toMatchObject({ result: 'unsynced', conclusion: 'success' })
  expect(accepted.requests).toEqual([])
})

test('a fork’s report is posted by workflow_run, on the pull request that GitHub names', async () => {
  await using github = await server()
  const result = await report(github, [change], {
    event: forkRun,
    inputs: { 'fail-on': 'unsynced' },
  })
  expect(result.exitCode).toBe(1)
  expect(result.outputs).toMatchObject({ result: 'unsynced', conclusion: 'failure' })
  expect(github.comments.map(({ body }) => titleOf(body))).toEqual([titles.actionNeeded])
  const posted = ['pulls', 'commit', 'list', 'pull', 'create', 'pull', 'list']
  expect(github.requests.map(siteOf)).toEqual(posted)
  expect(github.comments[0]?.body).toContain(`/blob/${HEAD}/`)

  github.label('unsynced-ok', 'jdoe')
  const accepted = await report(github, [change], {
    event: forkRun,
    runId: 1_234_568,
    inputs: { 'fail-on': 'unsynced' },
  })
  expect(accepted.exitCode).toBe(0)
  expect(github.comments[0]?.body).toContain('`jdoe`')
})

test.each<[string, FakeGitHubOptions]>([
  ['has moved on', { pull: { ...FORK, head: { ...FORK.head, sha: 'd'.repeat(40) } } }],
  ['is of another repository', { pull: { ...FORK, head: { ...FORK.head, repository: 4242 } } }],
  ['is closed', { pull: { ...FORK, open: false } }],
])('workflow_run of a head whose pull request %s comments nowhere', async (_, options) => {
  await using github = await server(options)
  for (const inputs of [{}, { 'pull-request': '7' }]) {
    const result = await report(github, [change], { event: forkRun, inputs })
    expect(result.exitCode).toBe(0)
    if (options.pull?.open !== false) expect(github.writes).toEqual([])
    const warnings = result.annotations.filter(({ message }) => WARNED.test(message))
    expect(warnings.length).toBeLessThanOrEqual(1)
  }
  expect(github.comments).toEqual([])
})

test.each<[string, Report | string]>([
  ['about another commit', reportOf([asset('orders')], { head: 'd'.repeat(40) })],
  ['forged', { ...change, counts: { ...change.counts, unsynced: 0 } } as Report],
  ['too large', JSON.stringify(change).padEnd(MOST_BYTES + 1)],
  ['no JSON', '<html>'],
])('a report that is %s is an error, and red', async (_, bad) => {
  await using github = await server()
  const result = await report(github, [bad], { event: forkRun })
  expect(result.exitCode).toBe(1)
  expect(result.outputs).toMatchObject(errorOutputs)
  expect(result.report).toMatchObject({ error: { code: 'report' } })
  expect(github.comments).toHaveLength(1)
  expect(github.comments[0]?.body).toContain('could not compare')
})

test('several projects become one comment', async () => {
  await using github = await server()
  const lake = reportOf([asset('events'), asset('clicks')], { project: 'lake', ...merged })
  const result = await report(github, [change, lake], { inputs: { 'fail-on': 'removed' } })
  expect(result.exitCode).toBe(0)
  expect(result.outputs).toMatchObject({ result: 'unsynced', 'unsynced-count': '3' })
  expect(github.comments.map(({ body }) => titleOf(body))).toEqual([
    'Unsynced · 2 projects · 3 assets will become unsynced',
  ])
  expect(github.comments[0]?.body).toContain('key=%3F ')

  const worse = [change, brokenReport({ project: 'lake', ...merged })]
  const broken = await report(github, worse, { runId: 1_234_568 })
  expect(broken.exitCode).toBe(1)
  expect(broken.outputs).toMatchObject(errorOutputs)
  expect(github.comments).toHaveLength(1)
})

test.each([
  ['fail-on', 'everything'],
  ['timeout', 'soon'],
])(
  'where the input %s is wrong, the comment says so, not what an earlier push did',
  async (name, value) => {
    await using github = await server()
    await report(github, [change])
    const wrong = await report(github, [change], {
      runId: 1_234_568,
      inputs: { [name]: value },
    })
    expect(wrong.exitCode).toBe(1)
    expect(wrong.report).toMatchObject({ error: { code: 'config' } })
    expect(github.comments).toHaveLength(1)
    expect(titleOf(github.comments[0]?.body)).toBe('Unsynced · could not compare')
    expect(github.comments[0]?.body).toContain(`Input \`${name}\``)

    // Where it is not known which comment, or whether any, nothing is said on the pull request.
    for (const unknown of [{ mode: 'rapport' }, { comment: 'sometimes' }]) {
      const requests = github.requests.length
      expect((await report(github, [change], { inputs: unknown })).exitCode).toBe(1)
      expect(github.requests).toHaveLength(requests)
    }
  },
)

test('a merge queue honours what its pull request accepts', async () => {
  await using github = await server()
  const inputs = { 'fail-on': 'unsynced' }
  await report(github, [change], { inputs })
  const group = {
    headRef: `refs/heads/gh-readonly-queue/main/pr-7-${BASE}`,
    headSha: MERGE,
    baseRef: 'refs/heads/main',
    baseSha: BASE,
  }
  const queued = { event: mergeGroupEvent(group), inputs }
  expect((await report(github, [change], queued)).exitCode).toBe(1)
  github.label('unsynced-ok')
  const accepted = await report(github, [change], queued)
  expect(accepted.exitCode).toBe(0)
  expect(accepted.outputs['comment-url']).toBe('')
  expect(github.writes).toHaveLength(1)
})

test.each(['check', 'compute'])('workflow_run is still refused in mode %s', async (mode) => {
  await using scenario = await openPullRequest({ base: project, head: changedQueries })
  const result = await scenario.run({ event: forkRun, inputs: { mode } })
  expect(result.exitCode).toBe(1)
  expect(result.report).toMatchObject({ error: { code: 'refused-event' } })
  expect(result.requests).toEqual([])
})

test('an empty token: one warning, and the verdict stands', async () => {
  await using github = await server()
  const result = await report(github, [change], { inputs: { 'github-token': '' } })
  expect(result.exitCode).toBe(0)
  expect(result.annotations.filter(({ message }) => WARNED.test(message))).toHaveLength(1)
  expect(result.requests).toEqual([])
})
