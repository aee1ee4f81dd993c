import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Side } from '../../src/platform/failure.ts'
import { unconfined } from '../../src/sandbox/sandbox.ts'
import type { LoadedScope } from '../../src/scope/scope.ts'
import { compareManifests } from '../../src/sqlmesh/changes.ts'
import { modelsThatKeepVersions } from '../../src/sqlmesh/keptVersions.ts'
import { loadBoth } from '../../src/sqlmesh/loadBoth.ts'
import { loadEnvironment } from '../../src/sqlmesh/loadEnvironment.ts'
import type { Manifest } from '../../src/sqlmesh/manifest.ts'
import { type Probe, requestOf } from '../../src/sqlmesh/probe.ts'
import { type VersionsQuestion, versionsQuestion } from '../../src/sqlmesh/snapshotVersions.ts'
import { duckdbConfig } from '../helpers/duckdb.ts'
import { bothOf } from '../helpers/loads.ts'
import { LONG } from '../helpers/long.ts'
import { askVersions, type Given, loadBy, PYTHON, probeOf } from '../helpers/probing.ts'
import { recordResult } from '../helpers/results.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { writeFiles } from '../helpers/writeFiles.ts'
import { decisive, family, type Model, misleading, picker, retold } from './families.ts'

/*
 * Most models get no columns before SQLMesh is asked for its categories. That must not change what it
 * says: random lineages with random edits are held against a whole load of both commits.
 */
const FAMILIES = LONG ? 30 : 5
const SEEDS = LONG ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] : [1]

const externals = '- name: raw.events\n  columns:\n    id: int\n    amount: int\n    day: text\n'
/** Where all is loaded: another text on each commit, which gives the same SQL. A change of more than text all the same. */
const macros = (factor: string) => `from sqlmesh import macro


@macro()
def twice(evaluator, value):
    return f"{value} * ${factor}"
`

function files(
  families: ReadonlyMap<string, readonly Model[]>,
  side: Side,
  differ: boolean,
  plan: string,
): Readonly<Record<string, string>> {
  const models = [...families].flatMap(([schema, family]) =>
    family.map(({ name, kind, settings, query }): [string, string] => [
      `models/${schema}/${name}.sql`,
      `MODEL (${[`name ${schema}.${name}`, `kind ${kind}`, ...settings].join(', ')});\n\n${query}\n`,
    ]),
  )
  const common = {
    'config.yaml': `${duckdbConfig('db')}${plan}`,
    'external_models.yaml': externals,
  }
  return {
    ...common,
    'macros/__init__.py': '',
    'macros/m.py': macros(differ && side === 'base' ? '2' : '{2}'),
    ...Object.fromEntries(models),
  }
}

const PLANS: Readonly<Record<string, string>> = {
  'no plan settings': '',
  'forward-only plans': 'plan:\n  forward_only: true\n',
  'plans that ask': 'plan:\n  auto_categorize_changes:\n    sql: semi\n',
  'plans that do not categorise': 'plan:\n  auto_categorize_changes:\n    sql: off\n',
}
/** Which of them differ least from others. */
const LEFT_OUT = ['plans that ask', 'plans that do not categorise']
const CASES = SEEDS.flatMap((seed) => [
  [seed, 'everything', 'no plan settings'] as const,
  ...Object.keys(PLANS)
    .filter((plan) => LONG || !LEFT_OUT.includes(plan))
    .map((plan) => [seed, 'files', plan] as const),
])

type Versions = Readonly<Record<string, string>>

/** Answers of plain.py (`none`), of categories.py (`all`), and of that with one of its steps done plainly. */
async function askPlainly(
  given: Given,
  question: VersionsQuestion,
  kept: string,
): Promise<Readonly<Record<string, Versions>>> {
  const folders = { base: join(kept, 'base'), head: join(kept, 'head') }
  const load = { ...given, confine: unconfined, keep: null, apart: false }
  const file = join(kept, 'question.json')
  await writeFile(file, JSON.stringify({ ...requestOf(load), ...question, kept: folders }))
  const script = join(import.meta.dirname, 'plain_categories.py')
  const options = { env: given.environment, cwd: given.tree, maxBuffer: 64 * 1024 * 1024 }
  const { stdout } = await promisify(execFile)(given.python, [script, file, PYTHON], options)
  return JSON.parse(stdout.trim().split('\n').at(-1) as string)
}

/** plain.py says what SQLMesh says, and all that is faster says the same. */
function expectSame(
  { none: plain = {}, ...faster }: Readonly<Record<string, Versions>>,
  stock: readonly (readonly [fqn: string, version: string])[],
  plan: string,
): void {
  expect(stock.filter(([fqn, version]) => (plain[fqn] ?? version) !== version)).toEqual([])
  if (plan === 'no plan settings') {
    const missing = stock.filter(([fqn, version]) => !(fqn in plain) && version !== 'open')
    expect(missing).toEqual([])
  }
  for (const [way, told] of Object.entries(faster)) {
    const others = Object.entries(told).filter(([fqn, version]) => plain[fqn] !== version)
    expect(others, way).toEqual([])
  }
}

