import { duckdbConfig } from '../../helpers/duckdb.ts'

const model = (name: string, query: string) => `MODEL (name s.${name}, kind FULL);\n\n${query}\n`

/** What every project has: two tables to choose from, a macro that reads nothing, and what follows. */
export const plain: Readonly<Record<string, string>> = {
  'wh/config.yaml': duckdbConfig('wh'),
  'wh/external_models.yaml': '- name: raw.events\n  columns:\n    x: int\n',
  'wh/macros/__init__.py': '',
  'wh/macros/doubled.py': `from sqlmesh import macro


@macro()
def doubled(evaluator, amount):
    return f"({amount}) * 2"
`,
  'wh/models/a.sql': model('a', 'SELECT @doubled(x) AS x FROM raw.events'),
  'wh/models/b.sql': model('b', 'SELECT x FROM s.a'),
  'wh/models/other.sql': model('other', 'SELECT x FROM raw.events'),
}
