/**
 * `npm run bench [-- --quick] [--only PATTERN] [--repetitions N] [--output FILE]`: how long the product
 * takes, next to stock SQLMesh doing the same, in alternating runs on this machine. Writes
 * docs/evidence/bench.md. `--only`: the projects whose names match. `--against COMMIT[,COMMIT...]`: next to the product as
 * these commits have it in dist/, too; writes docs/evidence/bench-against.md.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { pythonWith, SQLMESH, sourceDistribution } from '../test/helpers/python.ts'
import { earlier, renderAgainst } from './against.ts'
import { type Measured, measure } from './measure.ts'
import { measureOwn } from './own.ts'
import { narrow, observed, type Project, python as pythonModels, sushi, wide } from './projects.ts'
import { branchOf, makeRepository } from './repository.ts'
import { DAGSTERS_VERSIONS, render, type Series, STOCK_COLD, STOCK_WARM } from './results.ts'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    repetitions: { type: 'string' },
    output: { type: 'string' },
    against: { type: 'string' },
  },
})
const against = options.against?.split(',') ?? []
const root = join(import.meta.dirname, '..')
const repetitions = Number(options.repetitions ?? (options.quick ? 1 : 3))

/** A project, and whether stock SQLMesh is to load it too: 10,000 models take it half an hour. */
type Plan = { readonly project: Project; readonly stock: boolean; readonly python: string }

type Run = { readonly what: string; readonly once: () => Promise<Measured> }

async function plans(): Promise<readonly Plan[]> {
  const python = await pythonWith('sqlmesh', SQLMESH)
  const plan = (project: Project, stock: boolean) => ({ project, stock, python })
  if (options.quick) return [plan(wide(100), true), plan(narrow(100), false)]
  return [
    plan(wide(1000), true),
    plan(observed(1000), true),
    plan(narrow(100), true),
    plan(narrow(1000), true),
    plan(pythonModels(300), true),
    {
      project: sushi(join(await sourceDistribution('sqlmesh', '0.236.4'), 'examples', 'sushi')),
      // It asks for a materialization that only an installed copy of the example has.
      stock: false,
      python: await examplesPython(),
    },
    plan(narrow(10_000), false),
  ]
}

/** Stock SQLMesh does not load its example without the driver of a gateway that is not used. */
async function examplesPython(): Promise<string> {
  const drivers = ['google-cloud-bigquery', 'google-cloud-bigquery-storage', 'pandas']
  return await pythonWith('sushi', SQLMESH, ...drivers)
}

/** What stock SQLMesh and the product read and write; nothing of the machine's own. */
function environmentIn(folder: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: join(folder, 'home'),
    TMPDIR: folder,
    SQLMESH_HOME: join(folder, 'home', 'sqlmesh'),
    SQLMESH__DISABLE_ANONYMIZED_ANALYTICS: 'true',
  }
}

function runsOf(folder: string, plan: Plan, changes: readonly string[]): readonly Run[] {
  const repository = join(folder, 'repository')
  const options = { cwd: repository, env: environmentIn(folder) }
  const productIn = (release: string, change: string, inputs: readonly string[]) => {
    const program = [process.execPath, join(folder, '..', release, 'dist', 'cli.js')]
    const given = ['--project', 'warehouse', '--python', plan.python, '--format', 'json', ...inputs]
    return () => measure([...program, ...given, 'main', branchOf(change)], options)
  }
  const product = (what: string, change: string, ...inputs: readonly string[]) => {
    const before = against.map((commit) => ({
      what: earlier(what, commit),
      once: productIn(commit, change, inputs),
    }))
    return [...before, { what, once: productIn('now', change, inputs) }]
  }
  const stock = (what: string, cached: boolean) => ({
    what,
    once: async () => {
      const sides = ['base', 'head'].map((side) => join(folder, side))
      for (const side of sides) {
        if (!cached) rmSync(join(side, 'warehouse', '.cache'), { recursive: true, force: true })
      }
      const script = join(import.meta.dirname, 'stock.py')
      const command = (side: string) => [plan.python, script, join(side, 'warehouse')]
      const first = await measure(command(sides[0] as string), options)
      const second = await measure(command(sides[1] as string), options)
      const wall = first.wall + second.wall
      return { ...first, wall, peak: Math.max(first.peak, second.peak), stderr: '' }
    },
  })
  const cached = against.length > 0 ? [] : [stock(STOCK_WARM, true)]
  const loads = plan.stock ? [stock(STOCK_COLD, false), ...cached] : []
  const spared = changes.filter((change) => /SQL files|macro/.test(change))
  return [
    ...loads,
    ...changes.flatMap((change) => product(change, change)),
    ...spared.flatMap((change) =>
      product(`${change}, ${DAGSTERS_VERSIONS}`, change, '--data-version', 'dagster'),
    ),
  ]
}

