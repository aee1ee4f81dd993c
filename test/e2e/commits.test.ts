import { expect, test } from 'vitest'
import { dispatchEvent, mergeGroupEvent, pushEvent } from '../helpers/events.ts'
import { git } from '../helpers/git.ts'
import { changedQueries, outsideProject, project, reformatted } from '../helpers/project.ts'
import { assetsOf, openPullRequest, titleOf, titles, writesOf } from './scenario.ts'

const impact = { base: project, head: changedQueries }
const impactAssets = [
  'unsynced marts/report',
  'unsynced staging/orders',
  'afterUpstream marts/revenue',
]

test('a shallow clone of the merge ref: the base commit is fetched', async () => {
  await using scenario = await openPullRequest(impact)
  const workspace = await scenario.origin.checkout({ ref: 'refs/pull/7/merge', depth: 1 })
  expect(await git(workspace, ['rev-list', '--count', 'HEAD'])).toBe('1')

  const result = await scenario.run({ workspace })

  expect(result).toMatchObject({ exitCode: 0, outputs: { result: 'unsynced' } })
  expect(result.report).toMatchObject({ base: { sha: scenario.pullRequest.base.sha } })
  expect(assetsOf(result)).toEqual(impactAssets)
})

test('a full clone gives the same report', async () => {
  await using scenario = await openPullRequest(impact)
  const shallow = await scenario.run()

  const workspace = await scenario.origin.checkout({ ref: 'refs/pull/7/merge', depth: 0 })
  const full = await scenario.run({ workspace })

  expect(full.report).toEqual(shallow.report)
})

test('the head commit checked out: base is the merge-base, also when main has moved on', async () => {
  await using scenario = await openPullRequest(impact)
  const mergeBase = scenario.pullRequest.base.sha
  await scenario.origin.commit(reformatted, 'Meanwhile on main')
  await scenario.push(outsideProject)
  const workspace = await scenario.origin.checkout({ ref: scenario.pullRequest.head.sha, depth: 1 })

  const result = await scenario.run({ workspace })

  expect(result).toMatchObject({ exitCode: 0, outputs: { result: 'unsynced' } })
  expect(result.report).toMatchObject({
    base: { sha: mergeBase },
    head: { sha: scenario.pullRequest.head.sha },
  })
  expect(assetsOf(result)).toEqual(impactAssets)
})

test('a merge queue is compared with its base, and nothing is written', async () => {
  await using scenario = await openPullRequest(impact)
  const group = await scenario.origin.mergeGroup(scenario.pullRequest)

  const result = await scenario.run({ event: mergeGroupEvent(group) })

  expect(result).toMatchObject({ exitCode: 0, outputs: { result: 'unsynced', 'comment-url': '' } })
  expect(result.report).toMatchObject({
    base: { sha: group.baseSha },
    head: { sha: group.headSha },
  })
  expect(titleOf(result.summary)).toBe(titles.unsynced(2))
  expect(writesOf(result)).toEqual([])
  expect(scenario.github.comments).toEqual([])
})

test('a push is compared with what the branch was before', async () => {
  await using scenario = await openPullRequest(impact)
  const before = scenario.pullRequest.base.sha
  const after = await scenario.origin.commit(changedQueries, 'Straight to main')

  const result = await scenario.run({ event: pushEvent({ before, after }) })

  expect(result).toMatchObject({ exitCode: 0, outputs: { result: 'unsynced' } })
  expect(result.report).toMatchObject({ base: { sha: before }, head: { sha: after } })
  expect(scenario.github.comments).toEqual([])
})

test('a dispatched run on a branch is compared with where it left the default branch', async () => {
  await using scenario = await openPullRequest(impact)
  const { base, head } = scenario.pullRequest

  const result = await scenario.run({ event: dispatchEvent({ sha: head.sha, branch: 'feature' }) })

  expect(result).toMatchObject({ exitCode: 0, outputs: { result: 'unsynced' } })
  expect(result.report).toMatchObject({ base: { sha: base.sha }, head: { sha: head.sha } })
})
