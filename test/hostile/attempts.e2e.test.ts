import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LONG } from '../helpers/long.ts'
import { BARE, FORBIDDING, UNPRIVILEGED } from '../helpers/machines.ts'
import { project, projectFolder } from '../helpers/project.ts'
import { recordResult } from '../helpers/results.ts'
import { type HostileRun, hostileRun } from './hostileRun.ts'
import type { Machine } from './machine.ts'
import { succeeded, triedIn } from './tried.ts'

const attempts = readFileSync(join(import.meta.dirname, 'attempts.py'), 'utf8')
const path = (file: string) => `${projectFolder}/${file}`

/** A configuration like the project's, that first tries everything. */
const config = (then: string) => `
from attempts import try_all
from sqlmesh.core.config import Config, DuckDBConnectionConfig, GatewayConfig, ModelDefaultsConfig

lines = try_all()
${then}
config = Config(
    gateways={"local": GatewayConfig(connection=DuckDBConnectionConfig(catalogs={"warehouse": ":memory:"}))},
    default_gateway="local",
    model_defaults=ModelDefaultsConfig(dialect="duckdb", start="2026-01-01"),
)
`

const hostile =
  (then: string): HostileRun['head'] =>
  (machine: Machine) => ({
    [path('config.yaml')]: null,
    [path('config.py')]: config(then),
    [path('attempts.py')]: attempts,
    [path('where.json')]: JSON.stringify(machine.where),
    [path('models/marts/report.sql')]: project[path('models/marts/report.sql') as never] ?? null,
  })

const TELL = 'raise RuntimeError("\\n".join(lines))'
/** Everything that was found becomes part of what is compared. */
const HIDE = `
import pathlib
text = " ".join(lines).replace("'", "")
pathlib.Path(__file__).with_name("models").joinpath("found.sql").write_text(
    f"MODEL (name marts.found, kind FULL, description '{text}'); SELECT '{text}' AS found")
`

/** What nobody may come by, whatever keeps loads to themselves. */
const NEVER = { leaks: [], executed: [] }
const LEAST_ATTEMPTS = 75

test.skipIf(UNPRIVILEGED === null).each([
  ['superuser', []],
  ['user', UNPRIVILEGED ?? []],
])('in namespaces that a %s makes nothing succeeds', async (user, prefix) => {
  const after = await hostileRun({ head: hostile(TELL), prefix, afterwards: 500 })

  const tried = triedIn(after.log)
  expect(after.outputs).toMatchObject({ isolation: 'namespaces', result: 'error' })
  expect(tried.length).toBeGreaterThanOrEqual(LEAST_ATTEMPTS)
  expect(succeeded(tried)).toEqual([])
  expect(after).toMatchObject({ ...NEVER, exitCode: 1, changed: [], heard: [] })
  const isolation = `namespaces (${user})`
  recordResult(`hostile-attempts-${user}`, { isolation, attempts: tried.length, succeeded: [] })
})

test.skipIf(FORBIDDING === null)('by the rules of Landlock next to nothing succeeds', async () => {
  const prefix = FORBIDDING ?? []
  const after = await hostileRun({ head: hostile(TELL), prefix, afterwards: 500 })

  const tried = triedIn(after.log)
  expect(after.outputs).toMatchObject({ isolation: 'landlock', result: 'error' })
  expect(tried.length).toBeGreaterThanOrEqual(LEAST_ATTEMPTS)
  // Command lines are for everybody to read, and hold no secret.
  const known = ['T02 what else runs']
  expect(succeeded(tried)).toEqual(known)
  expect(after).toMatchObject({ ...NEVER, exitCode: 1, changed: [], heard: [] })
  const counted = { isolation: 'landlock', attempts: tried.length, succeeded: known }
  recordResult('hostile-attempts-landlock', counted)
})

test('what was found does not come out by a model either', async () => {
  const after = await hostileRun({ head: hostile(HIDE) })

  expect(after).toMatchObject({ ...NEVER, exitCode: 0, changed: [], heard: [] })
  expect(after.outputs).toMatchObject({ result: 'synced', 'new-count': '1' })
})

/** Where nothing keeps a load from what this user can: said as it is, and nothing else comes out. */
test.skipIf(!LONG || BARE === null).each([
  ['off', [], 'off'],
  ['environment', BARE ?? [], 'auto'],
])('with isolation %s it is known what succeeds', async (level, prefix, isolation) => {
  const run = { prefix, inputs: { isolation }, afterwards: 500 }
  const after = await hostileRun({ ...run, head: hostile(TELL) })

  const tried = triedIn(after.log)
  expect(after.outputs).toMatchObject({ isolation: level })
  expect(tried.length).toBeGreaterThanOrEqual(LEAST_ATTEMPTS)
  expect(after.exitCode).not.toBe(0)
  const own = succeeded(tried).filter((name) => name.startsWith('T01'))
  expect(own, 'its own variables').toEqual([])
  recordResult(`hostile-attempts-${level}`, {
    isolation: level,
    attempts: tried.length,
    succeeded: succeeded(tried),
  })
})
