import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readMarker } from '../../src/report/marker.ts'
import { pullRequestEvent } from '../helpers/events.ts'
import { type FakeGitHubOptions, fakeGitHub } from '../helpers/github.ts'
import type { Fault } from '../helpers/githubFaults.ts'
import { asset, BASE, HEAD, reportOf } from '../helpers/reports.ts'
import { runAction } from '../helpers/runner.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

/** A few of test/github/faults.real.test.ts through the bundle, in real time. */

const rows = Array.from({ length: 3 }, (_, index) => asset(`model_${index}`))
const change = reportOf(rows)
const PULL = {
  number: 7,
  base: { ref: 'main', sha: BASE },
  head: { ref: 'feature', sha: HEAD },
  mergeSha: null,
}
const pull = { head: { ...PULL.head, repository: 4242 }, base: PULL.base }

test.each<[string, readonly Fault[], number, FakeGitHubOptions?]>([
  [
    'a gateway error after the post',
    [{ at: 'create', nth: [1], effect: 'done', show: { status: 502 } }],
    1,
  ],
  ['a reset before the post', [{ at: 'create', nth: [1], show: 'reset' }], 1],
  [
    'a page of HTML with 201',
    [{ at: 'create', nth: [1], effect: 'done', show: { status: 201, body: '<html>' } }],
    1,
  ],
  ['an answer that is cut off', [{ at: 'list', nth: [1], show: 'cut' }], 1],
  [
    'a secondary limit of a second',
    [{ at: 'create', nth: [1], show: { status: 403, headers: { 'retry-after': '1' } } }],
    1,
  ],
  [
    'a limit of a day',
    [{ at: 'list', show: { status: 429, headers: { 'retry-after': '86400' } } }],
    0,
  ],
  ['no permission to write', [{ at: 'create', show: { status: 403 } }], 0],
  ['no such pull request', [{ at: 'list', show: { status: 404 } }], 0],
  ['a token that ran out', [{ at: 'list', show: { status: 401 } }], 0],
  ['a repository that was renamed', [], 1, { renamedFrom: 'acme/old' }],
  ['a GitHub Enterprise Server', [], 1, { profile: 'ghes' }],
  ['a Gitea', [], 1, { profile: 'gitea' }],
])('%s', async (_, faults, comments, options = {}) => {
  await using github = await fakeGitHub({ pull, faults, ...options })
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'report.json'), JSON.stringify(change))
  const result = await runAction({
    event: pullRequestEvent(PULL),
    workspace: folder.path,
    github,
    inputs: { mode: 'report', reports: 'report.json', 'fail-on': 'removed' },
  })
  expect(result.exitCode).toBe(0)
  expect(result.outputs).toMatchObject({
    result: 'unsynced',
    conclusion: 'success',
    'unsynced-count': '3',
  })
  expect(result.summary).toContain('3 assets will become unsynced')
  expect(github.comments.map(({ body }) => readMarker(body)?.fingerprint)).toEqual(
    Array.from({ length: comments }, () => change.fingerprint),
  )
  expect(result.outputs['comment-url'] === '').toBe(comments === 0)
  const warnings = result.annotations.filter(({ message }) => /changes no verdict/.test(message))
  expect(warnings).toHaveLength(comments === 0 ? 1 : 0)
})

test.each([
  ['is no JSON', '{"pull_request": {'],
  ['is not there', null],
])('an event file that %s is reported', async (_, text) => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'event.json')
  if (text !== null) await writeFile(file, text)
  const result = await runAction({
    event: pullRequestEvent(PULL),
    workspace: folder.path,
    env: { GITHUB_EVENT_PATH: file },
  })
  expect(result.exitCode).toBe(1)
  expect(result.outputs).toMatchObject({ result: 'error', conclusion: 'failure' })
  expect(result.summary).toContain('(GITHUB_EVENT_PATH) cannot be read')
})
