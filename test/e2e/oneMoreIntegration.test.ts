import { cp, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../helpers/actionFile.ts'
import { changedQueries, project } from '../helpers/project.ts'
import { runCli } from '../helpers/runner.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { openPullRequest } from './scenario.ts'

const FOLDER = 'src/dagster/integrations'

const upperSqlmesh = `import type { Integration } from './integration.ts'

export const upperSqlmesh: Integration = {
  name: 'upper-sqlmesh',
  package: { distribution: 'upper-sqlmesh', module: 'upper_sqlmesh' },
  keys: {
    declaredExternalsAreAssets: false,
    modelKey: ({ schema, view }) => [schema.toUpperCase(), view.toUpperCase()],
    dependencyKey: (fqn) => fqn.toUpperCase().replaceAll('"', '').split('.').slice(-2),
  },
  dataVersions: () => 'dagster',
  setsCodeVersions: () => false,
  remedy: 'upper()',
  whyPlanFirst: 'upper-sqlmesh runs what is applied',
  selection: 'kind:"upper"',
  runsInOneStep: () => false,
}
`

test('an integration is one file and one line', async () => {
  await using folder = await temporaryFolder()
  const copied = { recursive: true }
  for (const part of ['src', 'python', 'package.json']) {
    await cp(join(root, part), join(folder.path, part), copied)
  }
  await symlink(join(root, 'node_modules'), join(folder.path, 'node_modules'))
  const registry = join(folder.path, FOLDER, 'registry.ts')
  const text = await readFile(registry, 'utf8')
  const line = text.replace(/^(const PUBLISHED.* = \[.*)\]$/m, '$1, upperSqlmesh]')
  expect(line).not.toBe(text)
  await writeFile(registry, `import { upperSqlmesh } from './upperSqlmesh.ts'\n${line}`)
  await writeFile(join(folder.path, FOLDER, 'upperSqlmesh.ts'), upperSqlmesh)

  await using scenario = await openPullRequest({ base: project, head: changedQueries })
  const cwd = await scenario.origin.checkout({ ref: 'refs/heads/feature', depth: 0 })
  const options = ['--project', 'warehouse', '--python', sqlmeshPython]
  const program = join(folder.path, 'src', 'cli.ts')
  const run = (...more: string[]) => runCli([...options, ...more], { cwd, program })

  const named = await run('--integration', 'upper-sqlmesh', '--format', 'json')
  expect(named).toMatchObject({ exitCode: 0 })
  const report = JSON.parse(named.stdout)
  expect(report.integration).toMatchObject({ name: 'upper-sqlmesh', version: null })
  const keys = report.assets.map(({ key }: { key: string[] }) => key.join('/'))
  expect(keys).toEqual(['MARTS/REPORT', 'STAGING/ORDERS', 'MARTS/REVENUE'])

  const told = await run('--integration', 'upper-sqlmesh')
  expect(told.stdout.replaceAll(/\s+/g, ' ')).toContain(
    'Apply the SQLMesh plan first (sqlmesh plan): upper-sqlmesh runs what is applied.',
  )
  const doctor = await runCli(['doctor', ...options, '--integration', 'upper-sqlmesh'], {
    cwd,
    program,
  })
  expect(doctor.stdout.replaceAll(/\s+/g, ' ')).toContain(
    'upper-sqlmesh as published sets no code version.',
  )
  const mistyped = await run('--integration', 'upper')
  expect(mistyped.stderr.replaceAll(/\s+/g, ' ')).toContain(
    'must be one of auto, dg-sqlmesh, dagster-sqlmesh, upper-sqlmesh, custom',
  )
})
