import type { Files } from '../helpers/project.ts'

/*
 * One model for each expression or setting that a data_hash has in it besides the query, in every place that takes
 * one. All of them load in each of the dialects.
 */

export const DIALECTS = [
  'bigquery',
  'duckdb',
  'tsql',
  'clickhouse',
  'snowflake',
  'postgres',
  'redshift',
  'databricks',
  'spark',
  'trino',
  'mysql',
  'athena',
] as const
export type Dialect = (typeof DIALECTS)[number]

/** What any place takes. */
const EXPRESSIONS = [
  'DATE(d)',
  "DATE(ts, 'UTC')",
  'MD5(b)',
  'YEAR(d)',
  'MONTH(d)',
  'DAY(d)',
  'CAST(ts AS DATE)',
  'TIMESTAMP_TRUNC(ts, HOUR)',
  'EXTRACT(YEAR FROM d)',
  'BUCKET(16, a)',
  'TRUNCATE(4, b)',
  'UPPER(b)',
  'TRIM(b)',
  'SUBSTRING(b, 1, 2)',
  'SUBSTRING(b, 2)',
  'LEFT(b, 2)',
  "CONCAT(b, 'x')",
  'COALESCE(a, 0)',
  'NULLIF(a, 0)',
  'ROUND(x, 2)',
  'ROUND(x)',
  'FLOOR(x)',
  'CEIL(x)',
  'MOD(a, 10)',
  'CASE WHEN a > 1 THEN 1 ELSE 0 END',
  'TO_DATE(b)',
  'TO_TIMESTAMP(b)',
  'RANGE_BUCKET(a, GENERATE_ARRAY(0, 100, 10))',
  "JSON_EXTRACT(b, '$.a')",
  "REGEXP_REPLACE(b, 'x', 'y')",
  "SPLIT(b, ',')",
  'LENGTH(b)',
  'toYYYYMM(d)',
  'my_function(a)',
  'GREATEST(a, 1)',
  'HASH(a)',
  'CAST(a AS DECIMAL(10, 2))',
  'POWER(a, 2)',
  'LOG(10, a)',
  'LAST_DAY(d)',
]

/** What needs brackets around it, or a comparison. */
const OPERATIONS = [
  'a',
  'a + 1',
  '-a',
  'a > 1',
  'a BETWEEN 1 AND 5',
  'a IN (1, 2)',
  "b LIKE 'x%'",
  'a IS NULL',
  'NOT a > 1',
  'ts::DATE',
  "d + INTERVAL '1' DAY",
  "STARTS_WITH(b, 'x')",
]

const byKey = (key: string, more = '') =>
  `kind INCREMENTAL_BY_UNIQUE_KEY (unique_key ${key}${more})`
const byTime = (more = '', column = 'd') =>
  `kind INCREMENTAL_BY_TIME_RANGE (time_column ${column}${more})`
const when = (clause: string) => byKey('a', `, when_matched (${clause})`)

/** Settings of MODEL blocks, without one for a name. */
const SETTINGS: readonly string[] = [
  ...EXPRESSIONS.map((expression) => `kind FULL, partitioned_by ${expression}`),
  ...EXPRESSIONS.slice(0, 12).map((expression) => `kind FULL, clustered_by ${expression}`),
  ...[...EXPRESSIONS.slice(0, 12), ...OPERATIONS].flatMap((expression) => [
    byKey(`(${expression})`),
    byKey('a', `, merge_filter ${expression} = source.b AND target.a > 1`),
    `kind FULL, physical_properties (p = ${expression})`,
  ]),
  ...EXPRESSIONS.slice(0, 4).flatMap((expression) => [
    when(`WHEN MATCHED THEN UPDATE SET target.b = ${expression}`),
    `kind SCD_TYPE_2_BY_TIME (unique_key (${expression}), updated_at_name ts)`,
    `${byTime()}, partitioned_by (${expression}, c)`,
    `${byTime()}, clustered_by (${expression}, c)`,
  ]),
  'kind FULL, partitioned_by (DATE(d), MD5(b), a)',
  'kind FULL, clustered_by (b, DATE(d))',
  when('WHEN MATCHED AND source.a > MD5(target.b) THEN DELETE'),
  when('WHEN NOT MATCHED THEN INSERT (target.a, target.d) VALUES (source.a, DATE(source.d))'),
  byKey('(a, COALESCE(b, MD5(c)))'),
  byTime(),
  byTime(", '%Y%m%d'", '(b').replace("'%Y%m%d')", "'%Y%m%d'))"),
  byTime(', lookback 3, batch_size 5, batch_concurrency 2'),
  byTime(', forward_only true, on_destructive_change warn, disable_restatement true'),
  byTime(", auto_restatement_cron '@weekly', auto_restatement_intervals 3"),
  byTime(', partition_by_time_column false'),
  `${byTime()}, cron '@hourly'`,
  `${byTime()}, interval_unit 'hour'`,
  `${byTime()}, cron '@hourly', interval_unit 'five_minute'`,
  'kind INCREMENTAL_BY_PARTITION, partitioned_by DATE(d)',
  'kind INCREMENTAL_UNMANAGED (insert_overwrite true), partitioned_by MD5(b)',
  'kind SCD_TYPE_2_BY_TIME (unique_key (a, b), updated_at_name ts, valid_from_name f, valid_to_name t)',
  'kind SCD_TYPE_2_BY_TIME (unique_key a, updated_at_as_valid_from true, invalidate_hard_deletes true)',
  'kind SCD_TYPE_2_BY_COLUMN (unique_key a, columns [b, c])',
  'kind SCD_TYPE_2_BY_COLUMN (unique_key MD5(b), columns *)',
  'kind SCD_TYPE_2_BY_COLUMN (unique_key a, columns [b], execution_time_as_valid_from true)',
  'kind SCD_TYPE_2_BY_COLUMN (unique_key a, columns [b], time_data_type TIMESTAMP)',
  'kind VIEW (materialized true)',
  'kind VIEW, virtual_properties (labels = [DATE(d)])',
  'kind FULL, session_properties (wait = MD5(b))',
  'kind EMBEDDED',
  'kind FULL, table_format iceberg, storage_format parquet',
  "kind FULL, stamp 'x', optimize_query false",
  `${byTime(', forward_only true')}, physical_version '7'`,
  'kind FULL, physical_properties (a = 1, b = TRUE, c = [1, 2], d = (e = DATE(d), f = MD5(b)))',
  'kind FULL, physical_properties (labels = [("k", "v")], ttl = d + INTERVAL 30 DAY)',
  'kind FULL, columns (a INT, b VARCHAR(10), c DECIMAL(10, 2), d DATE, ts TIMESTAMP, x DOUBLE)',
  'kind FULL, columns (a BIGINT, b TEXT, c FLOAT, d DATE, ts DATETIME, x BOOLEAN)',
  "kind FULL, grants ('select' = ['x'])",
  'kind FULL, gateway local, enabled true, allow_partials true, tags (x, y)',
]

