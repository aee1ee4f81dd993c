import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { root } from '../helpers/actionFile.ts'
import { temporaryOrigin } from '../helpers/git.ts'
import { changedQueries, project, projectFolder } from '../helpers/project.ts'
import { pythonWith } from '../helpers/python.ts'
import type { ActionResult, ActionRun } from '../helpers/runner.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { exists, temporaryFolder } from '../helpers/temporary.ts'
import { errorOutputs, openPullRequest } from './scenario.ts'

const file = `${projectFolder}/requirements.txt`
const before = { [file]: 'sqlmesh==0.212.0\n' }
const after = { [file]: 'sqlmesh==0.236.4\n' }

/** A job that has set up uv. Its cache is named, and kept from test to test. */
let withUv: Partial<ActionRun>
beforeAll(async () => {
  const tools = join(await pythonWith('tools', 'uv'), '..')
  const network = Object.entries(process.env).filter(([name]) => /_PROXY$|^SSL_CERT/i.test(name))
  withUv = {
    inputs: { python: '', install: `uv pip install -r ${file}`, env: 'UV_CACHE_DIR' },
    env: {
      ...(Object.fromEntries(network) as Record<string, string>),
      PATH: `${tools}:${process.env['PATH']}`,
      UV_CACHE_DIR: join(root, '.cache', 'uv'),
    },
    timeout: 200_000,
  }
})

type Row = { key: string[]; status: string; causes: { kind: string; detail: string }[] }

/** The unsynced assets as `schema/name: kinds of its causes`. */
function causesOf(result: ActionResult): string[] {
  const { assets } = result.report as { assets: Row[] }
  return assets
    .filter(({ status }) => status === 'unsynced')
    .map(({ key, causes }) => `${key.slice(-2).join('/')}: ${causes.map((one) => one.kind)}`)
}

test('each commit loads with the SQLMesh that it pins, and real changes are told apart', async () => {
  await using scenario = await openPullRequest({
    base: { ...project, ...before },
    head: { ...changedQueries, ...after },
  })

  const result = await scenario.run(withUv)

  expect(result.report).toMatchObject({
    error: null,
    sqlmesh: { base: '0.212.0', head: '0.236.4' },
    counts: { unsynced: 4, afterUpstream: 0 },
    notices: expect.arrayContaining([expect.objectContaining({ code: 'sqlmesh-upgrade' })]),
  })
  expect(causesOf(result)).toEqual([
    'marts/report: query,sqlmesh-upgrade',
    'marts/revenue: sqlmesh-upgrade',
    'staging/customers: sqlmesh-upgrade',
    'staging/orders: query,sqlmesh-upgrade',
  ])
  const [changed, upgraded] = result.summary.split('Unsynced by the SQLMesh upgrade') as string[]
  expect(changed).toContain('staging/orders`')
  expect(changed).not.toContain('staging/customers`')
  expect(upgraded).toContain('staging/customers`')
  expect(result.stdout).toMatch(/^Loading base with the Python of head \(/m)
})

test('an upgrade alone loads nothing twice', async () => {
  await using scenario = await openPullRequest({ base: { ...project, ...before }, head: after })

  const result = await scenario.run(withUv)

  expect(new Set(causesOf(result).map((row) => row.split(': ')[1]))).toEqual(
    new Set(['sqlmesh-upgrade']),
  )
  expect(result.stdout).not.toContain('Loading base with')
})

test('one environment for two versions is an error that says what to do', async () => {
  await using scenario = await openPullRequest({
    base: { ...project, ...before },
    head: { ...changedQueries, ...after },
  })

  const result = await scenario.run({
    inputs: { python: '' },
    env: { VIRTUAL_ENV: join(sqlmeshPython, '..', '..') },
  })

  expect(result.exitCode).not.toBe(0)
  expect(result.outputs).toMatchObject(errorOutputs)
  expect(result.report).toMatchObject({
    error: {
      code: 'versions-differ',
      message: expect.stringContaining('0.212.0 and 0.236.4'),
      hint: expect.stringContaining(`\`install: pip install -r ${file}\``),
    },
  })
})

test('a python that is given loads both, and the report warns', async () => {
  await using scenario = await openPullRequest({
    base: { ...project, ...before },
    head: { ...changedQueries, ...after },
  })

  const result = await scenario.run()

  expect(result.report).toMatchObject({ error: null, counts: { unsynced: 2 } })
  expect(result.report).toMatchObject({
    notices: expect.arrayContaining([
      expect.objectContaining({ level: 'warning', code: 'versions-differ' }),
    ]),
  })
})

test('an environment that is not what both commits pin is worth a note', async () => {
  await using scenario = await openPullRequest({
    base: { ...project, ...before },
    head: changedQueries,
  })

  const { report } = await scenario.run()

  const { notices } = report as { notices: { code: string; message: string }[] }
  expect(notices.map(({ code }) => code)).toContain('pin-not-installed')
})

test('an installation that fails is red, and names the side and the command', async () => {
  await using scenario = await openPullRequest({
    base: { ...project, ...before },
    head: { ...changedQueries, ...after },
  })

  const result = await scenario.run({ ...withUv, inputs: { ...withUv.inputs, install: 'uv sinc' } })

  expect(result.outputs).toMatchObject(errorOutputs)
  expect(result.report).toMatchObject({
    error: {
      side: 'base',
      code: 'install-failed',
      message: expect.stringMatching(/^`uv sinc` for base ended with exit code 2\.\n.*sinc/),
    },
  })
  expect(result.stdout).toContain('::group::What installing for base printed')
})

test('a run that is cancelled while it installs leaves no process and no file', async () => {
  await using origin = await temporaryOrigin()
  await using folder = await temporaryFolder()
  await origin.commit({ ...project, ...before }, 'Base')
  await origin.commit(after, 'Head')
  const cwd = await origin.checkout({ ref: 'refs/heads/main', depth: 0 })
  const temporary = join(folder.path, 'temporary')
  await mkdir(temporary)
  const cache = join(folder.path, 'cache')
  const alive = join(cache, 'alive')
  const install = `while true; do echo tick >> ${alive}; sleep 0.05; done & sleep 60`

  const cli = join(root, 'dist', 'cli.js')
  const options = ['--project', projectFolder, '--install', install, '--env', 'TEST_CACHE_DIR']
  const child = spawn(process.execPath, [cli, ...options, 'HEAD^', 'HEAD'], {
    cwd,
    env: { PATH: process.env['PATH'], TMPDIR: temporary, TEST_CACHE_DIR: cache },
  })
  const ended = once(child, 'exit')
  while (!(await exists(alive)) && child.exitCode === null) await pause(50)
  child.kill('SIGTERM')

  expect(await ended).toEqual([2, null])
  const ticks = await readFile(alive, 'utf8')
  await pause(300)
  expect(await readFile(alive, 'utf8')).toBe(ticks)
  expect(await readdir(temporary)).toEqual([])
})
