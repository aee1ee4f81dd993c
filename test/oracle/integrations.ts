import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { check } from '../../src/check/check.ts'
import { localComparison } from '../../src/github/event.ts'
import { parseInputs } from '../../src/inputs/request.ts'
import type { Report } from '../../src/report/model.ts'
import { root } from '../helpers/actionFile.ts'
import { DG_SQLMESH_1 } from '../helpers/python.ts'

const run = promisify(execFile)

export const PROJECT = 'warehouse'
export const DEFINITIONS = `${PROJECT}/definitions.py`

const DG_SQLMESH = `from pathlib import Path

from dg_sqlmesh import sqlmesh_definitions_factory

defs = sqlmesh_definitions_factory(project_dir=str(Path(__file__).parent), gateway="local")
`

const DAGSTER_SQLMESH = `from pathlib import Path

from dagster import AssetExecutionContext, Definitions, ResourceParam
from dagster_sqlmesh import SQLMeshContextConfig, SQLMeshResource, sqlmesh_assets

config = SQLMeshContextConfig(path=str(Path(__file__).parent), gateway="local")


@sqlmesh_assets(environment="prod", config=config, enabled_subsetting=True)
def warehouse(
    context: AssetExecutionContext,
    sqlmesh: SQLMeshResource,
    sqlmesh_config: ResourceParam[SQLMeshContextConfig],
):
    yield from sqlmesh.run(context, config=sqlmesh_config, environment="prod")


defs = Definitions(
    assets=[warehouse],
    resources={"sqlmesh": SQLMeshResource(), "sqlmesh_config": config},
)
`