const QUERY = 'SELECT a, b, c, CAST(d AS DATE) AS d, ts, x FROM raw.t'
const COLUMNS = ['a: int', 'b: text', 'c: double', 'd: date', 'ts: timestamp', 'x: double']

const PYTHON_SETTINGS = [
  'kind=dict(name=ModelKindName.FULL), partitioned_by=["DATE(d)"]',
  'kind=dict(name=ModelKindName.FULL), partitioned_by=["MD5(b)", "a"], clustered_by=["DATE(d)"]',
  'kind=dict(name=ModelKindName.INCREMENTAL_BY_UNIQUE_KEY, unique_key=["DATE(d)", "b"])',
  'kind=dict(name=ModelKindName.INCREMENTAL_BY_UNIQUE_KEY, unique_key=["a"], merge_filter="DATE(target.d) > source.d")',
  'kind=dict(name=ModelKindName.SCD_TYPE_2_BY_TIME, unique_key=["MD5(b)"], updated_at_name="ts")',
  'kind=dict(name=ModelKindName.INCREMENTAL_BY_TIME_RANGE, time_column="d"), partitioned_by=["DATE(d)"]',
  'kind=dict(name=ModelKindName.FULL), physical_properties=dict(p="DATE(d)", q=1, r=["x"])',
  'kind=dict(name=ModelKindName.FULL), is_sql=True, partitioned_by=["DATE(d)"]',
]

function pythonModel(settings: string, name: string): string {
  const columns = 'a="int", b="text", c="double", d="date", ts="timestamp", x="double"'
  const returned = settings.includes('is_sql') ? `return ${JSON.stringify(QUERY)}` : 'yield None'
  const columnsGiven = settings.includes('is_sql') ? '' : `columns=dict(${columns}), `
  return `from sqlmesh import model
from sqlmesh.core.model.kind import ModelKindName


@model("${name}", ${columnsGiven}${settings})
def execute(*args, **kwargs):
    ${returned}
`
}

/** A project with a model of SQL for each setting, and some of Python, seeds and external ones. */
export function propertyProject(dialect: Dialect): Files {
  const files: Record<string, string> = {
    'config.yaml': `gateways:
  local:
    connection:
      type: duckdb
      catalogs:
        db: ':memory:'
model_defaults:
  dialect: ${dialect}
  start: '2026-01-01'
`,
    'external_models.yaml': `- name: db.raw.t\n  columns:\n${COLUMNS.map((column) => `    ${column}\n`).join('')}`,
    'seeds/s.csv': 'a,b\n1,x\n2,y\n',
    'models/seed.sql':
      "MODEL (name s.seed, kind SEED (path '$root/seeds/s.csv', csv_settings (delimiter = ',')), partitioned_by MD5(b), columns (a INT, b TEXT));\n",
    'models/blueprint.sql': `MODEL (name s.@one, kind FULL, blueprints ((one := x, by := DATE(d)), (one := y, by := MD5(b))), partitioned_by @by);\n\n${QUERY}\n`,
  }
  for (const [number, settings] of SETTINGS.entries()) {
    files[`models/m${number}.sql`] = `MODEL (name s.m${number}, ${settings});\n\n${QUERY}\n`
  }
  for (const [number, settings] of PYTHON_SETTINGS.entries()) {
    files[`models/p${number}.py`] = pythonModel(settings, `s.p${number}`)
  }
  return files
}
