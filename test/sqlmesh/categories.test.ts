import { execFile } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'
import type { Side } from '../../src/failure.ts'
import { compareManifests } from '../../src/sqlmesh/changes.ts'
import { loadEnvironment } from '../../src/sqlmesh/environment.ts'
import { loadBoth } from '../../src/sqlmesh/loadBoth.ts'
import type { Manifest } from '../../src/sqlmesh/manifest.ts'
import type { Probe } from '../../src/sqlmesh/probe.ts'
import type { LoadedScope } from '../../src/sqlmesh/scope.ts'
import { versionsQuestion } from '../../src/sqlmesh/snapshotVersions.ts'
import { duckdbConfig } from '../helpers/duckdb.ts'
import { LONG } from '../helpers/long.ts'
import { askVersions, type Given, loadBy, probeOf, SCRIPTS } from '../helpers/probing.ts'
import { recordResult } from '../helpers/results.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { writeFiles } from '../helpers/writeFiles.ts'

/*
 * Most models get no columns before SQLMesh is asked for its categories. That must not change what it
 * says: random lineages with random edits are held against a whole load of both commits.
 */
const FAMILIES = LONG ? 30 : 8
const SEEDS = LONG ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] : [1]

const externals = '- name: raw.events\n  columns:\n    id: int\n    amount: int\n    day: text\n'
/** Where all is loaded: another text on each commit, which gives the same SQL. A change of more than text all the same. */
const macros = (factor: string) => `from sqlmesh import macro


@macro()
def twice(evaluator, value):
    return f"{value} * ${factor}"
`

type Model = {
  readonly name: string
  readonly kind: string
  readonly settings: readonly string[]
  readonly query: string
}
type Pick = <T>(options: readonly T[]) => T

/** Numbers that look random and are the same in every run (Park and Miller). */
function picker(seed: number): Pick {
  let state = seed * 7919 + 1
  return (options) => {
    state = (state * 48_271) % 2_147_483_647
    return options[state % options.length] as (typeof options)[number]
  }
}

const shapes: readonly ((parent: string, other: string) => string)[] = [
  (p) => `SELECT id::INT AS id, amount::DOUBLE AS amount, day::TEXT AS day FROM ${p}`,
  (p) => `SELECT id, amount, day FROM ${p}`,
  (p) => `SELECT * FROM ${p}`,
  (p) => `SELECT id, amount + 1 AS amount, day FROM ${p} WHERE id > 7`,
  (p) => `SELECT id, @twice(amount) AS amount, day FROM ${p}`,
  (p) =>
    `WITH a AS (SELECT * FROM ${p}) SELECT id::INT AS ID, amount::INT AS amount, day::TEXT AS day FROM a`,
  (p, o) => `SELECT id, amount, day FROM ${p} UNION ALL SELECT id, amount, day FROM ${o}`,
  (p, o) =>
    `SELECT a.id::INT AS id, b.amount::INT AS amount, a.day::TEXT AS day FROM ${p} AS a JOIN ${o} AS b ON a.id = b.id`,
  (p) => `WITH a AS (SELECT * FROM ${p} WHERE id > 7) SELECT * FROM a`,
  (p) => `SELECT id, 1 AS amount, day FROM ${p} WHERE amount > 7`,
  (p, o) => `SELECT a.id, COALESCE(b.amount, 0) AS amount, a.day FROM ${p} AS a, ${o} AS b`,
]
const kinds = [
  'FULL',
  'FULL',
  'VIEW',
  'EMBEDDED',
  'INCREMENTAL_BY_TIME_RANGE (time_column day)',
  'INCREMENTAL_BY_TIME_RANGE (time_column day, forward_only true)',
]
const columns = 'columns (id int, amount int, day text)'

const edits: readonly ((model: Model) => Model)[] = [
  (model) => ({ ...model, query: model.query.replaceAll(' ', '  ') }),
  (model) => ({ ...model, query: model.query.replace(/ FROM (?!.* FROM )/, ', 1 AS more FROM ') }),
  (model) => ({ ...model, query: model.query.replace('::INT AS id', '::BIGINT AS id') }),
  (model) => ({ ...model, query: model.query.replace('::DOUBLE', '::TEXT') }),
  (model) => ({ ...model, query: model.query.replace('id > 7', 'id > 8') }),
  (model) => ({ ...model, query: model.query.replace('amount > 7', 'amount + id > 7') }),
  // Not there, so that SQLMesh gives up the whole query.
  (model) => ({ ...model, query: model.query.replace(' > 7', ' > missing') }),
  (model) => ({ ...model, query: model.query.replace('amount + 1', 'amount + 1.5') }),
  (model) => ({ ...model, query: model.query.replace('COALESCE(b.amount, 0)', 'b.amount') }),
  (model) => ({ ...model, query: `${model.query} LIMIT 10` }),
  (model) => ({ ...model, query: model.query.replace('id > 7', 'id > 7 AND TRUE') }),
  (model) => ({
    ...model,
    query: model.query.replace('SELECT id::INT AS ID', 'SELECT a.id::INT AS ID'),
  }),
  (model) => ({ ...model, kind: model.kind === 'VIEW' ? 'FULL' : 'VIEW' }),
  (model) => ({ ...model, settings: [...model.settings, "cron '@hourly'"] }),
  (model) => ({ ...model, settings: [...model.settings, "description 'As told'"] }),
  (model) => ({ ...model, settings: [...model.settings, "physical_properties (a = 'b')"] }),
  (model) => ({ ...model, settings: model.settings.filter((one) => one !== columns) }),
  (model) => model,
]

