import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { PYTHON } from '../helpers/probing.ts'
import { recordResult } from '../helpers/results.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'

/* Where a part of two queries tells that they differ for SQLMesh, the whole queries do. */

/** Queries with a place for conditions (`WHERE …`) and one for what follows them. */
const skeletons = [
  'SELECT a, b, c * 2 AS twice FROM s.t {}',
  'SELECT t.a, t.b AS name, 1 AS one, u.e FROM s.t AS t JOIN s.u AS u ON t.a = u.a {}',
  'SELECT x.a, x.twice, x.b FROM (SELECT a, b, c * 2 AS twice, 5 AS d FROM s.t) AS x {}',
  'WITH x AS (SELECT * FROM s.t), y AS (SELECT a, b AS d, 1 AS one FROM x) SELECT a, d, one FROM y {}',
  'WITH x AS (SELECT a, b, 3 AS d, c FROM s.t {}) SELECT * FROM x',
  'WITH x AS (SELECT *, a + 1 AS d FROM s.t {}) SELECT a, b FROM x',
  'SELECT * EXCLUDE (c) FROM s.t {}',
  'SELECT a AS b, b AS a, 7 AS d FROM s.t {}',
  'SELECT a, SUM(c) AS total, COUNT(*) AS count, MIN(d) AS d FROM s.t GROUP BY a, d {}',
  'SELECT a, SUM(c) AS total FROM s.t GROUP BY 1 {}',
  'SELECT a, SUM(c) AS n, COUNT(*) AS n FROM s.t {} GROUP BY a ORDER BY SUM(c)',
  'SELECT a, b FROM s.t JOIN s.u USING (a, b) {}',
  'SELECT a, b FROM s.t NATURAL JOIN s.u {}',
  'SELECT a FROM s.t {} UNION ALL SELECT e FROM s.u',
  'WITH x(p, a, d) AS (SELECT a, b, c FROM s.t) SELECT p, a, d FROM x {}',
  'SELECT a, (SELECT MAX(e) FROM s.u WHERE u.a = t.a) AS most, d FROM s.t {}',
  'SELECT a, wrong, d FROM s.t {}',
  'SELECT a, ROW_NUMBER() OVER (PARTITION BY b ORDER BY d) AS d FROM s.t {}',
  'SELECT a, @start_ds AS d, @IF(TRUE, b, c) AS b FROM s.t {}',
  'SELECT COLUMNS(*) FROM s.t {}',
  'SELECT a, d.year, UNNEST([1, 2]) AS b FROM s.t {}',
  'SELECT DISTINCT a, b, d FROM s.t {}',
  'SELECT a, _col_2 AS d FROM (SELECT a, b, COUNT(*), d FROM s.t GROUP BY a, b, d) AS x {}',
  'SELECT a, _col_1 AS d FROM (SELECT a, b, c + 1, d FROM s.t) AS x {}',
  'SELECT a, _col_2 AS d FROM (SELECT a, c AS b, c + 1, d FROM s.t) AS x {}',
]

/** In each group some say the same to the optimiser, at least of some queries. */
const conditions = [
  '',
  'WHERE a > 1',
  'WHERE 1 < a',
  'WHERE (a > 1)',
  'WHERE a > 1 AND TRUE',
  'WHERE a > 1 + 0',
  'WHERE TRUE',
  'WHERE d > 5',
  'WHERE FALSE',
  'WHERE 7 > 5 AND a > 1',
  'WHERE one = 1',
  'WHERE one > 0',
  'WHERE _col_1 > 1',
  'WHERE _col_1 > 1 AND TRUE',
  'WHERE _col_2 > 1',
  'WHERE _col_2 > 1 AND TRUE',
  "WHERE @SQL('one = 1')",
  "WHERE @SQL('one = 1') AND TRUE",
  'WHERE missing = 1',
  'WHERE d BETWEEN @start_ds AND @end_ds',
  "WHERE d BETWEEN '1970-01-01' AND '1970-01-01'",
  "WHERE d >= CAST('2020-01-01' AS DATE)",
  "WHERE d >= DATE '2020-01-01'",
  'WHERE b IN (SELECT b FROM s.u)',
  'WHERE @IF(TRUE, a > 1, FALSE)',
]
const tails = [
  'ORDER BY a',
  'ORDER BY 1',
  'ORDER BY SUM(c)',
  'ORDER BY total',
  'ORDER BY d LIMIT 3',
  'LIMIT 3',
  'HAVING COUNT(*) > 1',
  'HAVING count > 1',
  'QUALIFY ROW_NUMBER() OVER (PARTITION BY a ORDER BY d) = 1',
]

test('where a part of two queries differs, the whole queries do', async () => {
  const script = join(import.meta.dirname, 'reduced_queries.py')
  const given = JSON.stringify([skeletons, [...conditions, ...tails]])
  const { stdout } = await promisify(execFile)(sqlmeshPython, [script, given, PYTHON])
  const { pairs, equal, told, wrong } = JSON.parse(stdout.trim().split('\n').at(-1) as string)

  expect(wrong).toEqual([])
  // Neither is this true of nothing.
  expect(equal).toBeGreaterThan(50)
  expect(told).toBeGreaterThan(1000)
  recordResult('reduced-queries', { pairs, equal, told })
}, 300_000)
