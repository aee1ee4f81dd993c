import { beforeAll, expect, test } from 'vitest'
import { changedQueries, type Files, project, projectFolder } from '../helpers/project.ts'
import { DG_SQLMESH_1, pythonWith } from '../helpers/python.ts'
import { assetsOf, openPullRequest, titleOf, titles } from './scenario.ts'

let python = ''
beforeAll(async () => {
  python = await pythonWith('dg-sqlmesh', ...DG_SQLMESH_1)
})

const file = `${projectFolder}/definitions.py`

/** A code location of the user's own making, with keys that no integration has. */
const definitions = (codeVersion: string): Files => ({
  [file]: `from pathlib import Path

import dagster as dg
from sqlmesh import Context

context = Context(paths=str(Path(__file__).parent))


def key(model):
    return dg.AssetKey(["lake", model.schema_name, model.view_name])


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            key(model),
            deps=[key(context.models[parent]) for parent in model.depends_on],
            code_version=${codeVersion},
            kinds={"sqlmesh"},
        )
        for model in context.models.values()
    ]
)
def models(): ...


@dg.asset(deps=[dg.AssetKey(["lake", "marts", "report"])], code_version="1")
def newsletter(): ...


defs = dg.Definitions(assets=[models, newsletter])
`,
})

const unwired = definitions('None')
const wired = definitions('model.data_hash')

test('definitions without code versions: the comment says first that Dagster will show nothing', async () => {
  await using scenario = await openPullRequest({
    base: { ...project, ...unwired },
    head: changedQueries,
  })

  const result = await scenario.run({ inputs: { python, definitions: file } })

  expect(result).toMatchObject({ exitCode: 0, outputs: { result: 'unsynced' } })
  expect(result.report).toMatchObject({
    integration: { name: 'custom', version: null, wired: 'no' },
    counts: { base: 5, head: 5, unsynced: 2 },
  })
  expect(assetsOf(result)).toEqual([
    'unsynced marts/report',
    'unsynced staging/orders',
    'afterUpstream marts/revenue',
    'afterUpstream newsletter',
  ])
  const comment = scenario.github.comments[0]?.body ?? ''
  expect(titleOf(comment)).toBe(titles.unsynced(2))
  expect(comment.split('\n\n')[1]).toMatch(/^\*\*Dagster will not show changes of code here:\*\*/)
})

test('the first code versions unsync everything once, in one sentence', async () => {
  await using scenario = await openPullRequest({ base: { ...project, ...unwired }, head: wired })

  const result = await scenario.run({ inputs: { python, definitions: file } })

  expect(result.report).toMatchObject({
    integration: { wired: 'yes' },
    counts: { unsynced: 4, afterUpstream: 1 },
  })
  const comment = scenario.github.comments[0]?.body ?? ''
  expect(titleOf(comment)).toBe(titles.unsynced(4))
  expect(comment).toContain('4 assets get a first code version')
  expect(comment).not.toContain('| Asset | Kind | Why |')
})

test('definitions that do not load are red, and say which side and file', async () => {
  await using scenario = await openPullRequest({
    base: { ...project, ...wired },
    head: { [file]: 'import nowhere\n' },
  })

  const result = await scenario.run({ inputs: { python, definitions: file } })

  expect(result.exitCode).not.toBe(0)
  expect(result.report).toMatchObject({
    result: 'error',
    error: { side: 'head', code: 'load-failed', file },
  })
})

/** Days that are over, read by all of them, one by one, and not at all. */
const partitioned = (codeVersion: string): Files => ({
  [file]: `import dagster as dg

days = dg.DailyPartitionsDefinition(start_date="2026-01-01", end_date="2026-01-05")


@dg.asset(partitions_def=days, code_version="${codeVersion}")
def orders(): ...


@dg.asset(partitions_def=days, deps=[orders], code_version="1")
def revenue(): ...


@dg.asset(deps=[orders], code_version="1")
def report(): ...


defs = dg.Definitions(assets=[orders, revenue, report])
`,
})

test('a code version that moves on partitions is listed, red where the policy says so', async () => {
  await using scenario = await openPullRequest({
    base: { ...project, ...partitioned('1') },
    head: partitioned('2'),
  })

  const inputs = { python, definitions: file, 'fail-on': 'unsynced' }
  const result = await scenario.run({ inputs })

  expect(result).toMatchObject({ exitCode: 1, outputs: { result: 'unsynced' } })
  expect(result.report).toMatchObject({
    fingerprint: expect.stringMatching(/^[0-9a-f]+$/),
    assets: [
      { key: ['orders'], status: 'unsynced', partitions: { scope: 'every', count: 4 } },
      { key: ['revenue'], status: 'afterUpstream', partitions: { scope: 'mapped', count: 4 } },
    ],
  })
  const comment = scenario.github.comments[0]?.body ?? ''
  expect(comment).toContain('| not sqlmesh, every partition (4) |')
  expect(comment).toContain('| not sqlmesh, 4 partitions |')
  expect(comment).toContain(`'key:"orders" or key:"revenue"' --partition-range 'FIRST...LAST'`)
})
