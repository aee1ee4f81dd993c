import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test as anywhere, expect } from 'vitest'
import { clonesFiles } from '../helpers/clones.ts'
import { duckdbConfig } from '../helpers/duckdb.ts'
import { temporaryOrigin } from '../helpers/git.ts'
import type { Files } from '../helpers/project.ts'
import { runCli } from '../helpers/runner.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { rowText, sql } from './edits/edit.ts'

/* An `install` that may read any file: whether head needs its own is seen when base's runs. */

const test = anywhere.skipIf(await clonesFiles())
const python = sqlmeshPython
const lib = join(dirname(dirname(python)), 'lib')
const site = join(
  lib,
  readdirSync(lib).find((name) => name.startsWith('python3')) ?? '',
  'site-packages',
)
const model = (name: string, query: string): Files => ({
  [`models/${name}.sql`]: sql('s', { model: name, query }),
})
const script = (more = '') => `cat ci/pins.md
place=$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$1" > "$place/found.pth"
${more}
`
const base: Files = {
  'config.yaml': duckdbConfig('db'),
  'README.md': 'A shop.\n',
  'ci/env.sh': script(),
  'ci/pins.md': 'none\n',
  ...model('a', 'SELECT 1 AS id'),
  ...model('b', 'SELECT id FROM s.a'),
}

/** Which commits an environment was made for, and what came of it. */
async function compare(head: Files, more: Files = {}) {
  await using origin = await temporaryOrigin()
  await origin.commit({ ...base, ...more }, 'Base')
  await origin.commit(head, 'Head', 'feature')
  const cwd = await origin.checkout({ ref: 'refs/heads/feature', depth: 0 })
  const options = ['--install', `sh ci/env.sh ${site}`, '--integration', 'dg-sqlmesh']
  const { stdout, stderr } = await runCli([...options, '--format', 'json', 'origin/main'], { cwd })
  const report = JSON.parse(stdout)
  expect(report.error, stderr).toBe(null)
  const installed = ['base', 'head'].filter((side) => stderr.includes(`Installing for ${side}`))
  const loaded = /Loading head \(([^)]*)\)/.exec(stderr)?.[1] ?? null
  return { installed, loaded, rows: report.assets.map(rowText) }
}

test('a file that it does not read needs no second one, and no load', async () => {
  const { installed, loaded, rows } = await compare({ 'README.md': 'A large shop.\n' })
  expect({ installed, loaded, rows }).toEqual({ installed: ['base'], loaded: null, rows: [] })
})

test('a model that it does not read is loaded, with what follows', async () => {
  const { installed, loaded, rows } = await compare(model('a', 'SELECT 2 AS id'))
  expect(installed).toEqual(['base'])
  expect(loaded).toBe('1 SQL file and what follows')
  expect(rows).toEqual(['unsynced a | query: SELECT changed (models/a.sql)', 'afterUpstream b'])
})

test('a file that it reads makes head’s environment its own', async () => {
  const { installed, loaded } = await compare({ 'ci/pins.md': 'some\n' })
  expect(installed).toEqual(['base', 'head'])
  expect(loaded).toMatch(/^everything: .*; it reads ci\/pins\.md$/)
})

test('where everything is loaded, one that it does not read needs no second one either', async () => {
  const macros = (value: number) => ({ 'macros/m.py': `A = ${value}\n` })
  const { installed, loaded } = await compare(macros(2), macros(1))
  expect(installed).toEqual(['base'])
  expect(loaded).toBe('everything: macros/m.py changed')
})

test('a file that comes could be looked for, which cannot be seen', async () => {
  const { installed, loaded } = await compare({ 'ci/more.md': 'x\n' })
  expect(installed).toEqual(['base', 'head'])
  expect(loaded).toMatch(/^everything: ci\/more\.md changed, and the input install may read it/)
})

/** A macro that reads what the installation leaves, and how the file of that is made. */
const leaves = (body: string): Files => ({
  'ci/env.sh': script('echo \'A = "1"\' > made.py'),
  'macros/__init__.py': '',
  'macros/m.py': `from made import A
from sqlmesh import macro
from pathlib import Path


@macro()
def given(evaluator):
    ${body}
    return A
`,
  ...model('c', 'SELECT @given() AS x'),
})
const changes = model('c', 'SELECT @given() AS x, 2 AS y')
const changed = { installed: ['base'], rows: ['unsynced c | columns: +y (models/c.sql)'] }

test('what it leaves beside base’s files is beside head’s too', async () => {
  expect(await compare(changes, leaves('pass'))).toMatchObject(changed)
})

test('it is there after its code was run once to see what that reads', async () => {
  const observed = { ...changed, loaded: '1 SQL file and what follows' }
  expect(await compare(changes, leaves('Path("README.md").is_file()'))).toMatchObject(observed)
})