/** Six models that read one another, before and after edits to some of them. */
function family(name: string, pick: Pick): readonly [readonly Model[], readonly Model[]] {
  const parents = ['raw.events']
  const base: Model[] = []
  for (const own of ['a', 'b', 'c', 'd', 'e', 'f']) {
    const query = pick(shapes)(pick(parents.slice(-2)), pick(parents))
    base.push({ name: own, kind: pick(kinds), settings: pick([[], [], [], [columns]]), query })
    parents.push(`${name}.${own}`)
  }
  const edited = [pick(base.slice(0, 3)), pick(base), pick(base)]
  const head = base.map((model) => (edited.includes(model) ? pick(edits)(model) : model))
  return [base, head]
}

const typed = 'id::INT AS id, amount::INT AS amount, day::TEXT AS day'
const joined = (one: string, other: string) =>
  `SELECT a.id::INT AS id, b.amount::INT AS amount, a.day::TEXT AS day FROM ${one} AS a JOIN ${other} AS b ON a.id = b.id`

/**
 * Whether the new column of `a` breaks anything is asked only where a child is not broken by something
 * else: `c` is not, `f` is. Chance seldom makes such a pair. What becomes of `k`, `m` and `o` are the same
 * queries in other words, and nothing depends on whether `o` is known to be.
 */
function decisive(name: string): readonly [readonly Model[], readonly Model[]] {
  const queries = (
    added: string,
    least: number,
    own: string,
    more: string,
  ): Readonly<Record<string, string>> => ({
    a: `WITH a AS (SELECT *${added} FROM raw.events) SELECT ${typed} FROM a`,
    a2: `WITH a AS (SELECT *${added} FROM raw.events) SELECT ${typed} FROM a`,
    b: `SELECT ${typed} FROM raw.events`,
    e: `SELECT ${typed} FROM raw.events WHERE id > ${least}`,
    c: joined(`${name}.a`, `${name}.b`),
    f: joined(`${name}.a`, `${name}.e`),
    g: `SELECT ${typed} FROM ${name}.e`,
    h: `SELECT ${typed} FROM ${name}.a`,
    i: joined(`${name}.a2`, `${name}.h`),
    j: joined(`${name}.a2`, `${name}.g`),
    k: `WITH a AS (SELECT * FROM raw.events) SELECT ${own}${typed} FROM a`,
    l: joined(`${name}.k`, `${name}.e`),
    m: `SELECT ${typed} FROM raw.events WHERE id > 7${more}`,
    n: `SELECT ${typed} FROM ${name}.k`,
    o: `SELECT ${typed} FROM ${name}.g WHERE id > 7${more}`,
    p: joined(`${name}.o`, `${name}.e`),
    q: `SELECT ${typed} FROM ${name}.m`,
  })
  const base = queries('', 7, '', '')
  const models = Object.entries(base).map(([own, query]): Model => {
    return { name: own, kind: 'FULL', settings: [], query }
  })
  const after = queries(', 1 AS unused', 8, 'a.', ' AND TRUE')
  const head = models.map((model) => {
    const query = after[model.name] as string
    return query === model.query ? model : { ...model, query }
  })
  return [models, head]
}

