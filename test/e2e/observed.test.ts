import { expect, test } from 'vitest'
import { duckdbConfig } from '../helpers/duckdb.ts'
import type { Files } from '../helpers/project.ts'
import { compareBy } from './compare.ts'
import { sql } from './edits/edit.ts'

/* A project whose code may read any file: it is seen whether it reads one that differs. */

const options = ['--integration', 'dg-sqlmesh', '--data-version', 'dagster']
const model = (name: string, query: string): Files => ({
  [`models/s/${name}.sql`]: sql('s', { model: name, query }),
})
const macro = (body: string, above = ''): Files => ({
  'macros/__init__.py': '',
  'macros/parent.py': `import os
from pathlib import Path
from sqlmesh import macro
${above}

@macro()
def parent(evaluator):
    ${body}
`,
})
const reads = macro('return Path("data/parent.md").read_text()')
const base: Files = {
  'config.yaml': duckdbConfig('db'),
  'README.md': 'A shop.\n',
  'data/parent.md': 's.a',
  'data/other.md': 'nobody reads it',
  ...model('a', 'SELECT 1 AS id'),
  ...model('b', 'SELECT 2 AS id'),
  ...model('c', 'SELECT id FROM @parent()'),
  ...model('d', 'SELECT id FROM s.c'),
}
const compare = async (head: Files, code = reads, more: Files = {}) => {
  const { rows, notices } = await compareBy(options, { ...base, ...code, ...more }, head)
  const short = notices.map((notice: string) => notice.split(':')[0])
  return { rows: rows.map((row: string) => row.replace(/ \([^)]*\)/g, '')), notices: short }
}
const nothing = { rows: [], notices: ['not-loaded'] }
const moved = 'unsynced c | +s.b | -s.a'

test('a file that nothing reads leaves it unloaded', async () => {
  expect(await compare({ 'README.md': 'A large shop.\n' })).toEqual(nothing)
  expect(await compare({ 'data/other.md': null, 'data/new.md': 'new' })).toEqual(nothing)
})

test('a file that a macro reads has everything loaded', async () => {
  expect((await compare({ 'data/parent.md': 's.b' })).rows).toContain(moved)
})

test('a model that differs is loaded, with what follows it', async () => {
  const { rows } = await compare(model('a', 'SELECT 1 AS id, 2 AS x'))
  expect(rows).toContain('unsynced a | columns: +x')
  expect(rows).not.toContain(moved)
})

test.each([
  [
    'it sees whether it is there',
    macro('return "s.a" if os.path.exists("data/flag.md") else "s.b"'),
    { 'data/flag.md': 'x' },
    { 'data/flag.md': null },
  ],
  [
    'it sees that it is there now',
    macro('return "s.b" if Path("data/flag.md").exists() else "s.a"'),
    {},
    { 'data/flag.md': 'x' },
  ],
  [
    'it sees how many there are in its folder',
    macro('return "s.a" if len(os.listdir("data")) == 2 else "s.b"'),
    {},
    { 'data/flag.md': 'x' },
  ],
  [
    'it sees what another program says of it',
    macro(
      'return "s.a" if subprocess.run(["test", "-e", "data/flag.md"]).returncode else "s.b"',
      'import subprocess',
    ),
    {},
    { 'data/flag.md': 'x' },
  ],
  [
    'it sees what DuckDB reads in it',
    macro(
      'return "s." + duckdb.sql("SELECT content FROM read_text(\'data/flag.md\')").fetchone()[0]',
      'import duckdb',
    ),
    { 'data/flag.md': 'a' },
    { 'data/flag.md': 'b' },
  ],
] as const)('%s', async (_, code, more: Files, head: Files) => {
  expect((await compare(head, code, more)).rows).toContain(moved)
})

test('what the code leaves among its files is gone when they are compared', async () => {
  const leaves = macro(
    'first = not Path("data/seen.md").exists()\n    Path("data/seen.md").write_text("x")\n    return "s.a" if first else "s.b"',
  )
  const other = model('e', 'SELECT id FROM @parent()')
  const { rows } = await compare(model('c', 'SELECT id + 1 AS id FROM @parent()'), leaves, other)
  expect(rows).toContain('unsynced c | query: SELECT changed')
})
