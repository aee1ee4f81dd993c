import { expect, test } from 'vitest'
import { temporaryOrigin } from '../../helpers/git.ts'
import type { Files } from '../../helpers/project.ts'
import { runCli } from '../../helpers/runner.ts'
import { sqlmeshPython } from '../../helpers/sqlmeshPython.ts'
import { rowText, sql } from './edit.ts'

const connection = (catalog: string) => `
    connection:
      type: duckdb
      catalogs:
        ${catalog}: ':memory:'`

type Settings = { readonly defaults?: string; readonly more?: string; readonly gateway?: string }

const config = ({ defaults = '', more = '', gateway = 'local' }: Settings = {}) => `gateways:
  local:${connection('db')}
  other:${connection('elsewhere')}
default_gateway: ${gateway}
model_defaults:
  dialect: duckdb
  start: '2026-01-01'
${defaults}${more}`

const models = {
  'models/plain.sql': sql('shop', { model: 'plain' }),
  'models/ranged.sql': sql('shop', {
    model: 'ranged',
    kind: 'INCREMENTAL_BY_TIME_RANGE (time_column day)',
    settings: ["cron '@daily'"],
    query: 'SELECT id, day FROM raw.events WHERE day BETWEEN @start_ds AND @end_ds',
  }),
} satisfies Files

async function compare(base: Files, head: Files) {
  await using origin = await temporaryOrigin()
  await origin.commit({ ...models, ...base }, 'Base')
  await origin.commit(head, 'Head', 'feature')
  const cwd = await origin.checkout({ ref: 'refs/heads/feature', depth: 0 })
  const options = ['--python', sqlmeshPython, '--integration', 'dg-sqlmesh', '--format', 'json']
  const { stdout } = await runCli([...options, 'origin/main'], { cwd })
  return JSON.parse(stdout)
}

test.each<[string, Settings, string[]]>([
  [
    'a default cron moves the models without their own',
    { defaults: "  cron: '@hourly'\n" },
    ['unsynced plain | interval-unit: interval_unit: day → hour (models/plain.sql)'],
  ],
  [
    'a schema mapping moves every model that it matches',
    { more: "physical_schema_mapping:\n  '^shop$': store\n" },
    [
      'unsynced plain | properties: physical_schema added: store (models/plain.sql)',
      'unsynced ranged | properties: physical_schema added: store (models/ranged.sql)',
    ],
  ],
  [
    'another mode of virtual environments moves every model',
    { more: 'virtual_environment_mode: dev_only\n' },
    [
      'unsynced plain | properties: virtual_environment_mode: full → dev_only (models/plain.sql)',
      'unsynced ranged | properties: virtual_environment_mode: full → dev_only (models/ranged.sql)',
    ],
  ],
  ['statements before a run move nothing', { more: 'before_all:\n- SELECT 1\n' }, []],
  [
    'another default gateway has other keys',
    { gateway: 'other' },
    ['new plain', 'new ranged', 'removed plain', 'removed ranged'],
  ],
])('%s', async (_, settings, rows) => {
  const report = await compare({ 'config.yaml': config() }, { 'config.yaml': config(settings) })
  expect(report.error).toBeNull()
  expect(report.assets.map(rowText)).toEqual(rows)
})

test('the default dialect is a part of incremental kinds only', async () => {
  const postgres = config().replace('dialect: duckdb', 'dialect: postgres')
  const report = await compare({ 'config.yaml': config() }, { 'config.yaml': postgres })
  expect(report.assets.map(rowText)).toEqual([
    'unsynced ranged | kind: dialect: duckdb → postgres (models/ranged.sql)',
  ])
})

test('a second SELECT in a model is an error that names side and file', async () => {
  const head = { 'models/plain.sql': sql('shop', { model: 'plain', after: ';\nSELECT 2' }) }
  const report = await compare({ 'config.yaml': config() }, head)
  expect(report).toMatchObject({
    result: 'error',
    counts: null,
    error: { side: 'head', code: 'load-failed', file: 'models/plain.sql' },
  })
  expect(report.error.message).not.toContain('/tmp/')
})
