import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type Definitions,
  type DefinitionsTarget,
  loadDefinitions,
} from '../../src/dagster/definitions.ts'
import { Failure } from '../../src/platform/failure.ts'
import { unconfined } from '../../src/sandbox/sandbox.ts'
import { loadEnvironment } from '../../src/sqlmesh/loadEnvironment.ts'
import { LONG } from '../helpers/long.ts'
import { dagsterPython } from '../helpers/python.ts'
import { snapshot } from '../helpers/snapshot.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { writeFiles } from '../helpers/writeFiles.ts'

type Files = Readonly<Record<string, string>>

type Options = {
  readonly python: string
  /** Files of the user's checkout, beside those of the commit. */
  readonly checkout?: Files
  readonly environment?: NodeJS.ProcessEnv
  readonly timeoutSeconds?: number
  readonly at?: number
}

/** Of 4 January 2026, in seconds. */
const NOON = Date.UTC(2026, 0, 4, 12) / 1000

/** Loads a commit with these files; holds every load to leaving them as they are. */
async function load(files: Files, target: string, options: Options): Promise<Definitions> {
  await using folder = await temporaryFolder()
  const [tree, workspace, scratch] = ['tree', 'checkout', 'scratch'].map((name) =>
    join(folder.path, name),
  ) as [string, string, string]
  await mkdir(scratch)
  await write(tree, files)
  await write(workspace, options.checkout ?? {})
  const before = await snapshot(tree)
  const environment = {
    ...loadEnvironment(process.env, [], scratch),
    ...substituted(options.environment ?? {}, workspace),
  }
  try {
    return await loadDefinitions(
      {
        side: 'head',
        confine: unconfined,
        python: options.python,
        tree,
        workspace,
        scratch,
        target: parsed(target),
        at: options.at ?? NOON,
        timeoutSeconds: options.timeoutSeconds ?? 60,
        environment,
        given: [],
      },
      () => {},
    )
  } finally {
    expect(await snapshot(tree), 'the commit’s files stay as they are').toEqual(before)
  }
}

function parsed(text: string): DefinitionsTarget {
  const [place = '', attribute = null] = text.split(':')
  const isFile = place.endsWith('.py')
  return { file: isFile ? place : null, module: isFile ? null : place, attribute }
}

function substituted(environment: NodeJS.ProcessEnv, workspace: string): NodeJS.ProcessEnv {
  const entries = Object.entries(environment)
  return Object.fromEntries(entries.map(([name, value]) => [name, value?.replace('~', workspace)]))
}

async function write(folder: string, files: Files): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFiles(folder, files)
}

async function refusal(files: Files, target: string, options: Options): Promise<Failure> {
  const result = await load(files, target, options).catch((error: unknown) => error)
  if (result instanceof Failure) return result
  throw new Error('It did not fail as it should.', { cause: result })
}

const SHOP = `import dagster as dg

days = dg.DailyPartitionsDefinition("2026-01-01")


@dg.asset(
    key=["shop", "orders"],
    code_version="7",
    deps=[["raw", "orders"]],
    group_name="core",
    kinds={"sqlmesh"},
    metadata={"dagster/table_name": "db.shop.orders"},
)
def orders(): ...


@dg.asset(deps=[orders], partitions_def=days)
def daily(): ...


defs = dg.Definitions(assets=[orders, daily, dg.AssetSpec("elsewhere")])
`

/** Every day those that other tests have as well. */
const VERSIONS = LONG ? ['1.11.4', '1.12.22', '1.13.27'] : ['1.11.8', '1.13.27']

