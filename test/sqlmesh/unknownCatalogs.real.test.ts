import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { deriveAssetGraph } from '../../src/dagster/assetGraph.ts'
import { dgSqlmesh } from '../../src/dagster/integrations/dgSqlmesh.ts'
import { missingCatalogs } from '../../src/dagster/unknownCatalogs.ts'
import { type Manifest, UNKNOWN_CATALOG } from '../../src/sqlmesh/manifest.ts'
import { LONG } from '../helpers/long.ts'
import { schemeOf } from '../helpers/models.ts'
import { DG_SQLMESH_1, pythonWith } from '../helpers/python.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { writeFiles } from '../helpers/writeFiles.ts'
import { probed } from './both.ts'

/*
 * Catalogs that only the server knows. The judge is dg-sqlmesh's translator over stock SQLMesh, whose server answers
 * that its catalog is called what stands for it here: then all keys have to be equal, those of models and of what
 * they read.
 */

const scheme = schemeOf(dgSqlmesh)

const models = {
  'models/orders.sql':
    'MODEL (name shop.orders, kind FULL);\n\nSELECT id, amount, day FROM raw.orders\n',
  'models/revenue.sql':
    'MODEL (name shop.revenue, kind VIEW);\n\nSELECT day, SUM(amount) AS amount FROM shop.orders GROUP BY day\n',
  'models/elsewhere.sql':
    'MODEL (name other.shop.elsewhere, kind VIEW);\n\nSELECT day FROM shop.revenue\n',
  'models/back.sql':
    'MODEL (name shop.back, kind VIEW);\n\nSELECT day FROM other.shop.elsewhere JOIN other.raw.days USING (day)\n',
} satisfies Texts
/** Engines without catalogs refuse names of three parts beside others. */
const { 'models/elsewhere.sql': _, 'models/back.sql': __, ...plain } = models

type Texts = Readonly<Record<string, string>>

const config = (dialect: string, gateways: Texts) =>
  `gateways:\n${Object.entries(gateways)
    .map(([name, connection]) => `  ${name}:\n    connection: {${connection}}\n`)
    .join(
      '',
    )}default_gateway: ${Object.keys(gateways)[0]}\nmodel_defaults:\n  dialect: ${dialect}\n  start: '2026-01-01'\n`

const login = 'host: h, user: u, password: p'
const mssql = `type: mssql, ${login}`
const snowflake = 'type: snowflake, account: a, user: u, password: p'
const clickhouse = 'type: clickhouse, host: h, username: u'
const unset = "{{ env_var('UNSYNCED_UNSET') }}"
const empty = "'{{ env_var('UNSYNCED_UNSET', '') }}'"

/** Every engine that has catalogs, and need not name one. */
const ENGINES: readonly [dialect: string, connection: string][] = [
  ['tsql', mssql],
  ['tsql', `type: azuresql, ${login}`],
  ['snowflake', snowflake],
  ['bigquery', 'type: bigquery, method: oauth'],
  ['redshift', `type: redshift, ${login}`],
  ['databricks', 'type: databricks, server_hostname: h, http_path: p, access_token: t'],
  ['spark', 'type: spark'],
  ['duckdb', 'type: motherduck, token: t'],
]

/** What a check sees where a job has a variable that it does not pass on, or passes on empty. */
const WITHOUT_VARIABLE: readonly [dialect: string, connection: string][] = [
  ['snowflake', `${snowflake}, database: ${unset}`],
  ['snowflake', `${snowflake}, database: ${empty}`],
  ['snowflake', `${snowflake}, database: "prod_${unset}"`],
  ['snowflake', `${snowflake}, database: "{{ env_var('UNSYNCED_UNSET') | upper }}"`],
  ['bigquery', `type: bigquery, method: oauth, project: ${unset}`],
  ['postgres', `type: postgres, ${login}, port: 5432, database: ${empty}`],
  ['postgres', `type: postgres, ${login}, port: ${unset}, database: ${unset}`],
  ['trino', `type: trino, host: h, user: u, catalog: ${unset}`],
  ['trino', `type: trino, host: h, user: u, catalog: ${empty}`],
  ['athena', `type: athena, work_group: w, catalog_name: ${empty}`],
  ['duckdb', `type: duckdb, database: ${unset}`],
  ['duckdb', `type: duckdb, database: ${empty}`],
  ['databricks', `type: databricks, server_hostname: h, http_path: p, catalog: ${empty}`],
]

