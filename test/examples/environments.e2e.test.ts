import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { openPullRequest, type Scenario, titleOf, titles } from '../e2e/scenario.ts'
import { root } from '../helpers/actionFile.ts'
import { LONG } from '../helpers/long.ts'
import { changedQueries, type Files, project, projectFolder } from '../helpers/project.ts'
import { DG_SQLMESH_1, pythonWith, SQLMESH } from '../helpers/python.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { INSTALLED, INTEGRATION, runWorkflow, type WorkflowRun } from './act.ts'
import { locked } from './locks.ts'

// Each test runs whole workflows, some of them several.
vi.setConfig({ testTimeout: 300_000 })

const run = promisify(execFile)

const inProject = (files: Files): Files =>
  Object.fromEntries(
    Object.entries(files).map(([name, text]) => [`${projectFolder}/${name}`, text]),
  )

/** A pull request that changes two queries, on which the workflow ran and was green. */
async function ran(
  workflow: string,
  files: { base: Files; head?: Files },
  options: WorkflowRun = {},
): Promise<Scenario> {
  const base = { ...project, ...inProject(files.base) }
  const head = { ...changedQueries, ...inProject(files.head ?? {}) }
  const scenario = await openPullRequest({ base, head })
  const { exitCode, stdout } = await runWorkflow(scenario, workflow, options)
  expect(exitCode, stdout).toBe(0)
  return scenario
}

const titlesOf = ({ github }: Scenario) => github.comments.map(({ body }) => titleOf(body))

const pyproject = (requirements: readonly string[], more = '') => `[project]
name = "warehouse"
version = "0"
requires-python = ">=3.11,<3.13"
dependencies = ${JSON.stringify(requirements)}
${more}`

/** Not the one that the job's Python has. */
const OTHER = 'sqlmesh==0.235.2'

const requirements = { 'requirements.txt': `${INSTALLED.join('\n')}\n` }

test('minimal.yml comments', async () => {
  await using scenario = await ran('minimal', { base: requirements })
  expect(titlesOf(scenario)).toEqual([titles.unsynced(2)])
})

test('pip.yml keeps the report as a page', async () => {
  await using folder = await temporaryFolder()
  const artifacts = folder.path
  await using scenario = await ran('pip', { base: requirements }, { artifacts, runId: 42 })
  expect(titlesOf(scenario)).toEqual([titles.unsynced(2)])
  const { stdout } = await run('ls', [join(artifacts, '42', 'unsynced')])
  expect(stdout).toMatch(/^unsynced-\w+\.html\n$/)
})

test('uv.yml loads with what uv.lock names', async () => {
  const uv = join(await pythonWith('tools', 'uv'), '..', 'uv')
  const env = { UV_CACHE_DIR: join(root, '.cache', 'uv') }
  const base = await locked(
    pyproject([OTHER, ...INTEGRATION]),
    'uv.lock',
    [uv, 'lock', '--quiet'],
    env,
  )
  await using scenario = await ran('uv', { base })
  expect(titlesOf(scenario)).toEqual([titles.unsynced(2)])
  expect(scenario.github.comments[0]?.body).toContain('SQLMesh `0.235.2`')
})

// Poetry takes most of a minute to install SQLMesh.
test.runIf(LONG)('poetry.yml loads with what poetry.lock names', async () => {
  const bin = join(await pythonWith('poetry', 'poetry==2.2.1'), '..')
  const env = { POETRY_CACHE_DIR: join(root, '.cache', 'poetry') }
  const text = pyproject([OTHER], await poetrySource())
  const lock = [join(bin, 'poetry'), 'lock', '--no-interaction'] as const
  const base = await locked(text, 'poetry.lock', [...lock], env)
  await using folder = await temporaryFolder()
  // pipx is on every hosted runner. It takes this very version, which is there already.
  const pipx = `#!/bin/sh\n[ "$*" = "install poetry==2.2.1" ] && ln -s "${bin}/poetry" "$(dirname "$0")"\n`
  await writeFile(join(folder.path, 'pipx'), pipx, { mode: 0o755 })
  await using scenario = await ran('poetry', { base }, { programs: folder.path, env })
  expect(titlesOf(scenario)).toEqual([titles.unsynced(2)])
  expect(scenario.github.comments[0]?.body).toContain('SQLMesh `0.235.2`')
})

// That two are installed, and what follows, is tried every time in test/e2e/upgrade.test.ts.
test.runIf(LONG)(
  'sqlmesh-upgrade.yml loads each commit with the SQLMesh that it pins',
  async () => {
    const base = { 'requirements.txt': 'sqlmesh==0.212.0\n' }
    const head = { 'requirements.txt': `${SQLMESH}\n` }
    await using scenario = await ran('sqlmesh-upgrade', { base, head })
    expect(titlesOf(scenario)).toEqual([titles.unsynced(4)])
    expect(scenario.github.comments[0]?.body).toContain('Unsynced by the SQLMesh upgrade')
  },
)

/** Poetry asks another API than pip does, which a mirror may lack; as a source it takes pip's. */
async function poetrySource(): Promise<string> {
  const python = await pythonWith('dg-sqlmesh', ...DG_SQLMESH_1)
  const program = 'from pip._internal.models.index import PyPI; print(PyPI.simple_url, end="")'
  const { stdout } = await run(python, ['-c', program])
  return `[tool.poetry]\npackage-mode = false\n[[tool.poetry.source]]\nname = "index"\nurl = "${stdout}"\n`
}
