import { beforeAll, describe, expect, test } from 'vitest'
import { duckdbConfig } from '../../helpers/duckdb.ts'
import { temporaryOrigin } from '../../helpers/git.ts'
import { recordResult } from '../../helpers/results.ts'
import { runCli } from '../../helpers/runner.ts'
import { sqlmeshPython } from '../../helpers/sqlmeshPython.ts'
import { codeEdits } from './code.ts'
import { type Edit, rowsOf, rowText } from './edit.ts'
import { queryEdits } from './queries.ts'
import { settingEdits } from './settings.ts'

const edits: readonly Edit[] = [...queryEdits, ...settingEdits, ...codeEdits]

const config = (used: number, unused: number) => `${duckdbConfig('db')}variables:
  used_variable: ${used}
  unused_variable: ${unused}
  dotenv_variable: {{ env_var('FROM_DOTENV') }}
`

const externals = (column: string) => `- name: raw.events
  columns:
    id: int
    amount: int
    day: text
    ${column}: text
- name: raw.users
  columns:
    id: int
`

const shared = {
  base: { 'config.yaml': config(1, 1), 'external_models.yaml': externals('status') },
  // An unused variable and an external table's columns move no data hash.
  head: { 'config.yaml': config(2, 2), 'external_models.yaml': externals('state') },
}

describe('one project with every edit at once', () => {
  let assets: Parameters<typeof rowText>[0][]

  beforeAll(async () => {
    await using origin = await temporaryOrigin()
    await origin.commit(Object.assign({}, shared.base, ...edits.map(({ base }) => base)), 'Base')
    await origin.commit(
      Object.assign({}, shared.head, ...edits.map(({ head }) => head)),
      'Head',
      'feature',
    )
    const cwd = await origin.checkout({ ref: 'refs/heads/feature', depth: 0 })
    const options = ['--python', sqlmeshPython, '--integration', 'dg-sqlmesh', '--format', 'json']
    const result = await runCli([...options, 'origin/main'], { cwd })
    expect(result.exitCode, result.stderr).toBe(0)
    assets = JSON.parse(result.stdout).assets
  })

  test.each(edits.map((edit) => [edit.name, edit] as const))('%s', (_, edit) => {
    expect(rowsOf(edit, assets)).toEqual(edit.rows)
  })

  test('no row but those of the edits', () => {
    const expected = edits.flatMap(({ name, rows }) => rows.map((row) => `${name}: ${row}`))
    const found = assets.map((row) => `${row.key.at(-2)}: ${rowText(row)}`)
    expect(found.sort()).toEqual(expected.sort())
    recordResult('edits', { edits: edits.length, right: edits.length })
  })
})
