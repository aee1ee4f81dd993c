import { expect, test } from 'vitest'
import { changedQueries, project } from '../helpers/project.ts'
import { openPullRequest, titleOf, titles, writesOf } from './scenario.ts'

const impact = { base: project, head: changedQueries }

test('fail-on that matches: red, and the comment says what is needed', async () => {
  await using scenario = await openPullRequest(impact)

  const result = await scenario.run({ inputs: { 'fail-on': 'unsynced' } })

  expect(result.exitCode).not.toBe(0)
  expect(result.outputs).toMatchObject({
    result: 'unsynced',
    conclusion: 'failure',
    'unsynced-count': '2',
  })
  expect(result.report).toMatchObject({ result: 'unsynced', conclusion: 'failure', error: null })
  expect(scenario.github.comments.map(({ body }) => titleOf(body))).toEqual([titles.actionNeeded])
  expect(titleOf(result.summary)).toBe(titles.actionNeeded)
  expect(result.annotations).toContainEqual(expect.objectContaining({ level: 'error' }))
  expect(writesOf(result)).toEqual([['POST', 201]])
})

test('fail-on that does not match: green', async () => {
  await using scenario = await openPullRequest(impact)

  const result = await scenario.run({ inputs: { 'fail-on': 'incremental, removed' } })

  expect(result).toMatchObject({ exitCode: 0, outputs: { conclusion: 'success' } })
  expect(titleOf(scenario.github.comments[0]?.body)).toBe(titles.unsynced(2))
})

test('a comment that cannot be posted does not turn a red check green', async () => {
  await using scenario = await openPullRequest(impact)

  const result = await scenario.run({ token: 'read', inputs: { 'fail-on': 'unsynced' } })

  expect(result.exitCode).not.toBe(0)
  expect(result.outputs).toMatchObject({ result: 'unsynced', conclusion: 'failure' })
})
