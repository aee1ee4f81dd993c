import { duckdbConfig } from '../helpers/duckdb.ts'
import type { Files } from '../helpers/project.ts'

/**
 * A project of models in layers of ten, in which each reads two of the layer below, one of them with
 * `SELECT *`: up to SQLMesh 0.212 such a hash depends on the columns of every model above.
 */
export function generated(count: number): Files {
  const files: Record<string, string> = {
    'config.yaml': duckdbConfig('wide'),
    'macros/__init__.py': '',
    'macros/money.py': `from sqlmesh import macro


@macro()
def cents(evaluator, amount):
    return f"CAST({amount} * 100 AS BIGINT)"
`,
    'external_models.yaml':
      '- name: raw.events\n  columns:\n    id: int\n    amount: int\n    ds: text\n',
  }
  for (let number = 0; number < count; number += 1) {
    const layer = Math.floor(number / 10)
    const parent = (step: number) =>
      layer === 0
        ? 'raw.events'
        : `layer_${layer - 1}.m${(layer - 1) * 10 + ((number * step) % 10)}`
    const kind = number % 3 === 0 ? 'INCREMENTAL_BY_TIME_RANGE (time_column ds)' : 'FULL'
    const amount = number % 4 === 0 ? '@cents(b.amount)' : 'b.amount'
    files[`models/layer_${layer}/m${number}.sql`] = `MODEL (
  name layer_${layer}.m${number},
  kind ${kind},
  cron '@daily'
);

WITH a AS (
  SELECT * FROM ${parent(3)}
), b AS (
  SELECT id, amount, ds FROM ${parent(7)}
)
SELECT a.*, ${amount} AS amount_${number}
FROM a
JOIN b ON a.id = b.id
WHERE a.id > ${number}
`
  }
  return files
}
