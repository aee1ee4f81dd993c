import { expect, test } from 'vitest'
import {
  changedQueries,
  metadataOnly,
  outsideProject,
  project,
  revertedQueries,
} from '../helpers/project.ts'
import { openPullRequest, titleOf, titles, writesOf } from './scenario.ts'

const cleanOutputs = {
  result: 'synced',
  conclusion: 'success',
  'unsynced-count': '0',
  'after-upstream-count': '0',
  'new-count': '0',
  'removed-count': '0',
  'formatting-only-count': '0',
  fingerprint: '',
} as const

test.each([
  ['metadata that Dagster does not track', metadataOnly],
  ['files outside the project', outsideProject],
])('changes to %s: green, and no comment', async (_, head) => {
  await using scenario = await openPullRequest({ base: project, head })

  const result = await scenario.run()

  expect(result).toMatchObject({ exitCode: 0 })
  expect(result.outputs).toMatchObject({ ...cleanOutputs, 'comment-url': '' })
  expect(titleOf(result.summary)).toBe(titles.clean)
  expect(writesOf(result)).toEqual([])
  expect(scenario.github.comments).toEqual([])
})

test('comment: always comments on a clean pull request too', async () => {
  await using scenario = await openPullRequest({ base: project, head: outsideProject })

  const result = await scenario.run({ inputs: { comment: 'always' } })

  expect(result.outputs).toMatchObject(cleanOutputs)
  expect(scenario.github.comments.map(({ body }) => titleOf(body))).toEqual([titles.clean])
  expect(writesOf(result)).toEqual([['POST', 201]])
})

test('clean after an impact: the same comment says so', async () => {
  await using scenario = await openPullRequest({ base: project, head: changedQueries })
  const first = await scenario.run()
  const [before] = scenario.github.comments
  expect(titleOf(before?.body)).toBe(titles.unsynced(2))

  await scenario.push(revertedQueries)
  const result = await scenario.run()

  expect(result).toMatchObject({ exitCode: 0 })
  expect(result.outputs).toMatchObject({
    ...cleanOutputs,
    'comment-url': first.outputs['comment-url'],
  })
  expect(scenario.github.comments).toHaveLength(1)
  expect(scenario.github.comments[0]?.id).toBe(before?.id)
  expect(titleOf(scenario.github.comments[0]?.body)).toBe(titles.clean)
  expect(writesOf(result)).toEqual([['PATCH', 200]])
})
