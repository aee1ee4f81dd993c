import { expect, test } from 'vitest'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { hashesOf, probed, stock } from './both.ts'

/*
 * ClickHouse partitions by a function of the time column that depends on its type, so that a data_hash has
 * in it what the columns of other models say.
 */

const config = `gateways:
  local:
    connection:
      type: duckdb
      catalogs:
        db: ':memory:'
model_defaults:
  dialect: clickhouse
  start: '2026-01-01'
`
const externals =
  '- name: db.raw.events\n  columns:\n    id: Int32\n    day: Date\n    at: String\n'
/** Registered as it is imported, by a module that is no macro's own. */
const helpers = `from sqlmesh import macro


@macro()
def day(evaluator):
    return "day"
`
const timeRange = (name: string, query: string, more = '') =>
  `MODEL (name s.${name}, kind INCREMENTAL_BY_TIME_RANGE (time_column day${more}));\n\n${query}\n`

const files = (named: Readonly<Record<string, string>>) => ({
  'config.yaml': config,
  'external_models.yaml': externals,
  'macros/__init__.py': '',
  'macros/days.py': 'import helpers\n',
  'helpers.py': helpers,
  ...Object.fromEntries(Object.entries(named).map(([name, sql]) => [`models/${name}.sql`, sql])),
})

const told = {
  cast: timeRange('cast', 'SELECT id, day::Date AS day FROM db.raw.events'),
  apart: timeRange(
    'apart',
    'SELECT id, day FROM db.raw.events',
    ', partition_by_time_column false',
  ),
  full: 'MODEL (name s.full, kind FULL);\n\nSELECT id, @day() AS day FROM db.raw.events\n',
}
const untold = {
  date: timeRange('date', 'SELECT id, @day() AS day FROM db.raw.events'),
  text: timeRange('text', 'SELECT id, at AS day FROM db.raw.events'),
  below: timeRange('below', 'SELECT id, day FROM s.text'),
}

test.each([
  ['fast', told],
  ['full', { ...told, ...untold }],
] as const)('the %s load gives stock’s hashes', async (loader, models) => {
  const source = { files: files(models) }
  const manifest = await probed(sqlmeshPython, source)
  expect(manifest.loader).toBe(loader)
  expect(hashesOf(manifest)).toEqual(await stock(sqlmeshPython, source, 'schemas'))
})
