import { expect, test } from 'vitest'
import { changedQueries, project } from '../helpers/project.ts'
import { pythonWith } from '../helpers/python.ts'
import { runCli } from '../helpers/runner.ts'
import { snapshot } from '../helpers/snapshot.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { sampleWith, wirings } from '../oracle/integrations.ts'
import { openPullRequest } from './scenario.ts'

type Finding = {
  readonly topic: string
  readonly level: 'ok' | 'note' | 'problem'
  readonly found: string
  readonly fix: string | null
  readonly paste: string | null
}

/** What the doctor says of a repository, as JSON, and its exit code. */
async function examined(cwd: string, ...args: string[]) {
  const before = await snapshot(cwd)
  const result = await runCli(['doctor', '--json', '--project', 'warehouse', ...args], { cwd })
  expect(await snapshot(cwd), 'the checkout is as it was found').toEqual(before)
  const { healthy, findings } = JSON.parse(result.stdout) as {
    healthy: boolean
    findings: readonly Finding[]
  }
  expect(result.exitCode).toBe(healthy ? 0 : 1)
  const about = (topic: string) => findings.filter((finding) => finding.topic === topic)
  return { findings, about, healthy }
}

/** How loads are isolated is this machine's to say; test/hostile knows what it has to be. */
const levels = (findings: readonly Finding[]) =>
  findings
    .filter(({ topic }) => topic !== 'isolation')
    .map(({ topic, level }) => `${topic}: ${level}`)

async function sample(name: string) {
  const wiring = wirings.find((one) => one.name === name)
  if (wiring === undefined) throw new Error(`There is no wiring ${name}`)
  const folder = await temporaryFolder()
  return {
    python: await pythonWith(wiring.integration, ...wiring.requirements),
    repository: await sampleWith(await wiring.definitions(), folder.path),
    [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
  }
}

test('of the wired sample there is nothing to fix', async () => {
  await using shop = await sample('dg-sqlmesh 1.10.1, wired')
  const given = ['--python', shop.python, '--definitions', 'warehouse/definitions.py']
  const { findings, about, healthy } = await examined(
    shop.repository,
    ...given,
    'main',
    'pull-request',
  )

  expect(healthy).toBe(true)
  expect(levels(findings)).toEqual([
    'git: ok',
    'python: ok',
    'sqlmesh: ok',
    'dagster: ok',
    'integration: ok',
    'keys: ok',
    'wiring: ok',
    'workflow: note',
  ])
  expect(about('isolation')[0]?.found).toMatch(/^Isolation: /)
  expect(about('sqlmesh')[0]?.found).toMatch(
    /^SQLMesh 0\.236\.4 .* gateway `local`, catalog `warehouse`\.$/,
  )
  expect(about('integration')[0]?.found).toBe('dg-sqlmesh 1.10.1, imported by the definitions.')
  const samples = about('keys')[0]?.found.split('\n').slice(1) ?? []
  expect(samples).toHaveLength(3)
  for (const line of samples) {
    expect(line).toMatch(/^warehouse\/\w+\/\w+ is "warehouse"\."\w+"\."\w+", code version \d+$/)
  }
})

test('of definitions that are not wired it says what to paste', async () => {
  await using shop = await sample('dg-sqlmesh 1.10.1, as published')
  // The file is found by its name.
  const { about, healthy } = await examined(shop.repository, '--python', shop.python, 'main')

  expect(healthy).toBe(false)
  expect(about('dagster')[0]?.found).toContain('warehouse/definitions.py, which were found')
  const [wiring] = about('wiring')
  expect(wiring).toMatchObject({ level: 'problem', fix: expect.stringContaining('docs/wiring.md') })
  expect(wiring?.paste).toContain('defs = defs.map_resolved_asset_specs(func=with_code_version)')
})

test('without SQLMesh it says which Pythons were tried', async () => {
  await using scenario = await openPullRequest({ base: project, head: changedQueries })
  const cwd = await scenario.origin.checkout({ ref: 'refs/heads/feature', depth: 0 })
  const { findings, about } = await examined(cwd)

  expect(levels(findings)).toEqual(['git: ok', 'python: problem', 'workflow: note'])
  expect(about('python')[0]).toMatchObject({
    found: expect.stringMatching(
      /^No Python with SQLMesh was found\. Tried: .*python3 \(has no sqlmesh\)/,
    ),
    fix: expect.stringContaining('`python`'),
  })
})

test('a shallow clone is a note while what is missing can be fetched, else a problem', async () => {
  await using scenario = await openPullRequest({ base: project, head: changedQueries })
  const cwd = await scenario.origin.checkout({ ref: 'refs/heads/feature', depth: 1 })
  const python = ['--python', sqlmeshPython]

  const cut = await examined(cwd, ...python, 'a'.repeat(40))
  expect(levels(cut.about('git'))).toEqual(['git: problem'])
  expect(cut.about('git')[0]?.found).toMatch(
    /^This clone is shallow\. The base commit a{40} is not/,
  )
  // Head alone still tells the rest.
  expect(levels(cut.about('keys'))).toEqual(['keys: ok'])

  const result = await runCli(['doctor', '--project', 'warehouse', ...python], { cwd })
  expect(result).toMatchObject({ exitCode: 0 })
  expect(result.stdout).toContain('note · git: This clone is shallow')
  expect(result.stdout).toContain('Nothing keeps this project from being checked.')
})

test('a project that is not there, and a repository that is none', async () => {
  await using scenario = await openPullRequest({ base: project, head: changedQueries })
  const cwd = await scenario.origin.checkout({ ref: 'refs/heads/feature', depth: 0 })
  const absent = await runCli(
    ['doctor', '--json', '--project', 'lake', '--python', sqlmeshPython],
    { cwd },
  )
  expect(absent.exitCode).toBe(1)
  expect(absent.stdout).toContain('There is no SQLMesh project in `lake`.')

  await using folder = await temporaryFolder()
  const outside = await runCli(['doctor', '--repo', folder.path], { cwd })
  expect(outside.exitCode).toBe(1)
  expect(outside.stdout).toContain('is not a git repository')

  const wrong = await runCli(['doctor', '--json', '--fail-on', 'odd'], { cwd })
  expect(wrong.exitCode).toBe(2)
  expect(JSON.parse(wrong.stdout).error.message).toContain('`fail-on`')
})