async function measureProject(home: string, plan: Plan): Promise<readonly Series[]> {
  const folder = mkdtempSync(join(home, 'project-'))
  const changes = await makeRepository(join(folder, 'repository'), plan.project)
  for (const side of plan.stock ? ['base', 'head'] : []) {
    const filter = (path: string) => !path.endsWith('/.git')
    cpSync(join(folder, 'repository'), join(folder, side), { recursive: true, filter })
  }
  const runs = runsOf(folder, plan, changes)
  const measured = new Map<string, Measured[]>(runs.map(({ what }) => [what, []]))
  for (let round = 1; round <= repetitions; round += 1) {
    for (const { what, once } of runs) {
      const one = await once()
      measured.get(what)?.push(one)
      log(`${plan.project.name}, ${what}: ${one.wall.toFixed(2)} s, ${one.peak.toFixed(0)} MiB`)
    }
  }
  rmSync(folder, { recursive: true, force: true })
  return runs.map(({ what }) => {
    const all = measured.get(what) ?? []
    const lines = all.at(-1)?.stderr.trim().split('\n') ?? []
    return {
      project: plan.project.name,
      what,
      walls: all.map((one) => one.wall),
      peaks: all.map((one) => one.peak),
      stages: lines.findLast((line) => /^git /.test(line)) ?? '',
    }
  })
}

function report(document: string): void {
  const page = against.length === 0 ? 'bench.md' : 'bench-against.md'
  const output =
    options.output ??
    (options.quick ? null : join(import.meta.dirname, '..', 'docs', 'evidence', page))
  if (output === null) process.stdout.write(document)
  else writeFileSync(output, document)
}

/** Puts what a release of a commit holds into the folder, under the commit's name. */
function releaseOf(commit: string, folder: string): void {
  const held = ['dist', 'python'].filter((name) => git(['ls-tree', commit, name]).length > 0)
  mkdirSync(join(folder, commit))
  const options = ['--extract', '--directory', join(folder, commit)]
  execFileSync('tar', options, { input: git(['archive', commit, ...held]) })
}

function git(args: readonly string[]): Buffer {
  return execFileSync('git', ['-C', root, ...args], { maxBuffer: 1024 ** 3 })
}

function log(line: string): void {
  process.stderr.write(`${line}\n`)
}

const home = mkdtempSync(join(tmpdir(), 'unsynced-bench-'))
try {
  const script = pathToFileURL(join(import.meta.dirname, '..', 'scripts', 'build.mjs')).href
  const { build } = (await import(script)) as { build: (folder: string) => Promise<void> }
  await build(join(home, 'now', 'dist'))
  cpSync(join(root, 'python'), join(home, 'now', 'python'), { recursive: true })
  for (const commit of against) releaseOf(commit, home)
  const series: Series[] = []
  const imports: number[] = []
  let versions = ''
  const own = await measureOwn(home)
  const chosen = (await plans()).filter(({ project }) =>
    new RegExp(options.only).test(project.name),
  )
  if (chosen.length === 0) throw new Error(`No project has ${options.only} in its name.`)
  for (const plan of chosen) {
    const command =
      'import sqlmesh, platform; print(platform.python_version(), sqlmesh.__version__)'
    const alone = await measure([plan.python, '-c', command], {
      cwd: home,
      env: environmentIn(home),
    })
    imports.push(alone.wall)
    const [pythonVersion, sqlmesh] = alone.stdout.trim().split(' ')
    versions = `Python ${pythonVersion}, SQLMesh ${sqlmesh} and Node ${process.version.slice(1)}`
    series.push(...(await measureProject(home, plan)))
    // After each project, so that a long run that is ended has not run for nothing.
    const results = { series, imports, versions, repetitions, own }
    report(against.length === 0 ? render(results) : renderAgainst(against, results))
  }
} finally {
  rmSync(home, { recursive: true, force: true })
}
