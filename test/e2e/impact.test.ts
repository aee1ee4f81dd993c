import { expect, test } from 'vitest'
import { actionsBot } from '../helpers/githubState.ts'
import { changedQueries, project, reformatted } from '../helpers/project.ts'
import { assetsOf, openPullRequest, titleOf, titles, writesOf } from './scenario.ts'

test('changed queries: the pull request gets one comment that lists the assets', async () => {
  await using scenario = await openPullRequest({ base: project, head: changedQueries })

  const result = await scenario.run()

  expect(result).toMatchObject({ exitCode: 0 })
  const [comment, ...others] = scenario.github.comments
  expect(others).toEqual([])
  expect(result.outputs).toMatchObject({
    result: 'unsynced',
    conclusion: 'success',
    'unsynced-count': '2',
    'after-upstream-count': '1',
    'new-count': '0',
    'removed-count': '0',
    'formatting-only-count': '0',
    fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
    'comment-url': `https://github.com/acme/data/pull/7#issuecomment-${comment?.id}`,
  })
  expect(comment?.author).toEqual(actionsBot)
  expect(comment?.body.startsWith('<!-- unsynced v2 key=%3Fproject%3Dwarehouse ')).toBe(true)
  expect(titleOf(comment?.body)).toBe(titles.unsynced(2))
  for (const key of ['staging/orders', 'marts/report', 'marts/revenue']) {
    expect(comment?.body).toContain(key)
  }
  expect(titleOf(result.summary)).toBe(titles.unsynced(2))
  expect(writesOf(result)).toEqual([['POST', 201]])
})

test('changed queries: the comment shows the text, the lineage and what to do; annotations lie on models', async () => {
  const { 'warehouse/models/staging/orders.sql': orders } = changedQueries as Record<string, string>
  const lower = { 'warehouse/models/staging/orders.sql': `-- Orders of the shop\n${orders}` }
  await using scenario = await openPullRequest({
    base: project,
    head: { ...changedQueries, ...lower },
  })

  const result = await scenario.run()

  const body = scenario.github.comments[0]?.body ?? ''
  expect(body).toMatch(/```diff\n@@ -1,3 \+1,4 @@\n\+-- Orders of the shop\n/)
  expect(body).toMatch(/```mermaid\nflowchart LR\n/)
  expect(body).toContain('["revenue · after upstream"]')
  expect(body).toContain(
    `dg launch --assets 'key:"warehouse/marts/report" or key:"warehouse/staging/orders" or key:"warehouse/marts/revenue"'`,
  )
  // Links lead to the branch's own commit: the merge commit is gone after the merge.
  const { head } = scenario.pullRequest
  expect(body).toContain(`/blob/${head.sha}/warehouse/models/staging/orders.sql)`)
  const places = result.annotations.map(({ file, line }) => [file, line])
  expect(places).toContainEqual(['warehouse/models/staging/orders.sql', 2])
})

test('changed queries: the JSON report says which assets, why, and between which commits', async () => {
  await using scenario = await openPullRequest({ base: project, head: changedQueries })

  const result = await scenario.run({ inputs: { comment: 'never' } })

  const { base, mergeSha } = scenario.pullRequest
  expect(result.report).toMatchObject({
    schemaVersion: 1,
    result: 'unsynced',
    conclusion: 'success',
    fingerprint: result.outputs['fingerprint'],
    base: { sha: base.sha, ref: 'main' },
    head: { sha: mergeSha, ref: 'refs/pull/7/merge' },
    project: 'warehouse',
    sqlmesh: { base: '0.236.4', head: '0.236.4' },
    counts: { base: 4, head: 4, unsynced: 2, afterUpstream: 1, new: 0, removed: 0 },
    error: null,
  })
  expect(assetsOf(result)).toEqual([
    'unsynced marts/report',
    'unsynced staging/orders',
    'afterUpstream marts/revenue',
  ])
  expect(result.report).toMatchObject({
    assets: [
      { reasons: ['code'], causes: [{ kind: 'query' }], path: 'warehouse/models/marts/report.sql' },
      { reasons: ['code'], causes: [{ kind: 'query' }], modelKind: 'VIEW' },
      { reasons: ['data'], wave: 1, confidence: 'expected' },
    ],
  })
  expect(scenario.github.comments).toEqual([])
  expect(result.outputs['comment-url']).toBe('')
  expect(writesOf(result)).toEqual([])
})

test('reformatting: unsynced all the same, and told apart; nothing follows', async () => {
  await using scenario = await openPullRequest({ base: project, head: reformatted })

  const result = await scenario.run()

  expect(result).toMatchObject({ exitCode: 0 })
  expect(result.outputs).toMatchObject({
    result: 'unsynced',
    'unsynced-count': '1',
    'formatting-only-count': '1',
    'after-upstream-count': '0',
  })
  expect(assetsOf(result)).toEqual(['unsynced marts/report'])
  expect(titleOf(scenario.github.comments[0]?.body)).toBe(titles.unsynced(1))
})

test.each([
  ['a project that base does not have', { 'README.md': '# Data\n' }, {}],
  [
    'one that base has for dbt alone',
    { 'warehouse/dbt_project.yml': 'name: shop\n' },
    { 'warehouse/dbt_project.yml': null },
  ],
])('%s: every asset is new, none unsynced', async (_, base, gone) => {
  await using scenario = await openPullRequest({ base, head: { ...project, ...gone } })

  const result = await scenario.run()

  expect(result).toMatchObject({ exitCode: 0 })
  expect(result.outputs).toMatchObject({
    result: 'synced',
    conclusion: 'success',
    'unsynced-count': '0',
    'new-count': '4',
  })
  expect(assetsOf(result)).toEqual([
    'new marts/report',
    'new marts/revenue',
    'new staging/customers',
    'new staging/orders',
  ])
  expect(titleOf(result.summary)).toMatch(/^Unsynced · `warehouse` · /)
})
