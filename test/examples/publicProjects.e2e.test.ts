import { execFile } from 'node:child_process'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { git } from '../helpers/git.ts'
import { LONG } from '../helpers/long.ts'
import { EXAMPLES, pythonWith, SQLMESH, sourceDistribution } from '../helpers/python.ts'
import { recordResult } from '../helpers/results.ts'
import { runCli } from '../helpers/runner.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

/* How much is loaded for a change of documentation of projects that others wrote: of SQLMesh's own examples. */

const run = promisify(execFile)

/** What `sqlmesh init` makes, in the place of a folder of the examples. */
const INIT = 'init'

/** `closed`: nothing of it runs. `observed`: it is seen that no file is read. `whole`: everything is loaded. */
type Outcome = 'closed' | 'observed' | 'whole'

const pythons: Readonly<Record<string, () => Promise<string>>> = {
  examples: () => pythonWith('examples', ...EXAMPLES),
  faker: () => pythonWith('faker', SQLMESH, 'faker'),
}

type Project = readonly [name: string, folders: readonly string[], python: string, Outcome]

const all: readonly Project[] = [
  ['sqlmesh init duckdb', [INIT], 'examples', 'closed'],
  ['sushi', ['sushi'], 'examples', 'observed'],
  ['multi', ['multi/repo_1', 'multi/repo_2'], 'examples', 'observed'],
  ['ibis', ['ibis'], 'examples', 'observed'],
  ['wursthall', ['wursthall'], 'faker', 'observed'],
  ['multi_hybrid', ['multi_hybrid/dbt_repo', 'multi_hybrid/sqlmesh_repo'], 'examples', 'whole'],
  ['multi_dbt', ['multi_dbt/bronze', 'multi_dbt/silver'], 'examples', 'whole'],
  ['sushi_dbt', ['sushi_dbt'], 'examples', 'whole'],
]
const chosen = all.filter(([, [folder]]) => LONG || folder === INIT || folder === 'sushi')

let examples = ''
beforeAll(async () => {
  examples = join(await sourceDistribution('sqlmesh', '0.236.4'), 'examples')
})

const rows: { name: string; outcome: Outcome; because: string }[] = []

test.each(chosen)('%s', async (name, projects, environment, expected) => {
  const python = (await pythons[environment]?.()) ?? ''
  await using folder = await temporaryFolder()
  const repository = folder.path
  await git(repository, ['init', '--quiet'])
  for (const project of projects) {
    const place = join(repository, project)
    if (project !== INIT) await cp(join(examples, project), place, { recursive: true })
    else {
      await mkdir(place)
      await run(join(dirname(python), 'sqlmesh'), ['init', 'duckdb'], { cwd: place })
    }
  }
  for (const text of ['A shop.\n', 'A large shop.\n']) {
    await writeFile(join(repository, 'README.md'), text)
    await git(repository, ['add', '--all'])
    await git(repository, ['commit', '--quiet', '--message', text])
  }
  const given = projects.flatMap((project) => ['--project', project])
  const options = [...given, '--python', python, '--format', 'json', 'HEAD~1']
  const { stdout, stderr } = await runCli(options, { cwd: repository })
  const report = JSON.parse(stdout)
  const whole = /Loading base \(everything: ([^\n]*)\)/.exec(stderr)
  const looked = /Looking at what head reads \(([^\n]*)\)/.exec(stderr)
  const outcome = whole ? 'whole' : looked ? 'observed' : 'closed'
  rows.push({ name, outcome, because: (whole ?? looked)?.[1] ?? '' })
  recordResult('public-projects', { rows })
  expect([outcome, report.result, report.assets], stderr).toEqual([expected, 'synced', []])
})