/** The first snippet below a heading of docs/wiring.md. */
async function snippet(heading: string): Promise<string> {
  const text = await readFile(join(root, 'docs', 'wiring.md'), 'utf8')
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`))
  const code = /^```python\n(.*?)^```$/ms.exec(section ?? '')?.[1]
  if (code === undefined) throw new Error(`docs/wiring.md has no snippet below "${heading}".`)
  return code
}

const DG_0 = ['sqlmesh==0.236.4', 'dg-sqlmesh==0.1.1']
const DAGSTER_SQLMESH_0 = ['sqlmesh==0.236.4', 'dagster==1.13.27', 'dagster-sqlmesh==0.22.0']

/** An integration as published or wired: what is installed, and the code location's one file. */
export type Wiring = {
  readonly name: string
  readonly integration: 'dg-sqlmesh' | 'dagster-sqlmesh'
  readonly requirements: readonly string[]
  readonly wired: 'yes' | 'no'
  readonly definitions: () => Promise<string>
}

export const wirings: readonly Wiring[] = [
  {
    name: 'dg-sqlmesh 1.10.1, as published',
    integration: 'dg-sqlmesh',
    requirements: DG_SQLMESH_1,
    wired: 'no',
    definitions: async () => DG_SQLMESH,
  },
  {
    name: 'dg-sqlmesh 1.10.1, wired',
    integration: 'dg-sqlmesh',
    requirements: DG_SQLMESH_1,
    wired: 'yes',
    definitions: async () => `${DG_SQLMESH}\n\n${await snippet('dg-sqlmesh 1.x')}`,
  },
  {
    name: 'dg-sqlmesh 0.1.1, as published',
    integration: 'dg-sqlmesh',
    requirements: DG_0,
    wired: 'yes',
    definitions: async () => DG_SQLMESH,
  },
  {
    name: 'dagster-sqlmesh 0.22.0, as published',
    integration: 'dagster-sqlmesh',
    requirements: DAGSTER_SQLMESH_0,
    wired: 'no',
    definitions: async () => DAGSTER_SQLMESH,
  },
  {
    name: 'dagster-sqlmesh 0.22.0, wired',
    integration: 'dagster-sqlmesh',
    requirements: DAGSTER_SQLMESH_0,
    wired: 'yes',
    definitions: async () => `${DAGSTER_SQLMESH}\n\n${await snippet('dagster-sqlmesh')}`,
  },
  {
    name: 'dagster-sqlmesh 0.22.0, wired by its translator',
    integration: 'dagster-sqlmesh',
    requirements: DAGSTER_SQLMESH_0,
    wired: 'yes',
    definitions: async () => {
      const wiring = await snippet('dagster-sqlmesh without a second load')
      return `${wiring}\n\n${DAGSTER_SQLMESH.replace('= SQLMeshContextConfig(', '= WiredConfig(')}`
    },
  },
]

/** A repository with the sample's two branches, whose code location is `definitions` on both. */
export async function sampleWith(definitions: string, folder: string): Promise<string> {
  const sample = pathToFileURL(join(root, 'examples', 'sample.mjs')).href
  const { buildSampleRepository } = (await import(sample)) as {
    buildSampleRepository(dir: string): { dir: string }
  }
  const { dir } = buildSampleRepository(join(folder, 'repository'))
  for (const branch of BRANCHES) {
    await git(dir, 'checkout', '--quiet', branch)
    await writeFile(join(dir, DEFINITIONS), definitions)
    await git(dir, 'commit', '--quiet', '--all', '--message', 'Definitions')
  }
  return dir
}

const BRANCHES = ['pull-request', 'main'] as const

async function git(repository: string, ...args: string[]): Promise<void> {
  const author = ['-c', 'user.name=Sample', '-c', 'user.email=sample@example.com']
  await run('git', [...author, ...args], { cwd: repository })
}

/** Dagster's own word on one asset. */
export type Verdict = {
  readonly status: 'MISSING' | 'STALE' | 'FRESH'
  readonly causes: readonly {
    readonly category: 'CODE' | 'DATA' | 'DEPENDENCIES'
    readonly reason: string
    /** Key of the parent, segments joined by `/`. */
    readonly dependency: string | null
  }[]
}

/** What Dagster says of each asset, by key, and what was run just before. */
export type State = {
  readonly ran: readonly string[]
  readonly verdicts: Readonly<Record<string, Verdict>>
}

/** A deployed code location on DuckDB with an instance of its own. */
export type CodeLocation = {
  /** Checks out a branch, and applies the SQLMesh plan there. */
  readonly deploy: (branch: 'main' | 'pull-request') => Promise<void>
  /**
   * Materializes these assets, then in rounds whatever is not fresh; without keys everything, once.
   *
   * @returns the state before anything runs, then that after each round
   */
  readonly materialize: (keys?: readonly string[]) => Promise<readonly State[]>
}

export async function codeLocation(
  python: string,
  repository: string,
  folder: string,
): Promise<CodeLocation> {
  const home = join(folder, 'home')
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    DAGSTER_HOME: join(home, 'dagster'),
    DAGSTER_DISABLE_TELEMETRY: '1',
    SQLMESH__DISABLE_ANONYMIZED_ANALYTICS: 'true',
    PYTHONDONTWRITEBYTECODE: '1',
  }
  await mkdir(env.DAGSTER_HOME, { recursive: true })
  await writeFile(join(env.DAGSTER_HOME, 'dagster.yaml'), 'telemetry:\n  enabled: false\n')
  const options = { cwd: join(repository, PROJECT), env, maxBuffer: 64 * 1024 * 1024 }
  return {
    deploy: async (branch) => {
      await git(repository, 'checkout', '--quiet', branch)
      const sqlmesh = join(dirname(python), 'sqlmesh')
      await run(sqlmesh, ['plan', '--auto-apply', '--no-prompts'], options)
    },
    materialize: async (keys = []) => {
      const script = join(import.meta.dirname, 'codeLocation.py')
      const { stdout } = await run(python, [script, 'definitions.py', ...keys], options)
      return JSON.parse(stdout) as State[]
    },
  }
}

/** Our report on the sample's pull request. */
export async function reportOf(
  python: string,
  repository: string,
  folder: string,
  inputs: Parameters<typeof parseInputs>[0],
): Promise<Report> {
  const request = parseInputs({
    ...inputs,
    project: PROJECT,
    python,
    base: 'main',
    head: 'pull-request',
  })
  let printed = ''
  const { report, failure } = await check(request, {
    folder: repository,
    temporary: folder,
    environment: process.env,
    choose: (checkedOut) => localComparison(checkedOut, request),
    stage: (_, __, work) => work(() => {}),
    onIsolation: () => {},
    onPrinted: (_, { stdout, stderr }) => {
      printed = `${stdout}${stderr}`
    },
  })
  if (failure !== null) throw new Error(`${failure.message}\n${printed}`, { cause: failure })
  return report
}