/** Another description of `a` and `c` changes no data, and yet decides what becomes of what a forward-only change reaches. */
function retold(name: string): readonly [readonly Model[], readonly Model[]] {
  const forward = 'INCREMENTAL_BY_TIME_RANGE (time_column day, forward_only true)'
  const own = (model: string, kind: string, query: string): Model => {
    return { name: model, kind, settings: [], query }
  }
  const base = [
    own('a', 'FULL', `SELECT ${typed} FROM raw.events`),
    own('b', forward, `SELECT ${typed} FROM raw.events`),
    own('c', forward, `SELECT ${typed} FROM raw.events`),
    own('d', 'FULL', `SELECT ${typed} FROM ${name}.c`),
    own('e', 'FULL', joined(`${name}.a`, `${name}.b`)),
    own('f', 'FULL', joined(`${name}.d`, `${name}.b`)),
    own('g', 'FULL', joined(`${name}.c`, `${name}.b`)),
    own('h', 'FULL', `SELECT ${typed} FROM ${name}.b`),
    own('i', 'FULL', 'SELECT * FROM raw.events WHERE id > 7'),
    own('j', 'FULL', `SELECT id, amount, day FROM ${name}.i`),
    own('k', 'FULL', `SELECT ${typed} FROM ${name}.j`),
    own('l', 'FULL', 'SELECT * FROM raw.events ORDER BY 1'),
    own('m', 'FULL', `SELECT id, amount, day FROM ${name}.l`),
    own('n', 'FULL', `SELECT ${typed} FROM ${name}.m`),
  ]
  const edit = (model: Model): Model => {
    // SQLMesh gives it up for that, and does not know its columns any more.
    if (model.name === 'i') return { ...model, query: model.query.replace('7', 'missing') }
    if (model.name === 'l') return { ...model, query: model.query.replace('1', '9') }
    if ('jm'.includes(model.name))
      return { ...model, query: model.query.replace('day', 'day, 1 AS more') }
    if (model.name === 'b') return { ...model, query: model.query.replace('::INT', '::BIGINT') }
    if (!'ac'.includes(model.name)) return model
    return { ...model, settings: ["description 'As told'"] }
  }
  return [base, base.map(edit)]
}

function files(
  families: ReadonlyMap<string, readonly Model[]>,
  side: Side,
  differ: boolean,
): Readonly<Record<string, string>> {
  const models = [...families].flatMap(([schema, family]) =>
    family.map(({ name, kind, settings, query }): [string, string] => [
      `models/${schema}/${name}.sql`,
      `MODEL (${[`name ${schema}.${name}`, `kind ${kind}`, ...settings].join(', ')});\n\n${query}\n`,
    ]),
  )
  const common = { 'config.yaml': duckdbConfig('db'), 'external_models.yaml': externals }
  return {
    ...common,
    'macros/__init__.py': '',
    'macros/m.py': macros(differ && side === 'base' ? '2' : '{2}'),
    ...Object.fromEntries(models),
  }
}

test.each(SEEDS.flatMap((seed) => [[seed, 'everything'] as const, [seed, 'files'] as const]))(
  'columns left out change no category, seed %d, %s loaded',
  async (seed, kind) => {
    await using folder = await temporaryFolder()
    const pick = picker(seed)
    const pairs = Array.from({ length: FAMILIES }, (_, index) => {
      const name = `s${index}`
      return [name, family(name, pick)] as const
    })
    pairs.push(['decisive', decisive('decisive')], ['retold', retold('retold')])
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
        await writeFiles(tree, files(models, side, kind === 'everything'))
        there = side
      }
      const environment = loadEnvironment(process.env, [], join(folder.path, 'scratch'))
      const place = { python: inject('python'), tree, projects: ['.'], workspace: folder.path }
      const limits = { gateway: null, timeoutSeconds: 300, environment, given: [] }
      return await work({ side, ...place, ...limits })
    }
    const askWhole = async ({ side, python, environment }: Given) => {
      const args = [script, side, tree, whole, ...SCRIPTS]
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
        model === before[index] ? [] : `models/${schema}/${model.name}.sql`,
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
    const both = await loadBoth(scope, {
      load: async (side, extent) => ({
        manifest: await visit(side, (load) => loadBy(probe, load, extent, kept)),
      }),
      complete: async () => expect.unreachable('the files alone do not load'),
      onBaseFailedToo: () => {},
    })
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
    expect(new Set(Object.values(versions))).toEqual(new Set(['new', 'reused']))
    // What edits do to a model's own version may stay open, where nothing depends on it.
    const open = common.map(([fqn]) => fqn).filter((fqn) => versions[fqn] === undefined)
    expect([...changes.keys()]).toEqual(expect.arrayContaining(open))
    expect(open).toContain('"db"."decisive"."o"')
    expect(versions).toEqual(Object.fromEntries(common.filter(([fqn]) => !open.includes(fqn))))
    const decided = (model: string) => versions[`"db"."decisive"."${model}"`]
    expect(['c', 'h', 'i', 'k', 'm', 'n', 'q', 'f', 'g', 'j', 'l', 'p'].map(decided)).toEqual([
      ...['reused', 'reused', 'reused', 'reused', 'reused', 'reused', 'reused'],
      ...['new', 'new', 'new', 'new', 'new'],
    ])
    const followers = ['e', 'f', 'g', 'h'].map((model) => versions[`"db"."retold"."${model}"`])
    expect(followers).toEqual(['new', 'new', 'new', 'reused'])
    recordResult(`categories-${kind}-${seed}`, { models: question.models.length })
  },
  400_000,
)