describe.each(VERSIONS)('Dagster %s', (version) => {
  let python = ''
  beforeAll(async () => {
    python = await dagsterPython(version)
  })

  test('gives its assets as it has them', async () => {
    const { versions, file, imported, assets } = await load(
      { 'shop/definitions.py': SHOP },
      'shop/definitions.py',
      { python },
    )
    expect(versions.dagster).toBe(version)
    expect({ file, imported }).toEqual({ file: 'shop/definitions.py', imported: [] })
    const common = { codeVersion: null, parents: [], group: 'default', kinds: [], tableName: null }
    const asset = { ...common, reads: [], partitions: null, external: false, virtual: false }
    expect(assets).toEqual([
      {
        ...asset,
        key: ['daily'],
        parents: [['shop', 'orders']],
        reads: [null],
        partitions: 0,
      },
      { ...asset, key: ['elsewhere'], external: true },
      { ...asset, key: ['raw', 'orders'], external: true },
      {
        ...asset,
        key: ['shop', 'orders'],
        codeVersion: '7',
        parents: [['raw', 'orders']],
        reads: [null],
        group: 'core',
        kinds: ['sqlmesh'],
        tableName: 'db.shop.orders',
      },
    ])
  })

  test('says which partitions there are at a time, and how many where that is all', async () => {
    const partitioned = `import dagster as dg

few = dg.StaticPartitionsDefinition(["a", "b"])
many = dg.StaticPartitionsDefinition([f"p{number:03}" for number in range(600)])
days = dg.DailyPartitionsDefinition(start_date="2026-01-01")
over = dg.DailyPartitionsDefinition(start_date="2026-01-01", end_date="2026-01-03")
some = dg.DynamicPartitionsDefinition(name="some")
grid = dg.MultiPartitionsDefinition({"few": few, "over": over})
wide = dg.MultiPartitionsDefinition({"few": few, "some": some})
years = dg.HourlyPartitionsDefinition(start_date="1980-01-01-00:00")
kinds = dict(few=few, many=many, days=days, over=over, some=some, grid=grid, wide=wide, years=years)
defs = dg.Definitions(
    assets=[dg.AssetSpec(name, partitions_def=kind) for name, kind in kinds.items()]
)
`
    const { assets, partitions } = await load({ 'definitions.py': partitioned }, 'definitions.py', {
      python,
    })
    const said = assets.map(({ key, partitions: place }) => {
      const { keys = [], complete, count } = partitions[place ?? -1] ?? {}
      return [key[0], keys.length, keys[0], keys.at(-1), complete, count]
    })
    expect(said).toEqual([
      ['days', 3, '2026-01-01', '2026-01-03', true, null],
      ['few', 2, 'a', 'b', true, 2],
      ['grid', 4, 'a|2026-01-01', 'b|2026-01-02', true, 4],
      ['many', 32, 'p000', 'p599', false, 600],
      ['over', 2, '2026-01-01', '2026-01-02', true, 2],
      ['some', 1, 'any', 'any', true, null],
      ['wide', 2, 'a|any', 'b|any', true, null],
      ['years', 1, 'any', 'any', false, null],
    ])
  })

  test('says which of a parent’s partitions each is read by', async () => {
    const mapped = `import dagster as dg

many = dg.StaticPartitionsDefinition([f"p{number:03}" for number in range(600)])
others = dg.StaticPartitionsDefinition([f"q{number:03}" for number in range(600)])
few = dg.StaticPartitionsDefinition(["a", "b"])
some = dg.DynamicPartitionsDefinition(name="some")
days = dg.DailyPartitionsDefinition(start_date="2026-01-01")


def asset(name, partitions, parent=None, mapping=None):
    deps = [dg.AssetDep(parent, partition_mapping=mapping)] if parent else []

    @dg.asset(name=name, partitions_def=partitions, deps=deps)
    def made(): ...

    return made


class Own(dg.IdentityPartitionMapping): ...


defs = dg.Definitions(
    assets=[
        asset("days", days),
        asset("few", few),
        asset("many", many),
        asset("some", some),
        asset("all_days", few, "days", dg.AllPartitionMapping()),
        asset("all_many", None, "many"),
        asset("all_some", None, "some"),
        asset("before", days, "days", dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)),
        asset("last_day", None, "days", dg.LastPartitionMapping()),
        asset("middle", others, "many", dg.StaticPartitionMapping({"p300": "q250"})),
        asset("own", few, "few", Own()),
        asset("same_some", some, "some"),
    ]
)
`
    const loaded = await load({ 'definitions.py': mapped }, 'definitions.py', { python })
    const { assets, mappings, partitions } = loaded
    const named = (name: string) => assets.find(({ key }) => key[0] === name)
    const keys = (of: string) => {
      return partitions[named(of)?.partitions ?? -1]?.keys ?? []
    }
    /** By own partition, what is read of the parent's. */
    const read = (name: string) => {
      const { parents, reads } = named(name) as (typeof assets)[number]
      const { resolved, tracked, rows, of } = mappings[reads[0] as number] as (typeof mappings)[0]
      if (!resolved || !tracked) return resolved ? 'not looked at' : 'not known'
      const above = keys(parents[0]?.[0] as string)
      const own = keys(name).length === 0 ? ['-'] : keys(name)
      const rowOf = (index: number) => rows[of[index] as number]?.map((place) => above[place])
      const pairs = own.map((key, index) => `${key} ${rowOf(index) ?? 'too many'}`.trim())
      return pairs.length < 5 ? pairs : pairs.filter((pair) => pair.includes(' '))
    }
    expect(read('all_days')).toBe('not looked at')
    expect(read('all_many')).toEqual(['- too many'])
    expect(read('all_some')).toBe('not known')
    expect(read('before')).toEqual(['2026-01-01', '2026-01-02 2026-01-01', '2026-01-03 2026-01-02'])
    expect(read('last_day')).toEqual(['- 2026-01-03'])
    expect(read('middle')).toEqual(['q250 p300'])
    expect(read('own')).toBe('not known')
    expect(read('same_some')).toEqual(['any any'])
  })

  test('makes its definitions where a function does', async () => {
    const lazy = `import dagster as dg


@dg.definitions
def defs():
    return dg.Definitions(assets=[dg.AssetSpec("lazy")])
`
    const { assets } = await load({ 'pkg/definitions.py': lazy }, 'pkg.definitions', { python })
    expect(assets.map(({ key }) => key)).toEqual([['lazy']])
  })
})

