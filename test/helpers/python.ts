import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { root } from './actionFile.ts'

const run = promisify(execFile)
const cache = join(root, '.cache')

type EnvironmentModule = {
  pythonEnvironment(request: {
    name: string
    requirements: readonly string[]
    cacheDir: string
    log: (line: string) => void
  }): Promise<string>
}

/** SQLMesh of most tests. */
export const SQLMESH = 'sqlmesh==0.236.4'

/**
 * Path of a Python that has exactly these requirements. Made on first use and then kept in .cache,
 * also for other test files that ask for it at the same time.
 */
export async function pythonWith(name: string, ...requirements: string[]): Promise<string> {
  const module = pathToFileURL(join(root, 'examples', 'environment.mjs')).href
  const { pythonEnvironment } = (await import(module)) as EnvironmentModule
  const log = (line: string) => process.stdout.write(`${line}\n`)
  return await pythonEnvironment({ name, requirements, cacheDir: cache, log })
}

/** A Python with Dagster and its webserver: one environment of a version serves all tests. */
export const dagsterPython = (version: string): Promise<string> =>
  pythonWith('dagster', `dagster==${version}`, `dagster-webserver==${version}`)

/** What most projects with Dagster have. `pip` is there for workflows that install the rest once more. */
export const DG_SQLMESH_1 = ['pip', SQLMESH, 'dagster==1.13.27', 'dg-sqlmesh==1.10.1']

/** SQLMesh's own examples, with the drivers and dbt that they ask for. */
export const EXAMPLES = [
  'sqlmesh[dbt]==0.236.4',
  'google-cloud-bigquery',
  'google-cloud-bigquery-storage',
  'pandas',
  // dbt-core 1.12 needs a parser that is not on the package index.
  'dbt-core<1.11',
  'dbt-duckdb<1.11',
  'ibis-framework[duckdb]',
]

/** Folder of a package's source distribution, as published: `sourceDistribution('sqlmesh', '0.236.4')`. */
export async function sourceDistribution(name: string, version: string): Promise<string> {
  const place = join(cache, 'sources', `${name}-${version}`)
  if (existsSync(place)) return place
  await mkdir(join(cache, 'sources'), { recursive: true })
  const folder = await mkdtemp(join(cache, 'sources', 'download-'))
  try {
    const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--no-binary', name]
    await run('python3', [...pip, '--dest', folder, `${name}==${version}`])
    await run('tar', ['-xzf', `${name}-${version}.tar.gz`], { cwd: folder })
    // Another test file may have been faster; then its copy stays.
    await rename(join(folder, `${name}-${version}`), place).catch((error) => {
      if (!existsSync(place)) throw error
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return place
}
