import { describe, expect, test } from 'vitest'
import { sql } from '../e2e/edits/edit.ts'
import type { Files } from '../helpers/project.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { type Hashes, hashesOf, probed, stock } from './both.ts'

/**
 * Warehouses without driver, credentials or server. Stock SQLMesh cannot load such a configuration,
 * so it loads the same models on DuckDB with a catalog of the same name.
 */
const models = {
  'models/plain.sql': sql('shop', { model: 'plain' }),
  'models/child.sql': sql('shop', { model: 'child', query: 'SELECT * FROM shop.plain' }),
  'models/ranged.sql': sql('shop', {
    model: 'ranged',
    kind: 'INCREMENTAL_BY_TIME_RANGE (time_column day)',
    query: 'SELECT id, day FROM shop.plain WHERE day BETWEEN @start_ds AND @end_ds',
  }),
} satisfies Files

const defaults = (dialect: string) =>
  `model_defaults:\n  dialect: ${dialect}\n  start: '2026-01-01'\n`

const yaml = (dialect: string, connection: string, more = '') => ({
  ...models,
  'config.yaml': `gateways:\n  warehouse:\n    connection:\n${connection}\ndefault_gateway: warehouse\n${defaults(dialect)}${more}`,
})

const python = (dialect: string, expression: string) => ({
  ...models,
  'config.py': `from sqlmesh.core.config import (
    BigQueryConnectionConfig,
    Config,
    GatewayConfig,
    ModelDefaultsConfig,
    PostgresConnectionConfig,
    SnowflakeConnectionConfig,
)

config = Config(
    gateways={"warehouse": GatewayConfig(connection=${expression})},
    default_gateway="warehouse",
    model_defaults=ModelDefaultsConfig(dialect="${dialect}", start="2026-01-01"),
)
`,
})

/** As google.cloud.bigquery does with shapely. */
const withDriver = (files: Files): Files => ({
  ...files,
  'psycopg2.py': `try:
    from not_installed import wkt
except ImportError:
    pass
else:
    wkt.loads
`,
})

const snowflake = (database: string) => `      type: snowflake
      account: acme
      user: {{ env_var('SNOWFLAKE_USER') }}
      password: {{ env_var('SNOWFLAKE_PASSWORD') }}
      ${database}`

const cases: readonly [name: string, dialect: string, catalog: string, files: Files][] = [
  ['Snowflake', 'snowflake', 'analytics', yaml('snowflake', snowflake('database: analytics'))],
  [
    'Snowflake with an unset number',
    'snowflake',
    'analytics',
    yaml(
      'snowflake',
      snowflake("database: analytics\n      concurrent_tasks: {{ env_var('TASKS') }}"),
    ),
  ],
  [
    'BigQuery',
    'bigquery',
    'acme-data',
    yaml('bigquery', '      type: bigquery\n      project: acme-data'),
  ],
  [
    'Postgres',
    'postgres',
    'shop',
    yaml(
      'postgres',
      "      type: postgres\n      host: db.internal\n      user: u\n      password: {{ env_var('PG') }}\n      port: 5432\n      database: shop",
    ),
  ],
  [
    'Databricks',
    'databricks',
    'main',
    yaml('databricks', '      type: databricks\n      catalog: main'),
  ],
  [
    'Trino',
    'trino',
    'lake',
    yaml('trino', '      type: trino\n      host: t\n      user: u\n      catalog: lake'),
  ],
  [
    'state elsewhere, for a project with a name',
    'duckdb',
    'shop',
    yaml(
      'duckdb',
      "      type: duckdb\n      catalogs:\n        shop: ':memory:'\n    state_connection:\n      type: postgres\n      host: state.internal\n      user: u\n      password: p\n      port: 5432\n      database: state",
      'project: shop\n',
    ),
  ],
  [
    'Python: Snowflake',
    'snowflake',
    'analytics',
    python(
      'snowflake',
      'SnowflakeConnectionConfig(account="a", user="u", password="p", database="analytics")',
    ),
  ],
  [
    'Python: BigQuery',
    'bigquery',
    'acme-data',
    python('bigquery', 'BigQueryConnectionConfig(project="acme-data")'),
  ],
  [
    'Python: Postgres',
    'postgres',
    'shop',
    python(
      'postgres',
      'PostgresConnectionConfig(host="h", user="u", password="p", port=5432, database="shop")',
    ),
  ],
  [
    'Python: Postgres, whose driver does without a package',
    'postgres',
    'shop',
    withDriver(
      python(
        'postgres',
        'PostgresConnectionConfig(host="h", user="u", password="p", port=5432, database="shop")',
      ),
    ),
  ],
]

