import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { duckdbConfig } from '../helpers/duckdb.ts'
import type { Files } from '../helpers/project.ts'
import { compareBy } from './compare.ts'
import { sql } from './edits/edit.ts'

const config = duckdbConfig('db')

const macro = (constant: string) => `import os
import time
import uuid

from sqlmesh import macro

VALUE = ${constant}


@macro()
def value(evaluator):
    return f"'{len(str(VALUE))}'"
`

/** Has both commits loaded whole, and changes no model. */
const UNRELATED: Files = { 'config.yaml': `# Shop\n${config}` }

const compare = (base: Files, head: Files) =>
  compareBy(['--integration', 'dg-sqlmesh'], { 'config.yaml': config, ...base }, head)

const using = (query = 'SELECT @value() AS id') => ({ 'models/m.sql': sql('shop', { query }) })

test.each([
  ['the time of the load', 'time.time_ns()'],
  ['a random number', 'uuid.uuid4().hex'],
])('%s in a hash is named, and is no change of the pull request', async (_, constant) => {
  const { result, rows, notices } = await compare(
    { ...using(), 'macros/value.py': macro(constant) },
    UNRELATED,
  )
  expect(rows).toEqual([])
  expect(result).toBe('synced')
  expect(notices).toEqual([expect.stringMatching(/^unstable-hash: .*VALUE in macros\/value\.py/)])
})

test('a real change of an unstable model stays a change', async () => {
  const { rows, notices } = await compare(
    { ...using(), 'macros/value.py': macro('time.time_ns()') },
    using('SELECT @value() AS id LIMIT 5'),
  )
  expect(rows).toEqual([expect.stringMatching(/^unsynced m \| .*query: LIMIT added/)])
  expect(notices).toEqual([expect.stringMatching(/^unstable-hash: /)])
})

const SHARED = `from sqlmesh import macro

ROLES = ["reader"]


@macro()
def grant(evaluator):
    return f"GRANT SELECT TO '{len(ROLES)}'"
`

test('macros from beside the project are the same for head as for base', async () => {
  const owned = (owner: string) =>
    sql('shop', { query: 'SELECT 1 AS id', settings: [`owner ${owner}`], after: ';\n@grant();' })
  // Whatever Python remembers of base's load would make it three, or none.
  const macros = 'from shared.grants import ROLES, grant\n\nROLES.append("bi")\n'
  const shop: Files = {
    'shared/grants.py': SHARED,
    'macros/grants.py': macros,
    'models/m.sql': owned('alice'),
  }
  const { rows, notices } = await compare(shop, { 'models/m.sql': owned('bob') })

  expect(rows).toEqual([])
  expect(notices).toEqual([])
})

test.each([
  ['a set', "{'a', 'b', 'c'}", 'whose order differs'],
  ['a path', 'os.path.dirname(__file__)', 'the folder that the project lies in'],
])('%s in a hash is equal on both sides, and is said to differ elsewhere', async (...row) => {
  const [, constant, words] = row
  const { rows, notices } = await compare(
    { ...using(), 'macros/value.py': macro(constant) },
    UNRELATED,
  )
  expect(rows).toEqual([])
  expect(notices).toEqual([expect.stringContaining(words)])
})

/** Two queries whose texts have one CRC32; then so have all texts with them at the same place. */
function collidingQueries(): [string, string] {
  const seen = new Map<number, string>()
  for (let number = 1_000_000_000; number < 1_002_000_000; number += 1) {
    // Spread over many digits, because a CRC32 tells every short burst apart.
    const digits = String((number * 2_654_435_761) % 9_999_999_967).padStart(10, '0')
    const query = `SELECT 1${digits} AS id`
    const other = seen.get(crc32(query))
    if (other !== undefined && other !== query) return [other, query]
    seen.set(crc32(query), query)
  }
  throw new Error('no two queries collide')
}

test('two queries with one data hash: no row, since Dagster sees none, but a warning', async () => {
  const [base, head] = collidingQueries()
  const { result, rows, notices } = await compare(using(base), using(head))
  expect(rows).toEqual([])
  expect(result).toBe('synced')
  expect(notices).toEqual([expect.stringMatching(/^hash-collision: .*"m".* changed/)])
})