describe('the place', () => {
  let python = ''
  beforeAll(async () => {
    python = await dagsterPython('1.13.27')
  })
  const specs = (...names: string[]) =>
    `import dagster as dg\n${names.map((name) => `${name} = dg.Definitions(assets=[dg.AssetSpec("${name}")])\n`).join('')}`
  const keys = ({ assets }: Definitions) => assets.map(({ key }) => key.join('/'))

  test('is a module, wherever its package lies', async () => {
    const files = {
      'code/pyproject.toml': '',
      'code/src/pkg/__init__.py': '',
      'code/src/pkg/names.py': 'import os\nNAME = os.path.basename(os.getcwd())\n',
      'code/src/pkg/definitions.py': `from .names import NAME\n${specs('defs').replace('"defs"', 'NAME')}`,
    }
    const loaded = await load(files, 'pkg.definitions', { python })
    expect(keys(loaded), 'started where pyproject.toml is').toEqual(['code'])
    expect(loaded.file).toBe('code/src/pkg/definitions.py')
  })

  test('is a file beside modules of its own', async () => {
    const files = {
      'code/definitions.py': `import names\n${specs('defs').replace('"defs"', 'names.NAME')}`,
      'code/names.py': 'NAME = "beside"\n',
    }
    expect(keys(await load(files, 'code/definitions.py', { python }))).toEqual(['beside'])
  })

  test('may hold several definitions, one of which is named', async () => {
    const files = { 'definitions.py': specs('one', 'two') }
    expect(keys(await load(files, 'definitions.py:two', { python }))).toEqual(['two'])
    const { code, message, hint } = await refusal(files, 'definitions.py', { python })
    expect(code).toBe('config')
    expect(message).toBe('definitions holds several Definitions: one, two.')
    expect(hint).toContain(':one')
  })

  test('in the checkout does not stand for the one in the commit', async () => {
    // As an editable install leads imports.
    const environment = { PYTHONPATH: '~/src' }
    const checkout = { 'src/pkg/__init__.py': '', 'src/pkg/names.py': 'NAME = "checkout"\n' }
    const files = {
      'src/pkg/__init__.py': '',
      'src/pkg/names.py': 'NAME = "commit"\n',
      'definitions.py': `from pkg.names import NAME\n${specs('defs').replace('"defs"', 'NAME')}`,
    }
    const loaded = await load(files, 'definitions.py', { python, checkout, environment })
    expect(keys(loaded)).toEqual(['commit'])
    expect(loaded.notices).toEqual([])
  })

  test.each<[string, Files, string, Partial<Failure>]>([
    ['absent', {}, 'pkg.definitions', { code: 'config', file: null }],
    ['absent', {}, 'code/definitions.py', { code: 'config', file: null }],
    [
      'twice there',
      { 'a/pkg/definitions.py': '', 'b/pkg/definitions.py': '' },
      'pkg.definitions',
      { code: 'config', file: null },
    ],
    [
      'without definitions',
      { 'definitions.py': 'x = 1\n' },
      'definitions.py',
      { code: 'config', file: 'definitions.py' },
    ],
    [
      'something else',
      { 'definitions.py': 'x = 1\n' },
      'definitions.py:x',
      { code: 'config', file: 'definitions.py' },
    ],
    [
      'raising',
      { 'definitions.py': 'import broken\n', 'broken.py': '1 / 0\n' },
      'definitions.py',
      { code: 'load-failed', file: 'broken.py', message: 'ZeroDivisionError: division by zero' },
    ],
    [
      'no Python',
      { 'definitions.py': 'import broken\n', 'broken.py': 'def (\n' },
      'definitions.py',
      { code: 'load-failed', file: 'broken.py' },
    ],
    [
      'refused by Dagster',
      { 'definitions.py': SHOP.replace('"elsewhere"', '["shop", "orders"]') },
      'definitions.py',
      { code: 'load-failed' },
    ],
    [
      'ending Python',
      { 'definitions.py': 'raise SystemExit(0)\n' },
      'definitions.py',
      { code: 'load-failed', file: 'definitions.py' },
    ],
    [
      'ending the process',
      { 'definitions.py': 'import os\nos._exit(0)\n' },
      'definitions.py',
      { code: 'protocol' },
    ],
  ])('is %s', async (_, files, target, expected) => {
    const failure = await refusal(files, target, { python })
    expect(failure).toMatchObject({ side: 'head', ...expected })
    expect(failure.hint).toBeTruthy()
    expect(failure.message).not.toContain('/tree/')
  })

  test('takes too long', async () => {
    const files = { 'definitions.py': 'import time\ntime.sleep(60)\n' }
    const failure = await refusal(files, 'definitions.py', { python, timeoutSeconds: 2 })
    expect(failure).toMatchObject({ code: 'timeout', side: 'head' })
    expect(failure.message).toBe('Loading the definitions of head took longer than 2 seconds.')
  })

  test('prints and forks, which the answer does not notice', async () => {
    const noise = `import os, subprocess, sys
print("{}")
os.write(1, b"noise")
subprocess.run([sys.executable, "-c", "import os; os.write(3, b'{}')"])
`
    const files = { 'definitions.py': `${noise}${specs('defs')}` }
    expect(keys(await load(files, 'definitions.py', { python }))).toEqual(['defs'])
  })

  test('sees an instance of its own', async () => {
    const files = {
      'definitions.py': `import os\nimport dagster as dg
with dg.DagsterInstance.get() as instance:
    assert instance.root_directory.endswith("/scratch/dagster")
    assert not instance.telemetry_enabled
${specs('defs')}`,
    }
    const environment = { DAGSTER_HOME: '~/instance' }
    expect(keys(await load(files, 'definitions.py', { python, environment }))).toEqual(['defs'])
  })
})

test('a Python without Dagster is a failure that says so', async () => {
  const failure = await refusal({ 'definitions.py': '' }, 'definitions.py', {
    python: sqlmeshPython,
  })
  expect(failure).toMatchObject({ code: 'environment', side: 'head' })
  expect(failure.message).toMatch(/^Dagster is not installed in \//)
})
