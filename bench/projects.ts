import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Files of a repository by path. */
export type Files = Readonly<Record<string, string>>

/** A repository with a SQLMesh project in `warehouse/`, and what can be changed in it. */
export type Project = {
  readonly name: string
  readonly files: Files
  /** SQL models in the middle of the lineage, for changes to some of them. */
  readonly models: readonly string[]
}

const FOLDER = 'warehouse'

const CONFIG = `gateways:
  local:
    connection:
      type: duckdb
      database: warehouse.db
default_gateway: local
model_defaults:
  dialect: duckdb
  start: '2026-01-01'
`

const MACROS = `from sqlmesh import macro


@macro()
def to_usd(evaluator, amount, rate=1):
    return f"CAST({amount} * {rate} AS DOUBLE)"
`

const common: Files = {
  'README.md': '# Warehouse\n',
  [`${FOLDER}/config.yaml`]: CONFIG,
  [`${FOLDER}/macros/__init__.py`]: '',
  [`${FOLDER}/macros/money.py`]: MACROS,
  [`${FOLDER}/seeds/rates.csv`]: 'currency,rate\neur,1.1\nusd,1\n',
  [`${FOLDER}/models/rates.sql`]:
    "MODEL (name reference.rates, kind SEED (path '../seeds/rates.csv'));\n",
}

/** Numbers that look random and are the same in every run (Park and Miller). */
function randomly(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

/** Models of one layer read two of the layer below; 100 a layer. */
function parentsOf(index: number, random: (below: number) => number): [string, string] {
  const layer = Math.floor(index / 100)
  if (layer === 0) return ['raw.events', 'raw.users']
  const parent = () => `l${layer - 1}.m${(layer - 1) * 100 + random(100)}`
  return [parent(), parent()]
}

/** 45 lines, 27 columns, three CTEs, incremental; every fifth with a macro of the project. */
function wideModel(index: number, random: (below: number) => number): string {
  const [left, right] = parentsOf(index, random)
  const numbers = Array.from({ length: 24 }, (_, column) => column + 1)
  const usd = index % 5 === 0 ? '@to_usd(a.c1, 2) AS usd' : 'a.c1 * 2 AS usd'
  return `MODEL (
  name l${Math.floor(index / 100)}.m${index},
  kind INCREMENTAL_BY_TIME_RANGE (time_column ds),
  cron '@daily',
  owner data,
  tags (generated, l${Math.floor(index / 100)})
);

WITH a AS (
  SELECT * FROM ${left} WHERE ds BETWEEN @start_ds AND @end_ds
), b AS (
  SELECT * FROM ${right}
), j AS (
  SELECT
    a.id,
    a.ds,
    ${usd},
${numbers.map((n) => `    a.c${n} + b.c${n} AS c${n}`).join(',\n')}
  FROM a
  JOIN b ON a.id = b.id
)
SELECT
  id::INT AS id,
  ds::TEXT AS ds,
  usd::DOUBLE AS usd,
  ${numbers.map((n) => `c${n}::INT AS c${n}`).join(', ')}
FROM j
WHERE id > ${index}
`
}

/** Eight lines; every tenth with a macro of the project. */
function narrowModel(index: number, random: (below: number) => number): string {
  const [left, right] = parentsOf(index, random)
  const usd = index % 10 === 0 ? '@to_usd(a.amount) AS amount' : 'a.amount'
  return `MODEL (name l${Math.floor(index / 100)}.m${index}, kind FULL);

SELECT a.id, a.ds, ${usd}
FROM ${left} AS a
LEFT JOIN ${right} AS b ON a.id = b.id
WHERE a.id > ${index}
`
}

function pythonModel(index: number, random: (below: number) => number): string {
  const [left] = parentsOf(index, random)
  return `import typing as t
from datetime import datetime

import pandas as pd
from sqlmesh import ExecutionContext, model

FACTOR = ${index}


def scaled(frame: pd.DataFrame) -> pd.DataFrame:
    frame["amount"] = frame["amount"] * FACTOR
    return frame


@model("l${Math.floor(index / 100)}.m${index}", columns={"id": "int", "amount": "double"}, kind="FULL")
def execute(
    context: ExecutionContext, start: datetime, end: datetime, execution_time: datetime, **kwargs: t.Any
) -> pd.DataFrame:
    table = context.resolve_table("${left}")
    return scaled(context.fetchdf(f"SELECT id, amount FROM {table}"))
`
}

function generated(
  name: string,
  count: number,
  ending: 'sql' | 'py',
  write: (index: number, random: (below: number) => number) => string,
): Project {
  const random = randomly(7)
  const path = (index: number) => `${FOLDER}/models/l${Math.floor(index / 100)}/m${index}.${ending}`
  const indices = Array.from({ length: count }, (_, index) => index)
  const models = Object.fromEntries(indices.map((index) => [path(index), write(index, random)]))
  const middle = indices.slice(Math.floor(count / 2)).map(path)
  return { name, files: { ...common, ...models }, models: ending === 'sql' ? middle : [] }
}

export const wide = (count: number) =>
  generated(`${count} wide SQL models`, count, 'sql', wideModel)

/** The same, and ten models whose macro reads a file, so that what a load reads has to be observed. */
export function observed(count: number): Project {
  const { files, models } = wide(count)
  const own = Array.from({ length: 10 }, (_, index) => [
    `${FOLDER}/models/included/m${index}.sql`,
    `MODEL (name included.m${index}, kind FULL);\n\nSELECT @column('queries/id.txt') FROM l0.m${index}\n`,
  ])
  const macro = `from pathlib import Path

from sqlmesh import macro


@macro()
def column(evaluator, path):
    # The product loads in the project's folder, stock SQLMesh here in the repository's.
    elsewhere = Path("${FOLDER}", path.name)
    return (elsewhere if elsewhere.exists() else Path(path.name)).read_text()
`
  const more = { [`${FOLDER}/macros/column.py`]: macro, [`${FOLDER}/queries/id.txt`]: 'id' }
  const name = `${count} wide SQL models, observed`
  return { name, files: { ...files, ...Object.fromEntries(own), ...more }, models }
}

export const narrow = (count: number) =>
  generated(`${count} narrow SQL models`, count, 'sql', narrowModel)

export const python = (count: number) =>
  generated(`${count} Python models`, count, 'py', pythonModel)

/** SQLMesh's own example, from where its source distribution has it. */
export function sushi(folder: string): Project {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (path) => !/(^|\/)(\.cache|__pycache__)\//.test(path) && statSync(join(folder, path)).isFile(),
  )
  const texts = paths.map((path) => [`${FOLDER}/${path}`, readFileSync(join(folder, path), 'utf8')])
  const files = { 'README.md': common['README.md'] as string, ...Object.fromEntries(texts) }
  const models = Object.keys(files).filter((path) => /\/models\/.*\.sql$/.test(path))
  return { name: 'sushi, the example of SQLMesh', files, models }
}

