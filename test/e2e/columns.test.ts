import { beforeAll, describe, expect, test } from 'vitest'
import { duckdbConfig } from '../helpers/duckdb.ts'
import { LONG } from '../helpers/long.ts'
import type { Files } from '../helpers/project.ts'
import { pythonWith } from '../helpers/python.ts'
import { compareBy } from './compare.ts'
import { sql } from './edits/edit.ts'

/* Before SQLMesh 0.213 a data hash is of the rendered query, so that the columns of what a model reads move it. */

const model = (name: string, query: string): Files => ({
  [`models/s/${name}.sql`]: sql('s', { model: name, query }),
})
const external = (...columns: readonly string[]) =>
  `- name: raw.events\n  columns:\n${columns.map((column) => `    ${column}\n`).join('')}`

const base = {
  'config.yaml': duckdbConfig('db'),
  'external_models.yaml': external('id: int', 'amount: int'),
  ...model('a', 'SELECT id::INT AS id FROM raw.events'),
  ...model('b', 'SELECT * FROM s.a'),
  ...model('c', 'SELECT * FROM s.b'),
  ...model('d', 'SELECT * FROM raw.events'),
  ...model('e', 'SELECT amount FROM raw.events WHERE amount > 0'),
}

const versions: readonly (readonly [string, readonly string[]])[] = [
  ['0.212.0', []],
  ['0.170.0', ['dateparser<1.3']],
]

describe.each(LONG ? versions : versions.slice(0, 1))('SQLMesh %s', (version, others) => {
  let python = ''
  beforeAll(async () => {
    python = await pythonWith('sqlmesh', `sqlmesh==${version}`, ...others)
  })
  const rows = async (head: Files) =>
    (await compareBy(['--integration', 'dg-sqlmesh'], base, head, python)).rows

  test('a column that a star takes over, two models down', async () => {
    const head = model('a', 'SELECT id::INT AS id, 1::INT AS one FROM raw.events')
    expect(await rows(head)).toEqual([
      'unsynced a | columns: +one (models/s/a.sql)',
      'unsynced b | columns: columns of db.s.a: +one INT (models/s/a.sql)',
      'unsynced c | columns: columns of db.s.b: +one INT (models/s/b.sql)',
    ])
  })

  test('columns of a table that is no model', async () => {
    const head = { 'external_models.yaml': external('id: int', 'amount: int', 'day: text') }
    expect(await rows(head)).toEqual([
      'unsynced d | columns: columns of db.raw.events: +day TEXT (external_models.yaml)',
    ])
  })

  test('a model’s own change is its cause, whatever its parents’ columns do', async () => {
    const head = {
      ...model('a', 'SELECT id::INT AS id, 1::INT AS one FROM raw.events'),
      ...model('b', 'SELECT * FROM s.a WHERE id > 1'),
    }
    expect(await rows(head)).toEqual([
      'unsynced a | columns: +one (models/s/a.sql)',
      'unsynced b | query: WHERE added (models/s/b.sql)',
      'unsynced c | columns: columns of db.s.b: +one INT (models/s/b.sql)',
    ])
  })

  test('a comment is not the cause', async () => {
    const head = {
      ...model('a', 'SELECT id::INT AS id, 1::INT AS one FROM raw.events'),
      ...model('b', 'SELECT /* all of it */ * FROM s.a'),
    }
    expect((await rows(head))[1]).toBe(
      'unsynced b | columns: columns of db.s.a: +one INT (models/s/a.sql)',
    )
  })
})
