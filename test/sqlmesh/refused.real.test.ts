import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Failure, type Side } from '../../src/platform/failure.ts'
import type { LoadedScope } from '../../src/scope/scope.ts'
import { loadBoth } from '../../src/sqlmesh/loadBoth.ts'
import { loadEnvironment } from '../../src/sqlmesh/loadEnvironment.ts'
import { EVERYTHING, type Extent } from '../../src/sqlmesh/probe.ts'
import { bothOf } from '../helpers/loads.ts'
import { type ProbeServer, probeServer } from '../helpers/probeServer.ts'
import type { Files } from '../helpers/project.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { type TemporaryFolder, temporaryFolder } from '../helpers/temporary.ts'
import { writeFiles } from '../helpers/writeFiles.ts'
import { loads, type Project, plain, refused, refusedByLoaders } from './refusals.ts'

/*
 * The code location loads exactly what `Context(paths=…)` loads. So what that raises is found, without loading
 * all that it loads; and nothing else is.
 */

let folder: TemporaryFolder
let server: ProbeServer
let stock: Stock
beforeAll(async () => {
  folder = await temporaryFolder()
  server = await probeServer(sqlmeshPython)
  stock = startStock(sqlmeshPython, folder.path)
})
afterAll(async () => {
  stock.end()
  await server[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

type Stock = { readonly ask: (paths: readonly string[]) => Promise<string | null>; end: () => void }

/** Stock SQLMesh in a process that stays: what `Context(paths=…)` raises. */
function startStock(python: string, folder: string): Stock {
  const script = join(import.meta.dirname, 'refuses.py')
  const env = loadEnvironment(process.env, [], join(folder, 'home'))
  const child = spawn(python, [script], { env, cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask(paths) {
      child.stdin.write(`${JSON.stringify(paths)}\n`)
      const line = await lines.next()
      if (line.done) throw new Error('stock SQLMesh has ended')
      return JSON.parse(line.value) as string | null
    },
    end: () => child.kill(),
  }
}

let trees = 0
let pairs = 0

async function written(files: Project): Promise<string> {
  trees += 1
  const tree = join(folder.path, `tree-${trees}`)
  await writeFiles(tree, files)
  return tree
}

/** What the probe says of what stock refuses; null where it refuses nothing. */
async function saidOf(tree: string): Promise<string | null> {
  const place = { tree, projects: ['.'], workspace: tree }
  try {
    const { refused } = await server.load('base', place, EVERYTHING)
    return refused?.message ?? null
  } catch (error) {
    if (error instanceof Failure && error.code === 'load-failed') return error.message
    throw error
  }
}

test.each(Object.entries({ ...refused, ...refusedByLoaders }))(
  '%s is refused as stock refuses it',
  async (name, files) => {
    const tree = await written({ ...plain, ...files })

    const [truth, said] = [await stock.ask([tree]), await saidOf(tree)]

    expect(truth).not.toBeNull()
    expect(said).not.toBeNull()
    if (!OTHER_WORDS.has(name)) expect(wordsOf(said, tree)).toEqual(wordsOf(truth, tree))
  },
)

test.each(Object.entries(loads))('%s loads as in stock', async (_, files) => {
  const tree = await written({ ...plain, ...files })

  expect(await stock.ask([tree])).toBeNull()
  expect(await saidOf(tree)).toBeNull()
})

/** Chance decides which file SQLMesh blames; and the loaders find it before SQLMesh does. */
const OTHER_WORDS = new Set([
  'two models of one name',
  'a name of one part beside others',
  'a seed that is no CSV',
  'a default that is no truth value',
  // It names an address in memory.
  'a macro that keeps what has no text',
])

/** Lines of a message; chance decides with which model of a cycle it begins. */
function wordsOf(message: string | null, tree: string): readonly string[] {
  const lines = stripVTControlCharacters(message ?? '')
    .replaceAll(`${tree}/`, '')
    // It says so of each model that it cannot give its columns to.
    .replace(/^\w+: (Failed to update model schemas\n\n)?/, '')
    .split('\n')
    .map((line) => line.replace(/ ->$/, '').trim())
  return [...new Set(lines)].sort()
}

const byDay = 'kind INCREMENTAL_BY_TIME_RANGE (time_column day)'
const sql = (name: string, settings: string, query: string): Project => ({
  [`models/${name}.sql`]: `MODEL (name s.${name}, ${settings});\n\n${query}\n`,
})
const two = sql('a', 'kind FULL', 'SELECT 1 AS x, 2 AS day')
const one = sql('a', 'kind FULL', 'SELECT 1 AS x, 2 AS at')
const star = (name: string, of: string, settings = 'kind VIEW') =>
  sql(name, settings, `SELECT * FROM s.${of}`)

/** Changes to SQL models: what is there before, and what differs. */
const changes: Readonly<Record<string, readonly [before: Project, change: Files]>> = {
  'a column that a star gave and a time column was': [{ ...two, ...star('b', 'a', byDay) }, one],
  'one that two stars gave': [{ ...two, ...star('b', 'a'), ...star('c', 'b', byDay) }, one],
  'one that a union of stars gave': [
    { ...two, ...sql('b', byDay, 'SELECT * FROM s.a UNION ALL SELECT * FROM s.a') },
    one,
  ],
  'one that a star of a macro gave': [
    { ...two, ...sql('b', byDay, 'SELECT @STAR(s.a) FROM s.a') },
    one,
  ],
  'one that another model clusters by': [
    { ...two, ...star('b', 'a', 'kind FULL, clustered_by day') },
    one,
  ],
  'one that a seed gave': [
    {
      'seeds/a.csv': 'id,day\n1,2\n',
      'models/a.sql': "MODEL (name s.a, kind SEED (path '../seeds/a.csv'));\n",
      ...star('b', 'a', byDay),
    },
    { 'models/a.sql': "MODEL (name s.a, kind SEED (path '../seeds/a.csv'), columns (id int));\n" },
  ],
  'a column that no star above gives': [
    { ...two, ...star('b', 'a'), ...star('c', 'b') },
    star('c', 'b', 'kind FULL, partitioned_by nope'),
  ],
  'a cycle through a file that is equal': [
    { ...two, ...star('b', 'a') },
    sql('a', 'kind FULL', 'SELECT 1 AS x, 2 AS day FROM s.b'),
  ],
  'a cycle through two of them': [
    { ...two, ...star('b', 'a'), ...star('c', 'b') },
    sql('a', 'kind FULL', 'SELECT 1 AS x, 2 AS day FROM s.c'),
  ],
  'a cycle that depends_on closes': [
    { ...two, ...star('b', 'a') },
    sql('a', 'kind FULL, depends_on (s.b)', 'SELECT 1 AS x'),
  ],
  'a model that begins to read itself': [two, star('a', 'a', 'kind FULL')],
  'a new model without its time column': [two, sql('b', byDay, 'SELECT x FROM s.a')],
  'a name of one part': [two, { 'models/b.sql': 'MODEL (name b, kind FULL);\n\nSELECT 1 AS x\n' }],
  'a parent that is gone and whose columns are looked up': [
    { ...two, ...sql('c', 'kind FULL', 'SELECT @STAR(s.a) FROM s.a CROSS JOIN raw.known') },
    { 'models/a.sql': null },
  ],
  'a materialization that is not there': [
    two,
    sql('a', "kind CUSTOM (materialization 'n')", 'SELECT 1 AS x'),
  ],
  'a test that is no YAML': [two, { 'tests/test_a.yaml': 'a: [\n' }],
}

test.each(Object.entries(changes))(
  '%s is refused where few files are loaded',
  async (_, [before, change]) => {
    const base = {
      ...plain,
      ...sql('b', 'kind FULL', 'SELECT 1 AS x'),
      ...before,
    }
    const head = changed(base, change)
    expect(await stock.ask([await written(base)])).toBeNull()
    const truth = await stock.ask([await written(head)])

    const { refusals, whole } = await compared(base, head)

    expect(truth).not.toBeNull()
    // By the narrow load, and then by the whole one that gives the words.
    expect(refusals).toHaveLength(2)
    expect(whole).toBe(true)
  },
)

const harmless: typeof changes = {
  'a column that nobody asks for': [{ ...two, ...star('b', 'a') }, one],
  'a star of models that are not loaded otherwise': [
    { ...two, ...star('b', 'a'), ...star('c', 'b') },
    star('c', 'b', byDay),
  ],
  'a star of tables that are no models': [
    { ...two, ...sql('b', 'kind VIEW', 'SELECT * FROM raw.unknown') },
    star('c', 'b', byDay),
  ],
  'another test': [two, { 'tests/test_a.yaml': 'a:\n  model: s.a\n' }],
}

test.each(Object.entries(harmless))('%s is loaded as few files', async (_, [before, change]) => {
  const base = { ...plain, ...before }
  const head = changed(base, change)
  expect(await stock.ask([await written(head)])).toBeNull()

  expect(await compared(base, head)).toEqual({ refusals: [], whole: false, warned: null })
})

/** What base is refused for and head is not. */
const mended: typeof changes = {
  'a time column': [sql('a', byDay, 'SELECT 1 AS x'), two],
  'a materialization': [sql('a', "kind CUSTOM (materialization 'n')", 'SELECT 1 AS x'), two],
  'a test': [{ 'tests/test_a.yaml': 'a: [\n' }, { 'tests/test_a.yaml': null }],
  'a cycle': [sql('a', 'kind FULL', 'SELECT x FROM s.b'), two],
  'a rule': [
    { 'config.yaml': `${plain['config.yaml']}linter:\n  rules: [nope]\n` },
    { 'config.yaml': plain['config.yaml'] as string },
  ],
}

test.each(Object.entries(mended))('%s that is mended is a warning', async (_, [before, change]) => {
  const base = { ...plain, ...before }
  const head = changed(base, change)
  const truth = await stock.ask([await written(base)])
  expect(await stock.ask([await written(head)])).toBeNull()

  const { warned } = await compared(base, head)

  expect(truth).not.toBeNull()
  expect(warned).not.toBeNull()
})

function changed(project: Project, change: Files) {
  const entries = Object.entries({ ...project, ...change })
  return Object.fromEntries(entries.filter((one): one is [string, string] => one[1] !== null))
}

/** Both commits as the product loads them: what head was refused for, whether all was loaded, and base's refusal. */
async function compared(base: Project, head: Project) {
  const trees = { base, head }
  const paths = [...new Set([...Object.keys(base), ...Object.keys(head)])]
  const differing = paths.filter((path) => base[path] !== head[path])
  const narrow = differing.every((path) => /^(models|tests)\//.test(path))
  const scope: LoadedScope = narrow
    ? { kind: 'files', changed: differing, seeds: false, files: { base: [], head: [] } }
    : { kind: 'everything', because: 'a test', changed: differing }
  const refusals: string[] = []
  let whole = !narrow
  pairs += 1
  const tree = join(folder.path, `both-${pairs}`)
  const load = async (side: Side, extent: Extent) => {
    await rm(tree, { recursive: true, force: true })
    await writeFiles(tree, trees[side])
    try {
      const place = { tree, projects: ['.'], workspace: tree }
      return { manifest: await server.load(side, place, extent) }
    } catch (error) {
      refusals.push(String(error))
      throw error
    }
  }
  const complete = async () => {
    whole = true
  }
  try {
    const both = bothOf(await loadBoth(scope, { load, complete }))
    return { refusals, whole, warned: both.base.manifest.refused?.message ?? null }
  } catch {
    return { refusals, whole, warned: null }
  }
}