/** Changes a file, where there is one. */
function changed(path: string, change: (text: string) => string) {
  return ({ files }: Project): Files | null => {
    const text = files[path]
    return text === undefined ? null : { [path]: change(text) }
  }
}

/** Each changes files of a project; null where it has none of the kind. */
export const CHANGES: Readonly<Record<string, (project: Project) => Files | null>> = {
  'nothing changed': () => ({}),
  'documentation only': changed('README.md', () => '# Warehouse, explained\n'),
  '1 SQL file': (project) => filtered(project, 1),
  '50 SQL files': (project) => filtered(project, 50),
  'a seed': changed(`${FOLDER}/seeds/rates.csv`, (text) => text.replace('1.1', '1.2')),
  'a macro': changed(`${FOLDER}/macros/money.py`, (text) => text.replace('DOUBLE', 'FLOAT')),
  'the configuration': changed(`${FOLDER}/config.yaml`, (text) => `${text}  owner: data\n`),
  'Python configuration': changed(`${FOLDER}/config.py`, (text) => `${text}\nUNUSED = 1\n`),
}

function filtered({ files, models }: Project, count: number): Files | null {
  if (models.length < count) return null
  const step = Math.floor(models.length / count)
  const chosen = models.filter((_, index) => index % step === 0).slice(0, count)
  return Object.fromEntries(chosen.map((path) => [path, edited(files[path] as string)]))
}

/** Another filter, where the query has the one of our own models; else another limit. */
function edited(text: string): string {
  const filtered = text.replace('id > ', 'id >= ')
  return filtered === text ? `${text.trimEnd().replace(/;$/, '')}\nLIMIT 1000000\n` : filtered
}
