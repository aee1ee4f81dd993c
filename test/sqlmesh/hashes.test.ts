import { execFile } from 'node:child_process'
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { loadEnvironment } from '../../src/sqlmesh/environment.ts'
import { loadManifest } from '../../src/sqlmesh/probe.ts'
import { root } from '../helpers/actionFile.ts'
import { pythonWith, sourceDistribution } from '../helpers/python.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const run = promisify(execFile)

/** By fqn: data hash and parents. */
type Hashes = Readonly<Record<string, readonly [string, readonly string[]]>>

type Comparison = {
  /** Folder that holds the projects. */
  readonly source: string
  readonly projects: readonly string[]
  /** Stock SQLMesh cannot do without the warehouse's driver; the product must. */
  readonly stockPython: string
  readonly python: string
  readonly schemas: boolean
}

/** The same files at the same path, loaded by stock SQLMesh and by the probe. */
async function bothSay({ source, projects, stockPython, python, schemas }: Comparison) {
  await using folder = await temporaryFolder()
  const tree = join(folder.path, 'tree')
  const scratch = join(folder.path, 'scratch')
  await mkdir(scratch)
  await cp(source, tree, { recursive: true })
  const environment = loadEnvironment(process.env, [], scratch)
  const stock = await run(
    stockPython,
    [
      join(import.meta.dirname, 'stock.py'),
      schemas ? 'schemas' : 'no-schemas',
      ...projects.map((project) => join(tree, project)),
    ],
    { cwd: tree, env: environment, maxBuffer: 64 * 1024 * 1024 },
  )
  const manifest = await loadManifest(
    {
      side: 'head',
      python,
      tree,
      projects,
      workspace: folder.path,
      gateway: null,
      timeoutSeconds: 300,
      environment,
      given: [],
    },
    () => {},
  )
  const ours: Hashes = Object.fromEntries(
    manifest.models.map((model) => [model.fqn, [model.dataHash ?? '', model.dependsOn]]),
  )
  const said = JSON.parse(stock.stdout.trim().split('\n').at(-1) ?? '') as Hashes
  return { stock: said, ours }
}

test('the sample: every data hash and parent equals stock SQLMesh', async () => {
  const python = inject('python')
  const source = join(root, 'examples', 'warehouse')
  const options = { source, python, stockPython: python, schemas: true }
  const { stock, ours } = await bothSay({ ...options, projects: ['.'] })

  expect(Object.keys(stock).length).toBeGreaterThanOrEqual(18)
  expect(ours).toEqual(stock)
})

describe('SQLMesh’s own examples', () => {
  let examples: string
  let withEverything: string
  beforeAll(async () => {
    examples = join(await sourceDistribution('sqlmesh', '0.236.4'), 'examples')
    withEverything = await pythonWith(
      'examples',
      'sqlmesh[dbt]==0.236.4',
      'google-cloud-bigquery',
      'google-cloud-bigquery-storage',
      'pandas',
      // dbt-core 1.12 needs a parser that is not on the package index.
      'dbt-core<1.11',
      'dbt-duckdb<1.11',
      'ibis-framework[duckdb]',
    )
  })

  test.each([
    // Its BigQuery driver is not installed where the product loads it.
    ['sushi', ['sushi'], 20, 'bare'],
    ['multi', ['multi/repo_1', 'multi/repo_2'], 5, 'bare'],
    ['ibis', ['ibis'], 5, 'everything'],
    ['multi_hybrid', ['multi_hybrid/dbt_repo', 'multi_hybrid/sqlmesh_repo'], 5, 'everything'],
    ['multi_dbt', ['multi_dbt/bronze', 'multi_dbt/silver'], 4, 'everything'],
    ['sushi_dbt', ['sushi_dbt'], 11, 'everything'],
  ] as const)('%s', async (_, projects, count, environment) => {
    const python = environment === 'bare' ? inject('python') : withEverything
    const options = { source: examples, stockPython: withEverything, python, schemas: false }
    const { stock, ours } = await bothSay({ ...options, projects })

    expect(Object.keys(stock)).toHaveLength(count)
    expect(ours).toEqual(stock)
  })

  test('a dbt project without dbt is an error that says so', async () => {
    const options = { source: examples, stockPython: withEverything, schemas: false }
    const comparison = bothSay({ ...options, python: inject('python'), projects: ['sushi_dbt'] })
    await expect(comparison).rejects.toMatchObject({ code: 'load-failed', side: 'head' })
  })
})
