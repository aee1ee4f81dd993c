import { expect, test } from 'vitest'
import { duckdbConfig } from '../helpers/duckdb.ts'
import type { Files } from '../helpers/project.ts'
import { compareBy } from './compare.ts'
import { sql } from './edits/edit.ts'

/* What follows a change where data versions are SQLMesh's snapshot versions. */

const options = ['--integration', 'dg-sqlmesh', '--data-version', 'snapshot']
const config = duckdbConfig('db')
const file = (model: string) => `models/s/${model}.sql`
const model = (name: string, query: string, kind = 'FULL'): Files => ({
  [file(name)]: sql('s', { model: name, query, kind }),
})

const parent = (least: number, kind?: string) =>
  model('p', `SELECT id::INT AS id, day::TEXT AS day FROM raw.events WHERE id > ${least}`, kind)
const child = (name: string, of: string, gap = ' ') =>
  model(name, `SELECT${gap}id::INT AS id FROM s.${of}`)

const parentless = model('z', 'SELECT 1 AS id')

test('what is below a model that is reformatted follows what that follows', async () => {
  const base = { ...parent(1), ...child('c', 'p'), ...child('d', 'c'), ...child('e', 'd') }
  const head = { ...parent(2), ...child('c', 'p', '  ') }
  const { rows } = await compareBy(options, { 'config.yaml': config, ...base }, head)
  expect(rows).toMatchInlineSnapshot(`
    [
      "unsynced c ~ | formatting: text of the query (models/s/c.sql)",
      "unsynced p | query: WHERE changed (models/s/p.sql)",
      "afterUpstream d",
      "afterUpstream e",
    ]
  `)
})

test('a reformatted model below a change that SQLMesh leaves open is open too', async () => {
  const plan = 'plan:\n  auto_categorize_changes:\n    sql: off\n'
  const base = { ...parent(1), ...child('c', 'p'), ...child('d', 'c') }
  const head = { ...parent(2), ...child('c', 'p', '  ') }
  const { rows, possible } = await compareBy(
    options,
    { 'config.yaml': `${config}${plan}`, ...base },
    head,
  )
  expect(rows).toHaveLength(3)
  expect(possible).toEqual(['afterUpstream d'])
})

test('a parent that a model gains has all below it follow, although no data changes', async () => {
  const own = { model: 'p', query: 'SELECT id::INT AS id FROM raw.events' }
  const base = { [file('p')]: sql('s', own), ...child('c', 'p'), ...parentless }
  const head = { [file('p')]: sql('s', { ...own, settings: ['depends_on (s.z)'] }) }
  const { rows } = await compareBy(options, { 'config.yaml': config, ...base }, head)
  expect(rows).toEqual(['unsynced p | +s.z', 'afterUpstream c'])
})

test('a materialized view between reformatted models is built anew', async () => {
  const base = {
    ...parent(1),
    ...model('v', 'SELECT id FROM s.p', 'VIEW (materialized true)'),
    ...child('c', 'v'),
    ...child('d', 'c'),
  }
  const again = model('p', 'SELECT id::INT AS id,  day::TEXT AS day FROM raw.events WHERE id > 1')
  const head = { ...again, ...child('c', 'v', '  ') }
  const { rows } = await compareBy(options, { 'config.yaml': config, ...base }, head)
  expect(rows.map((row: string) => row.split(' | ')[0])).toEqual([
    'unsynced c ~',
    'unsynced p ~',
    'afterUpstream d',
  ])
})

test('a model that becomes forward-only gets a new version once more', async () => {
  const forward = 'INCREMENTAL_BY_TIME_RANGE (time_column day, forward_only true)'
  const base = { ...parent(1), ...child('c', 'p') }
  const { rows } = await compareBy(options, { 'config.yaml': config, ...base }, parent(1, forward))
  expect(rows).toMatchInlineSnapshot(`
    [
      "unsynced p | kind: kind: FULL → INCREMENTAL_BY_TIME_RANGE (models/s/p.sql)",
      "afterUpstream c",
    ]
  `)
})

test('a project whose plans are forward-only rebuilds nothing', async () => {
  const plan = 'plan:\n  forward_only: true\n'
  const base = { 'config.yaml': `${config}${plan}`, ...parent(1), ...child('c', 'p') }
  const { rows } = await compareBy(options, base, parent(2))
  expect(rows).toMatchInlineSnapshot(`
    [
      "unsynced p | query: WHERE changed (models/s/p.sql)",
    ]
  `)
})

test('a project whose plans ask what a change is leaves open what follows', async () => {
  const plan = 'plan:\n  auto_categorize_changes:\n    sql: off\n'
  const models = { ...parent(1), ...child('c', 'p'), ...child('d', 'c') }
  const base = { 'config.yaml': `${config}${plan}`, ...models }
  const { rows, possible } = await compareBy(options, base, parent(2))
  expect(rows).toMatchInlineSnapshot(`
    [
      "unsynced p | query: WHERE changed (models/s/p.sql)",
      "afterUpstream c",
      "afterUpstream d",
    ]
  `)
  // Whatever the answer is, the model that changed gets a new version.
  expect(possible).toEqual(['afterUpstream d'])
})

test('a ClickHouse model moves as the type of its parent’s column does', async () => {
  const timeRange = 'INCREMENTAL_BY_TIME_RANGE (time_column day)'
  const base = {
    'config.yaml': config.replace('dialect: duckdb', 'dialect: clickhouse'),
    ...model('p', 'SELECT id, day::Date AS day FROM raw.events'),
    ...model('c', 'SELECT id, day FROM s.p', timeRange),
  }
  const head = model('p', 'SELECT id, day::String AS day FROM raw.events')
  const { rows } = await compareBy(options, base, head)
  expect(rows).toMatchInlineSnapshot(`
    [
      "unsynced c | partitioning: time partition: dateTrunc('WEEK', "day") → CAST(dateTrunc('WEEK', CAST("day" AS DateTime64(9, 'UTC'))) AS String) (models/s/c.sql)",
      "unsynced p | query: SELECT changed (models/s/p.sql)",
    ]
  `)
})
