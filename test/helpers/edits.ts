import type { Files } from './project.ts'

type Project = Readonly<Record<string, string>>
/** Picks one of several; the same picks always make the same edit. */
export type Pick = <T>(options: readonly T[]) => T
/** A change to a project: files by path, null deletes; null when there is nothing to edit. */
export type Edit = (project: Project, pick: Pick) => Files | null

const MODELS = 'warehouse/models/'
const sqlModels = (project: Project) =>
  Object.keys(project).filter((path) => path.startsWith(MODELS) && path.endsWith('.sql'))
const queries = (project: Project) =>
  sqlModels(project).filter((path) => /SELECT/.test(project[path] as string))

/** Edits one of the SQL models that `wanted` accepts. */
function edited(
  wanted: (text: string) => boolean,
  change: (text: string, pick: Pick) => string,
): Edit {
  return (project, pick) => {
    const paths = queries(project).filter((path) => wanted(project[path] as string))
    if (paths.length === 0) return null
    const path = pick(paths)
    return { [path]: change(project[path] as string, pick) }
  }
}

const replaced = (pattern: RegExp, text: string | ((found: string) => string)): Edit =>
  edited(
    (sql) => pattern.test(sql),
    (sql) => sql.replace(pattern, (found) => (typeof text === 'string' ? text : text(found))),
  )

const TABLES = [
  'raw.orders',
  'raw.payments',
  'staging.orders',
  'staging.customers',
  'marts.revenue',
  'marts.orders_eu',
  'reference.countries',
  'marts.fresh',
]

/** What needs no more than the SQL files that differ, and what follows from them. */
export const narrowEdits: Readonly<Record<string, Edit>> = {
  filter: edited(
    () => true,
    (sql, pick) => sql.replace(/SELECT /, `SELECT ${pick([1, 2, 3])} AS extra, `),
  ),
  formatting: replaced(/SELECT /, 'select  '),
  comment: replaced(/SELECT /, 'SELECT /* why */ '),
  metadata: replaced(/MODEL \(name/, "MODEL (owner alice, tags (a, b), description 'x', name"),
  schedule: replaced(/kind (FULL|VIEW)/, (found) => `${found}, cron '@hourly'`),
  kind: replaced(/kind (FULL|VIEW)/, (found) =>
    found === 'kind FULL' ? 'kind VIEW' : 'kind FULL',
  ),
  disabled: replaced(/kind (FULL|VIEW)(?!, enabled)/, (found) => `${found}, enabled FALSE`),
  macro: edited(
    (sql) => / amount/.test(sql),
    (sql) => sql.replace(/ amount/, ' @to_usd(amount) AS amount'),
  ),
  parent: edited(
    () => true,
    (sql, pick) => {
      const joined = ` FROM ${pick(TABLES)} AS added CROSS JOIN `
      return sql.replace(/ FROM /, joined)
    },
  ),
  renamed: edited(
    (sql) => /name (\w+\.)\w+/.test(sql),
    (sql, pick) => sql.replace(/name (\w+\.)\w+/, `name $1${pick(['fresh', 'orders', 'newest'])}`),
  ),
  renamedWithChildren: (project, pick) => {
    const names = ['staging.orders', 'marts.revenue', 'marts.usd']
    const name = pick(names)
    const files: Record<string, string> = {}
    for (const path of sqlModels(project)) {
      const text = project[path] as string
      if (text.includes(name)) files[path] = text.replaceAll(name, `${name}_v2`)
    }
    return files
  },
  added: (_, pick) => ({
    [`${MODELS}marts/${pick(['fresh', 'zz', 'deep/er'])}.sql`]: `MODEL (name ${pick(['marts.fresh', 'raw.payments', 'staging.extra'])}, kind FULL);\n\nSELECT * FROM ${pick(TABLES)}\n`,
  }),
  inferred: (_, pick) => ({
    [`${MODELS}inferred/${pick(['fresh', 'other'])}.sql`]: `SELECT * FROM ${pick(TABLES)}\n`,
  }),
  blueprints: replaced(/\(region := us\)/, '(region := us), (region := apac)'),
  removed: (project, pick) => ({ [pick(sqlModels(project))]: null }),
  moved: (project, pick) => {
    const path = pick(sqlModels(project))
    return {
      [path]: null,
      [path.replace(/\/(\w+)\.sql$/, '/moved/$1.sql')]: project[path] as string,
    }
  },
  seed: (project, pick) => {
    const paths = Object.keys(project).filter((path) => /\.(csv|data)$/.test(path))
    if (paths.length === 0) return null
    const path = pick(paths)
    const text = project[path] as string
    return { [path]: pick([`${text}x,1\n`, text.replaceAll(/^(\w+),/gm, '"$1",'), `${text}\n`]) }
  },
  newSeed: () => ({
    'warehouse/seeds/fresh.csv': 'id\n1\n',
    [`${MODELS}reference/fresh.sql`]:
      "MODEL (name reference.fresh, kind SEED (path '../../seeds/fresh.csv'));\n",
  }),
  documentation: (_, pick) => ({
    [pick(['README.md', `${MODELS}README.md`])]: `${pick([1, 2, 3])}`,
  }),
  otherPython: (_, pick) => ({ 'scripts/report.py': `print(${pick([1, 2, 3])})\n` }),
  // What SQLMesh refuses must be refused, in the same words.
  broken: replaced(/ FROM /, ' FROM FROM WHERE '),
  duplicate: (project, pick) => {
    const path = pick(queries(project))
    return { [`${MODELS}copies/copy.sql`]: project[path] as string }
  },
  noSeedData: (project) => {
    const path = 'warehouse/seeds/countries.csv'
    return path in project ? { [path]: null } : null
  },
}

/** What decides how other files are read. */
export const wideEdits: Readonly<Record<string, Edit>> = {
  macroBody: () => ({
    'warehouse/macros/money.py':
      'from sqlmesh import macro\n\n\n@macro()\ndef to_usd(evaluator, amount):\n    return f"{amount} * 7"\n',
  }),
  jinjaMacro: () => ({
    'warehouse/macros/jinja.sql': '{% macro only_big(column) %}{{ column }} > 1000{% endmacro %}\n',
  }),
  helper: () => ({ 'warehouse/helpers/rates.py': 'RATE = 3\n' }),
  unitTest: () => ({ 'warehouse/tests/test_orders.yaml': '{}\n' }),
  settings: () => ({ 'warehouse/settings/limits.json': '{"rows": 5}\n' }),
  variable: (project) => ({
    'warehouse/config.yaml': (project['warehouse/config.yaml'] as string).replace(
      'threshold: 10',
      'threshold: 11',
    ),
  }),
  schemaVariable: (project) => ({
    'warehouse/config.yaml': (project['warehouse/config.yaml'] as string).replace(
      'source_schema: staging',
      'source_schema: raw',
    ),
  }),
  externalModel: (project) => ({
    'warehouse/external_models.yaml': `${project['warehouse/external_models.yaml']}- name: raw.payments\n`,
  }),
  audit: () => ({
    'warehouse/audits/positive.sql':
      'AUDIT (name positive);\n\nSELECT * FROM @this_model WHERE amount < 1\n',
  }),
  pythonModel: (project) => ({
    'warehouse/models/python/orders_py.py': (
      project['warehouse/models/python/orders_py.py'] as string
    ).replace('SELECT id', 'SELECT  id AS id'),
  }),
}