/** Those whose catalog is known without a server. SQLMesh refuses MySQL's names of two parts beside them. */
const KNOWN: readonly [dialect: string, connection: string, catalog: string | null][] = [
  ['clickhouse', clickhouse, null],
  ['clickhouse', `${clickhouse}, port: ${unset}`, null],
  ['duckdb', 'type: duckdb', 'memory'],
  ['duckdb', "type: duckdb, database: ':memory:'", 'memory'],
  ['duckdb', `type: duckdb, database: data/wh.duckdb, concurrent_tasks: ${unset}`, 'wh'],
  [
    'duckdb',
    `type: duckdb, catalogs: {lake: {type: ducklake, path: m.ducklake, read_only: ${unset}}}`,
    'lake',
  ],
  ['athena', 'type: athena, work_group: w', 'awsdatacatalog'],
  [
    'snowflake',
    `${snowflake}, database: "{{ env_var('UNSYNCED_UNSET', 'nonesuch') }}"`,
    'nonesuch',
  ],
  ['postgres', `type: postgres, ${login}, port: ${unset}, database: app`, 'app'],
]

const keysOf = (manifest: Manifest) => {
  const { graph } = deriveAssetGraph(manifest, scheme)
  const own = [...graph.values()].filter((asset) => asset.models.length > 0)
  return Object.fromEntries(own.map(({ key, models, parents }) => [models[0], [key, parents]]))
}

describe('equal to the translator’s keys, where the server answers the stand-in', () => {
  let python: string
  beforeAll(async () => {
    python = await pythonWith('dg-sqlmesh', ...DG_SQLMESH_1)
  })

  async function served(files: Texts): Promise<unknown> {
    await using folder = await temporaryFolder()
    await writeFiles(folder.path, files)
    const script = join(import.meta.dirname, 'served_keys.py')
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder.path, PYTHONHASHSEED: '0' }
    const options = { env: { ...env, SQLMESH__DISABLE_ANONYMIZED_ANALYTICS: 'true' } }
    const { stdout } = await promisify(execFile)(
      python,
      [script, UNKNOWN_CATALOG, folder.path],
      options,
    )
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  }

  const cases: readonly [name: string, files: Texts, missing: readonly string[]][] = [
    [
      'every engine, each by a gateway of its own',
      manyGateways(ENGINES),
      ENGINES.map((_, number) => `g${number}`),
    ],
    [
      'names with a catalog beside those without',
      { ...models, 'config.yaml': config('tsql', { warehouse: mssql }) },
      ['warehouse'],
    ],
    ...ENGINES.map(([dialect, connection]): [string, Texts, string[]] => {
      const [kind = ''] = connection.slice('type: '.length).split(',')
      const files = { ...models, 'config.yaml': config(dialect, { warehouse: connection }) }
      return [`${kind} alone`, files, ['warehouse']]
    }),
    [
      'mysql, which has no catalogs: keys of what is read lack the empty segment',
      { ...plain, 'config.yaml': config('mysql', { warehouse: `type: mysql, ${login}` }) },
      [],
    ],
    [
      'clickhouse beside one that has catalogs',
      { ...plain, 'config.yaml': config('clickhouse', { warehouse: clickhouse, other: mssql }) },
      [],
    ],
    [
      'a model of another gateway',
      {
        ...plain,
        'config.yaml': config('duckdb', { warehouse: 'type: duckdb', other: mssql }),
        'models/far.sql':
          'MODEL (name shop.far, kind FULL, gateway other);\n\nSELECT id FROM shop.orders\n',
      },
      ['other'],
    ],
    [
      'a gateway that no model is of',
      {
        ...plain,
        'config.yaml': config('duckdb', { warehouse: 'type: duckdb', other: mssql }),
      },
      [],
    ],
    [
      'virtual layers by gateway',
      {
        ...plain,
        'config.yaml': `${config('tsql', { warehouse: mssql, other: 'type: duckdb' })}gateway_managed_virtual_layer: true\n`,
        'models/far.sql':
          'MODEL (name shop.far, kind FULL, gateway other);\n\nSELECT id FROM shop.orders\n',
      },
      ['warehouse'],
    ],
  ]

  const some = cases.filter(([name]) => LONG || !/alone|virtual|no model/.test(name))

  test.each(some)('%s', { timeout: 300_000 }, async (_, files, missing) => {
    const manifest = await probed(sqlmeshPython, { files })
    expect(keysOf(manifest)).toEqual(await served(files))
    const told = missingCatalogs(manifest, scheme).map(({ gateway }) => gateway)
    expect(told).toEqual(missing)
  })
})

