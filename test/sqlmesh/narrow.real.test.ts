import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compareCommits, concludeComparison } from '../../src/check/compareCommits.ts'
import { parseInputs } from '../../src/inputs/request.ts'
import { Failure, type Side } from '../../src/platform/failure.ts'
import { nothingFound } from '../../src/report/findings.ts'
import type { Scope } from '../../src/scope/scope.ts'
import { loadBoth } from '../../src/sqlmesh/loadBoth.ts'
import type { Extent } from '../../src/sqlmesh/probe.ts'
import { type Edit, narrowEdits, wideEdits } from '../helpers/edits.ts'
import { git, type Origin, temporaryOrigin } from '../helpers/git.ts'
import { bothOf } from '../helpers/loads.ts'
import { LONG } from '../helpers/long.ts'
import { type ProbeServer, probeServer } from '../helpers/probeServer.ts'
import { type Files, projectFolder } from '../helpers/project.ts'
import { scopeIn } from '../helpers/scopes.ts'
import { shop } from '../helpers/shop.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { type TemporaryFolder, temporaryFolder } from '../helpers/temporary.ts'
import { writeFiles } from '../helpers/writeFiles.ts'

const RUNS = LONG ? 500 : 15

let folder: TemporaryFolder
let origin: Origin
let clone: string
let server: ProbeServer
beforeAll(async () => {
  folder = await temporaryFolder()
  origin = await temporaryOrigin()
  await origin.commit(shop, 'Shop')
  clone = await origin.checkout({ ref: 'refs/heads/main', depth: 0 })
  server = await probeServer(sqlmeshPython)
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await origin[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** Macros that are seen through: two that name tables, of which one gets another from its caller; and one that is not. */
const macros = `from sqlmesh import macro


@macro()
def doubled(evaluator, amount):
    return f"({amount}) * 2"


@macro()
def newest(evaluator, column, least="0"):
    """The newest customer."""
    return f"(SELECT MAX({column}) FROM staging.customers WHERE id > {least})"


@macro()
def all_of(evaluator, kind):
    return f"staging.{kind}s"
`

type Project = Readonly<Record<string, string>>
type Trees = Readonly<Record<Side, Project>>

function withFiles(project: Project, files: Files): Project {
  const entries = Object.entries({ ...project, ...files })
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null))
}

/** Applies edits by name, each with its own choices. */
function afterEdits(
  project: Project,
  edits: readonly (readonly [name: string, choices: readonly number[]])[],
): Project {
  const all: Readonly<Record<string, Edit>> = { ...narrowEdits, ...wideEdits, ...macroEdits }
  return edits.reduce((before, [name, choices]) => {
    let used = 0
    const pick = <T>(options: readonly T[]) =>
      options[(choices[used++ % choices.length] ?? 0) % options.length] as T
    return withFiles(before, (all[name] as Edit)(before, pick) ?? {})
  }, project)
}

/** What the product decides to load for this change: real git, both commits on top of the shop. */
type Settled = Exclude<Scope, { kind: 'observed' }>

async function scopeOf(trees: Trees): Promise<Settled> {
  const difference = (from: Project, to: Project): Files => ({
    ...Object.fromEntries(
      Object.keys(from)
        .filter((path) => !(path in to))
        .map((path) => [path, null]),
    ),
    ...Object.fromEntries(Object.entries(to).filter(([path, text]) => from[path] !== text)),
  })
  branches += 1
  const branch = `change-${branches}`
  const base = await origin.commit(difference(shop as Project, trees.base), 'Base', branch)
  const head = await origin.commit(difference(trees.base, trees.head), 'Head', branch)
  await git(clone, ['fetch', '--quiet', 'origin', branch])
  const scope = await scopeIn(clone, { base, head }, { project: projectFolder })
  // What code reads is seen in waysToRead.real.test.ts.
  return scope.kind === 'observed' ? { ...scope, kind: 'everything' } : scope
}
let branches = 0

/** @param only the product would check out no more than these */
async function write(tree: string, files: Project, only: readonly string[] | null): Promise<void> {
  await rm(tree, { recursive: true, force: true })
  const wanted = Object.entries(files).filter(([path]) => only === null || only.includes(path))
  await writeFiles(tree, Object.fromEntries(wanted))
}

/** Rows and counts of the report for one way of loading; what went wrong if it fails. */
async function resultOf(trees: Trees, scope: Settled, inputs: Readonly<Record<string, string>>) {
  if (scope.kind === 'nothing') return { assets: [] }
  const tree = join(folder.path, 'tree')
  let baseToo = false
  try {
    let only = scope.kind === 'files' ? scope.files : null
    const load = async (side: Side, extent: Extent) => {
      await write(tree, trees[side], only?.[side] ?? null)
      const place = { tree, projects: [projectFolder], workspace: clone }
      return { manifest: await server.load(side, place, extent), definitions: null }
    }
    const loads = await loadBoth(scope, {
      load,
      complete: async () => {
        only = null
      },
    })
    baseToo = loads.kind === 'failed' && loads.baseFailure !== null
    const both = bothOf(loads)
    const request = parseInputs({ project: projectFolder, ...inputs })
    const compared = compareCommits({ ...both, upgrade: null, unstable: [] }, request)
    const { report } = concludeComparison(compared, new Map(), request, nothingFound(projectFolder))
    return { assets: report.assets, counts: report.counts }
  } catch (error) {
    // Whoever cannot load at all has compared nothing.
    if (!(error instanceof Failure)) throw error
    const { side, code, message, file } = error
    return { error: { side, code, message, file, baseToo } }
  }
}

const EVERYTHING: Settled = { kind: 'everything', because: 'the test', changed: null }

type Integration = Readonly<Record<string, string>>
const DG = { integration: 'dg-sqlmesh', 'data-version': 'dagster' }
const OSO = { integration: 'dagster-sqlmesh', 'data-version': 'snapshot' }
const CUSTOM = {
  integration: 'custom',
  'asset-key': 'all/{schema}/{name}',
  'data-version': 'dagster',
}

let compared = 0

/** Holds the product's way of loading against a whole load. @returns the scope it chose */
async function holdAgainstWhole(trees: Trees, integration: Integration): Promise<Settled> {
  const scope = await scopeOf(trees)
  // Everything is loaded then anyway.
  if (scope.kind === 'everything') return scope
  const whole = await resultOf(trees, EVERYTHING, integration)
  // What is broken on both sides is no pull request's fault, and nobody looks for it.
  const onBase = whole.error?.side === 'base' || whole.error?.baseToo
  const broken = onBase || (scope.kind === 'nothing' && whole.error)
  if (!broken) {
    compared += 1
    const less = await resultOf(trees, scope, integration)
    expect(less).toEqual(scope.kind === 'nothing' ? { assets: whole.assets } : whole)
  }
  return scope
}

const macroEdits: Readonly<Record<string, Edit>> = {
  newest: (project) => {
    const path = model('marts/newest')
    return { [path]: (project[path] as string).replace('@newest(id', '@newest(id, 1') }
  },
  doubled: (project) => {
    const path = model('marts/doubled')
    return { [path]: (project[path] as string).replace('(amount)', '(id)') }
  },
}

const model = (name: string) => `warehouse/models/${name}.sql`
const replaced = (path: string, from: string, to: string): Files => ({
  [path]: (shop[path] as string).replace(from, to),
})

const shopWithMacros: Project = {
  ...(shop as Project),
  'warehouse/macros/plain.py': macros,
  [model('marts/doubled')]:
    'MODEL (name marts.doubled, kind FULL);\n\nSELECT id, @doubled(amount) AS twice FROM staging.orders\n',
  [model('marts/newest')]:
    'MODEL (name marts.newest, kind VIEW);\n\nSELECT @newest(id) AS newest FROM raw.orders\n',
  [model('marts/all')]: 'MODEL (name marts.all, kind VIEW);\n\nSELECT * FROM @all_of(customer)\n',
  [model('marts/given')]:
    'MODEL (name marts.given, kind FULL);\n\nSELECT @doubled((SELECT MAX(id) FROM marts.usd)) AS most FROM raw.orders\n',
}

test.each<[string, Files, Integration]>([
  [
    'a table that a macro names',
    replaced(model('staging/customers'), 'SELECT ', 'SELECT 1 AS extra, '),
    DG,
  ],
  [
    'a table that a macro is called with',
    replaced(model('marts/usd'), 'SELECT ', 'SELECT 1 AS extra, '),
    DG,
  ],
  [
    'a parent that nothing else mentions',
    replaced(model('marts/usd'), 'FROM ', 'FROM reference.countries, '),
    DG,
  ],
  ['a parent is lost', replaced(model('marts/revenue'), 'reference.rates', 'raw.rates'), DG],
  [
    'an external table becomes a model',
    { [model('raw/clicks')]: 'MODEL (name raw.clicks, kind FULL);\n\nSELECT 1 AS one\n' },
    DG,
  ],
  [
    'a disabled model gets the name of another',
    replaced(model('marts/off'), 'marts.off', 'marts.newest'),
    DG,
  ],
  ['a model goes, its children stay', { [model('staging/customers')]: null }, DG],
  ['a seed outside of the project', { 'shared/regions.data': 'region,name\neu,EU\n' }, DG],
  ['formatting only', replaced(model('marts/usd'), 'SELECT ', 'SELECT   '), OSO],
  [
    'another name, equal but for the schema',
    replaced(model('marts/usd'), 'marts.usd', 'core.usd'),
    CUSTOM,
  ],
  ['a name that is no word', replaced(model('marts/usd'), 'marts.usd', 'marts."u-s-d"'), DG],
])('loading less gives the same report: %s', async (_, files, integration) => {
  const base = shopWithMacros
  const scope = await holdAgainstWhole({ base, head: withFiles(base, files) }, integration)
  expect(scope.kind).toBe('files')
})

const choices = fc.array(fc.nat(97), { minLength: 4, maxLength: 4 })
const edit = (names: readonly string[]) => fc.tuple(fc.constantFrom(...names), choices)
const narrow = edit([...Object.keys(narrowEdits), ...Object.keys(macroEdits)])
const wide = edit(Object.keys(wideEdits))
const edits = (narrowWeight: number, length: { minLength?: number; maxLength: number }) =>
  fc.array(
    fc.oneof({ weight: narrowWeight, arbitrary: narrow }, { weight: 1, arbitrary: wide }),
    length,
  )

test(`loading less gives the same report, for ${RUNS} random changes`, async () => {
  const seen = { nothing: 0, files: 0, everything: 0 }
  await fc.assert(
    fc.asyncProperty(
      edits(4, { maxLength: 2 }),
      edits(12, { minLength: 1, maxLength: 3 }),
      fc.constantFrom<Integration>(DG, OSO, CUSTOM),
      async (before, after, integration) => {
        const base = afterEdits(shopWithMacros, before)
        const scope = await holdAgainstWhole({ base, head: afterEdits(base, after) }, integration)
        seen[scope.kind] += 1
      },
    ),
    { numRuns: RUNS, endOnFailure: true, ...(LONG ? {} : { seed: 20260105 }) },
  )
  expect(seen.files).toBeGreaterThan(RUNS / 3)
  expect(compared).toBeGreaterThan(RUNS / 2)
}, 3_600_000)
