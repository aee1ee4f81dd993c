import { expect, test } from 'vitest'
import { actionsBot, otherPerson, tokenOwner } from '../helpers/githubState.ts'
import { changedQueries, project, reformatted } from '../helpers/project.ts'
import { openPullRequest, titleOf, titles, writesOf } from './scenario.ts'

const impact = { base: project, head: changedQueries }

test('a second run with the same result writes nothing', async () => {
  await using scenario = await openPullRequest(impact)
  const first = await scenario.run()
  const [before] = scenario.github.comments

  const second = await scenario.run()

  expect(second).toMatchObject({ exitCode: 0, outputs: { result: 'unsynced' } })
  expect(second.outputs['comment-url']).toBe(first.outputs['comment-url'])
  expect(second.outputs['fingerprint']).toBe(first.outputs['fingerprint'])
  expect(writesOf(second)).toEqual([])
  expect(scenario.github.comments).toEqual([before])
})

test('a read-only token: the verdict stands, the summary has all, one warning says what is missing', async () => {
  await using scenario = await openPullRequest(impact)

  const result = await scenario.run({ token: 'read' })

  expect(result).toMatchObject({ exitCode: 0 })
  expect(result.outputs).toMatchObject({
    result: 'unsynced',
    conclusion: 'success',
    'unsynced-count': '2',
    'comment-url': '',
  })
  expect(titleOf(result.summary)).toBe(titles.unsynced(2))
  expect(writesOf(result)).toEqual([['POST', 403]])
  expect(scenario.github.comments).toEqual([])
  const warnings = result.annotations.filter(({ message }) => /pull-requests: write/.test(message))
  expect(warnings.map(({ level }) => level)).toEqual(['warning'])
})

test('a person’s token comments as that person, and finds its comment again', async () => {
  await using scenario = await openPullRequest(impact)
  await scenario.run({ token: 'user' })

  const second = await scenario.run({ token: 'user' })

  expect(scenario.github.comments.map(({ author }) => author)).toEqual([tokenOwner])
  expect(writesOf(second)).toEqual([])
})

test('other comments stay as they are: forged, quoted, and of another project', async () => {
  await using scenario = await openPullRequest(impact)
  await scenario.run()
  const ours = scenario.github.comments[0]?.body ?? ''
  const others = [
    scenario.github.comment(otherPerson, ours),
    scenario.github.comment(actionsBot, `> ${ours}`),
    scenario.github.comment(actionsBot, ours.replace(/key=\S+/, 'key=lake')),
  ]

  await scenario.push({ 'warehouse/models/staging/orders.sql': null })
  const result = await scenario.run()

  expect(scenario.github.comments.slice(1)).toEqual(others)
  expect(scenario.github.comments[0]?.body).not.toBe(ours)
  expect(writesOf(result)).toEqual([['PATCH', 200]])
})

test('an older run that ends late leaves the newer comment', async () => {
  await using scenario = await openPullRequest(impact)
  await scenario.run({ runId: 2_000_002 })
  const newer = scenario.github.comments

  await scenario.push(reformatted)
  const result = await scenario.run({ runId: 2_000_001 })

  expect(result).toMatchObject({ exitCode: 0 })
  expect(writesOf(result)).toEqual([])
  expect(scenario.github.comments).toEqual(newer)
})

test('the comment is found behind a hundred others', async () => {
  const talk = Array.from({ length: 100 }, () => ({ author: otherPerson, body: 'A thought' }))
  await using scenario = await openPullRequest(impact, { comments: talk })
  await scenario.run()

  const second = await scenario.run()

  expect(writesOf(second)).toEqual([])
  expect(scenario.github.comments).toHaveLength(101)
})