/** Many connections in one load: a gateway for each, and a model of each gateway that reads one beside it. */
function manyGateways(connections: readonly (readonly [string, string, ...unknown[]])[]): Texts {
  const named = connections.map(([dialect, connection], number) => {
    return { name: `g${number}`, dialect, connection }
  })
  const gateways = named.map(({ name, connection }) => [name, connection])
  const files = named.flatMap(({ name, dialect }) => [
    [
      `models/${name}/a.sql`,
      `MODEL (name ${name}.a, kind FULL, gateway ${name}, dialect ${dialect});\n\nSELECT id FROM raw.t\n`,
    ],
    [
      `models/${name}/b.sql`,
      `MODEL (name ${name}.b, kind FULL, gateway ${name}, dialect ${dialect});\n\nSELECT id FROM ${name}.a\n`,
    ],
  ])
  return {
    ...Object.fromEntries(files),
    'config.yaml': config('duckdb', { local: 'type: duckdb', ...Object.fromEntries(gateways) }),
  }
}

/** By gateway: the catalog in the keys of its models. */
function catalogsOf(manifest: Manifest): Record<string, string> {
  const own = manifest.models.filter(({ view }) => view.toLowerCase() === 'b')
  return Object.fromEntries(
    own.map(({ schema, catalog }) => [schema.toLowerCase(), catalog.toLowerCase()]),
  )
}

test('a variable that is not there leaves the catalog unknown', async () => {
  const manifest = await probed(sqlmeshPython, { files: manyGateways(WITHOUT_VARIABLE) })
  const expected = WITHOUT_VARIABLE.map((_, number) => [`g${number}`, UNKNOWN_CATALOG])
  expect(catalogsOf(manifest)).toEqual(Object.fromEntries(expected))
  const gateways = manifest.unknownCatalogs.map(({ gateway }) => gateway)
  expect(gateways).toEqual(expected.map(([gateway]) => gateway))
})

test('a catalog that the configuration tells, or that there is not, is known', async () => {
  const manifest = await probed(sqlmeshPython, { files: manyGateways(KNOWN) })
  const virtual = (number: number, kind: string) =>
    kind.includes('clickhouse') ? `__g${number}__` : ''
  const expected = KNOWN.map(([, connection, catalog], number) => [
    `g${number}`,
    catalog ?? virtual(number, connection),
  ])
  expect(catalogsOf(manifest)).toEqual(Object.fromEntries(expected))
  expect(manifest.unknownCatalogs).toEqual([])
})

test('configurations of Python', async () => {
  const files = {
    ...plain,
    'config.py': `import os

from sqlmesh.core.config import (
    Config,
    DuckDBConnectionConfig,
    GatewayConfig,
    ModelDefaultsConfig,
    SnowflakeConnectionConfig,
)

database = os.getenv("UNSYNCED_UNSET")
account = dict(account="a", user="u", password="p")
config = Config(
    gateways={
        "nothing": GatewayConfig(connection=SnowflakeConnectionConfig(**account)),
        "unset": GatewayConfig(connection=SnowflakeConnectionConfig(database=database, **account)),
        "text": GatewayConfig(
            connection=SnowflakeConnectionConfig(database=f"prod_{database}", **account)
        ),
        "file": GatewayConfig(connection=DuckDBConnectionConfig(database=database)),
        "known": GatewayConfig(connection=SnowflakeConnectionConfig(database="app", **account)),
    },
    default_gateway="nothing",
    model_defaults=ModelDefaultsConfig(dialect="snowflake", start="2026-01-01"),
)
`,
  }
  const manifest = await probed(sqlmeshPython, { files })
  const gateways = manifest.unknownCatalogs.map(({ gateway }) => gateway)
  expect(gateways).toEqual(['nothing', 'unset', 'text', 'file'])
  expect(manifest.models.map(({ catalog }) => catalog)).toEqual([
    'UNKNOWN_CATALOG',
    'UNKNOWN_CATALOG',
  ])
})
