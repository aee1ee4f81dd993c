import { expect, test } from 'vitest'
import { changedQueries, project, reformatted } from '../helpers/project.ts'
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

test('a label accepts one change set: green until a push that changes it', async () => {
  await using scenario = await openPullRequest(impact)
  const inputs = { 'fail-on': 'unsynced' }
  const first = await scenario.run({ inputs })
  expect(first.exitCode).toBe(1)

  scenario.github.label('unsynced-ok', 'jdoe')
  const accepted = await scenario.run({ inputs })
  expect(accepted.exitCode).toBe(0)
  expect(accepted.outputs).toMatchObject({ result: 'unsynced', conclusion: 'success' })
  expect(titleOf(scenario.github.comments[0]?.body)).toBe(titles.accepted)
  expect(scenario.github.comments[0]?.body).toContain('`jdoe`')

  await scenario.push(reformatted)
  const void_ = await scenario.run({ inputs })
  expect(void_.exitCode).toBe(1)
  expect(titleOf(scenario.github.comments[0]?.body)).toBe(titles.actionNeeded)
  expect(scenario.github.comments[0]?.body).toContain(first.outputs['fingerprint'])
  expect(scenario.github.comments[0]?.body).toContain(void_.outputs['fingerprint'])
})
