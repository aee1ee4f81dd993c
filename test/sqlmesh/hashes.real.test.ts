import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { root } from '../helpers/actionFile.ts'
import { LONG } from '../helpers/long.ts'
import { EXAMPLES, pythonWith, sourceDistribution } from '../helpers/python.ts'
import { recordResult } from '../helpers/results.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { versions } from '../helpers/sqlmeshVersions.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { hashesOf, probed, stock } from './both.ts'
import { generated } from './generated.ts'

const sample = { files: join(root, 'examples', 'warehouse') }
const rows: { version: string; project: string; models: number; equal: number }[] = []

async function compare(version: string, project: string, said: object, ours: object) {
  const names = Object.keys(said)
  const same = (name: string) =>
    JSON.stringify(said[name as never]) === JSON.stringify(ours[name as never])
  rows.push({ version, project, models: names.length, equal: names.filter(same).length })
  recordResult('hashes', { rows })
  expect(ours).toEqual(said)
}

describe.each(versions)('SQLMesh %s', (version, ...others) => {
  let python: string
  beforeAll(async () => {
    python = await pythonWith('sqlmesh', `sqlmesh==${version}`, ...others)
  })

  test.each([
    ['sample', sample],
    ['generated', { files: generated(30) }],
  ])('%s: every data hash and parent equals stock', async (name, source) => {
    const said = await stock(python, source, 'schemas')
    const ours = hashesOf(await probed(python, source))
    expect(Object.keys(said).length).toBeGreaterThan(20)
    await compare(version, name, said, ours)
  })

  test('what of a kind is hashed can be a cause', async () => {
    const script = join(import.meta.dirname, 'hashed_fields.py')
    const args = [script, join(root, 'python')]
    const { stdout } = await promisify(execFile)(python, args)
    const { hashed, parts } = JSON.parse(stdout)
    // A part of the kind's name, and of the seed's data.
    const others = ['name', 'csv_settings']
    expect(hashed.filter((field: string) => ![...parts, ...others].includes(field))).toEqual([])
  })
})

describe('SQLMesh’s own examples', () => {
  let examples: string
  let everything: string
  beforeAll(async () => {
    examples = join(await sourceDistribution('sqlmesh', '0.236.4'), 'examples')
    everything = await pythonWith('examples', ...EXAMPLES)
  })

  const all = [
    // Its BigQuery driver is not installed where the product loads it.
    ['sushi', ['sushi'], 20, 'bare'],
    ['multi', ['multi/repo_1', 'multi/repo_2'], 5, 'bare'],
    ['multi_hybrid', ['multi_hybrid/dbt_repo', 'multi_hybrid/sqlmesh_repo'], 5, 'everything'],
    ['multi_dbt', ['multi_dbt/bronze', 'multi_dbt/silver'], 4, 'everything'],
    ['sushi_dbt', ['sushi_dbt'], 11, 'everything'],
  ] as const
  // Of those with dbt the one with two projects takes the least.
  const some = all.filter(([name]) => LONG || !['multi_hybrid', 'sushi_dbt'].includes(name))

  test.each(some)('%s', async (name, projects, count, environment) => {
    const python = environment === 'bare' ? sqlmeshPython : everything
    const source = { files: examples, projects }
    const said = await stock(everything, source, 'no-schemas')
    const manifest = await probed(python, source, 'base')
    expect(Object.keys(said)).toHaveLength(count)
    await compare('0.236.4', name, said, hashesOf(manifest))
    // Its materializations are a package of their own, which stock SQLMesh misses here as well.
    const missing = name === 'sushi' ? "name 'custom_full' was not found" : null
    expect(manifest.refused?.message ?? null).toEqual(missing && expect.stringContaining(missing))
  })

  test('ibis, whose Python models hold their own path', async () => {
    await using folder = await temporaryFolder()
    const source = { files: examples, projects: ['ibis'], at: folder.path }
    const said = await stock(everything, source, 'no-schemas')
    const manifest = await probed(everything, source)
    const bound = manifest.models.filter(({ restless }) =>
      restless.some(({ why }) => why === 'path'),
    )
    expect(bound.length).toBeGreaterThan(0)
    expect(Object.keys(said)).toHaveLength(5)
    await compare('0.236.4', 'ibis', said, hashesOf(manifest))
  })

  test('a dbt project without dbt is an error that says so', async () => {
    const loading = probed(sqlmeshPython, { files: examples, projects: ['sushi_dbt'] })
    await expect(loading).rejects.toMatchObject({ code: 'load-failed', side: 'head' })
  })
})