test.each(CASES)(
  'columns left out change no category, seed %d, %s loaded, %s',
  async (seed, kind, plan) => {
    await using folder = await temporaryFolder()
    const pick = picker(seed)
    const pairs = Array.from({ length: FAMILIES }, (_, index) => {
      const name = `s${index}`
      return [name, family(name, pick)] as const
    })
    pairs.push(['decisive', decisive('decisive')], ['retold', retold('retold')])
    pairs.push(['misleading', misleading('misleading')])
    const tree = join(folder.path, 'tree')
    const whole = join(folder.path, 'whole')
    const script = join(import.meta.dirname, 'whole_categories.py')
    let answer = ''

    let there: Side | null = null
    /** Both ways of one commit. */
    const visit = async <T>(side: Side, work: (load: Given) => Promise<T>): Promise<T> => {
      const position = side === 'base' ? 0 : 1
      const models = new Map(pairs.map(([name, both]) => [name, both[position]]))
      if (there !== side) {
        await rm(tree, { recursive: true, force: true })
        await writeFiles(tree, files(models, side, kind === 'everything', PLANS[plan] as string))
        there = side
      }
      const environment = loadEnvironment(process.env, [], join(folder.path, 'scratch'))
      const place = { python: sqlmeshPython, tree, projects: ['.'], workspace: folder.path }
      const limits = {
        gateway: null,
        distributions: [],
        timeoutSeconds: 300,
        environment,
        given: [],
      }
      return await work({ side, ...place, ...limits })
    }
    const askWhole = async ({ side, python, environment }: Given) => {
      const args = [script, side, tree, whole]
      const { stdout } = await promisify(execFile)(python, args, {
        env: environment,
        cwd: folder.path,
      })
      answer = stdout.trim().split('\n').at(-1) ?? ''
    }
    await visit('base', askWhole)
    await visit('head', askWhole)
    const expected = JSON.parse(answer) as Record<string, string>
    const differing = pairs.flatMap(([schema, [before, after]]) =>
      after.flatMap((model, index) =>
        JSON.stringify(model) === JSON.stringify(before[index])
          ? []
          : `models/${schema}/${model.name}.sql`,
      ),
    )
    const scope: LoadedScope =
      kind === 'everything'
        ? { kind, because: 'this is a test', changed: null }
        : { kind, changed: differing, seeds: false, files: { base: [], head: [] } }
    const kept = join(folder.path, 'kept')
    await mkdir(kept)
    await using probes = new AsyncDisposableStack()
    const probe = await visit('base', async (load) => probes.use(probeOf(load)))
    const loads = await loadBoth(scope, {
      load: async (side, extent) => ({
        manifest: await visit(side, (load) => loadBy(probe, load, extent, kept)),
      }),
      complete: async () => expect.unreachable('the files alone do not load'),
    })
    const both = bothOf(loads)
    const [base, head] = [both.base.manifest as Manifest, both.head.manifest as Manifest]
    const changedFiles = kind === 'files' ? differing : null
    const changes = compareManifests(base, head)
    const question = versionsQuestion(changes, base, head, changedFiles)
    // By the process that has loaded head, as everyday, and by one that has not.
    const ask = (by: Probe) => visit('head', (load) => askVersions(by, load, question, kept))
    const asked = await ask(probe)
    expect(await ask(await visit('head', async (load) => probes.use(probeOf(load))))).toEqual(asked)
    const versions = Object.fromEntries(asked)
    const common = Object.entries(expected).filter(([fqn]) => question.models.includes(fqn))
    expect(question.models.length).toBeGreaterThan(FAMILIES)
    // Ours may stay open, but does not say anything else.
    expect(common.filter(([fqn, version]) => (versions[fqn] ?? version) !== version)).toEqual([])
    // What is called kept without SQLMesh is; what it leaves to a person is, whatever that chooses.
    const keeping = [...modelsThatKeepVersions(changes, base, head)]
    expect(keeping.filter((fqn) => expected[fqn] === 'new')).toEqual([])
    expect(keeping.length).toBeGreaterThan(3)
    // The other cases differ in what is loaded, which is no matter of its steps.
    if (LONG || kind === 'everything') {
      const ways = await visit('head', (load) => askPlainly(load, question, kept))
      expectSame(ways, common, plan)
      expect(ways['all']).toEqual(versions)
    }
    const open = common.map(([fqn]) => fqn).filter((fqn) => versions[fqn] === undefined)
    recordResult(`categories-${kind}-${plan.replaceAll(' ', '-')}-${seed}`, {
      models: question.models.length,
    })
    if (plan !== 'no plan settings') {
      const told = plan === 'plans that ask' ? 'new' : 'reused'
      expect(Object.values(versions).filter((one) => one === told).length).toBeGreaterThan(9)
      return
    }
    expect(new Set(Object.values(versions))).toEqual(new Set(['new', 'reused']))
    // What edits do to a model's own version may stay open, where nothing depends on it.
    expect([...changes.keys()]).toEqual(expect.arrayContaining(open))
    expect(open).toContain('"db"."decisive"."o"')
    expect(open.filter((fqn) => fqn.startsWith('"db"."misleading"'))).toEqual([])
    const decided = (model: string) => versions[`"db"."decisive"."${model}"`]
    expect(['c', 'h', 'i', 'k', 'm', 'n', 'q', 'f', 'g', 'j', 'l', 'p'].map(decided)).toEqual([
      ...['reused', 'reused', 'reused', 'reused', 'reused', 'reused', 'reused'],
      ...['new', 'new', 'new', 'new', 'new'],
    ])
    const followers = ['e', 'f', 'g', 'h'].map((model) => versions[`"db"."retold"."${model}"`])
    expect(followers).toEqual(['new', 'new', 'new', 'reused'])
  },
  900_000,
)