const twins = new Map<string, Promise<Hashes>>()

/** What stock SQLMesh says of the same models on DuckDB, asked once for all connections alike. */
function twin(dialect: string, catalog: string): Promise<Hashes> {
  const connection = `      type: duckdb\n      catalogs:\n        '${catalog}': ':memory:'`
  const files = yaml(dialect, connection)
  const known = twins.get(files['config.yaml'])
  if (known !== undefined) return known
  const asked = stock(sqlmeshPython, { files }, 'no-schemas')
  twins.set(files['config.yaml'], asked)
  return asked
}

describe.each(cases)('%s', (_, dialect, catalog, files) => {
  test('names and hashes are those of the same models where SQLMesh can connect', async () => {
    const manifest = await probed(sqlmeshPython, { files })
    expect(hashesOf(manifest)).toEqual(await twin(dialect, catalog))
    expect(manifest.unknownCatalogs).toEqual([])
  })
})

test('DuckDB without a database has the catalog memory', async () => {
  const manifest = await probed(sqlmeshPython, { files: yaml('duckdb', '      type: duckdb') })
  expect(manifest.defaultCatalog).toBe('memory')
})

test('MySQL has no catalogs: names have two parts', async () => {
  const connection = '      type: mysql\n      host: h\n      user: u\n      password: p'
  const manifest = await probed(sqlmeshPython, { files: yaml('mysql', connection) })
  expect(manifest.models.map(({ fqn }) => fqn)).toContain('"shop"."plain"')
  expect(manifest.notices).toEqual([])
})

test('the gateway decides the catalog, not the hash', async () => {
  const connection = (catalog: string) =>
    `    connection:\n      type: duckdb\n      catalogs:\n        ${catalog}: ':memory:'\n`
  const files = {
    ...models,
    'config.yaml': `gateways:\n  one:\n${connection('first')}  two:\n${connection('second')}default_gateway: one\n${defaults('duckdb')}`,
  }
  const one = await probed(sqlmeshPython, { files })
  const two = await probed(sqlmeshPython, { files, gateway: 'two' })
  expect([one.defaultCatalog, two.defaultCatalog]).toEqual(['first', 'second'])
  const hashes = ({ models }: typeof one) => models.map(({ dataHash }) => dataHash)
  expect(hashes(two)).toEqual(hashes(one))
})

test('a materialization of the project’s own', async () => {
  const files = {
    ...yaml('duckdb', "      type: duckdb\n      catalogs:\n        shop: ':memory:'"),
    'materializations/__init__.py': '',
    'materializations/full.py': `from sqlmesh import CustomMaterialization


class CustomFull(CustomMaterialization):
    NAME = "custom_full"

    def insert(self, table_name, query_or_df, model, is_first_insert, render_kwargs, **kwargs):
        self._replace_query_for_model(model, table_name, query_or_df, render_kwargs)
`,
    'models/own.sql': sql('shop', { model: 'own', kind: "CUSTOM (materialization 'custom_full')" }),
  }
  const said = await stock(sqlmeshPython, { files }, 'schemas')
  expect(hashesOf(await probed(sqlmeshPython, { files }))).toEqual(said)
})

test('a project that reaches for the network while it loads is an error that says where to', async () => {
  const files = {
    ...yaml('duckdb', '      type: duckdb'),
    'macros/__init__.py': '',
    'macros/fetch.py': 'import urllib.request\n\nurllib.request.urlopen("http://rates.example")\n',
  }
  await expect(probed(sqlmeshPython, { files })).rejects.toMatchObject({
    code: 'load-failed',
    message: expect.stringContaining('rates.example'),
  })
})
