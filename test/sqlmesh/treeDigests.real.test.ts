import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { PYTHON } from '../helpers/probing.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'

/* What a query's digest is equal for is what sqlglot, and so SQLMesh, takes for an equal query. */

const chain = (last: string) =>
  `SELECT a FROM t WHERE ${Array.from({ length: 3000 }, (_, i) => `a = ${i}`).join(' OR ')} OR ${last}`

/** Variations of one query, a few of them only in how it is written. */
const queries = [
  'SELECT a, b AS c FROM s.t WHERE a > 1',
  'select a, b as c\nfrom s.t where a > 1 -- all of them',
  'SELECT a, b c FROM s.t WHERE (a > 1)',
  'SELECT A, b AS c FROM s.t WHERE a > 1',
  'SELECT "a", b AS c FROM s.t WHERE a > 1',
  'SELECT a, b AS c FROM s.t WHERE a > 2',
  "SELECT a, b AS c FROM s.t WHERE a > '1'",
  "SELECT a, b AS c FROM s.t WHERE a > 'X'",
  "SELECT a, b AS c FROM s.t WHERE a > 'x'",
  'SELECT a, b AS c FROM s.t WHERE 1 < a',
  'SELECT a, b AS c FROM s.t WHERE a >= 1',
  'SELECT b AS c, a FROM s.t WHERE a > 1',
  'SELECT DISTINCT a, b AS c FROM s.t WHERE a > 1',
  'SELECT a, b AS c FROM s.t, u WHERE a > 1',
  'SELECT a, b AS c FROM s.t LEFT JOIN u ON t.a = u.a WHERE a > 1',
  'SELECT a, b AS c FROM s.t left join u on t.a = u.a WHERE a > 1',
  'SELECT a, b AS c FROM s.t JOIN u ON t.a = u.a WHERE a > 1',
  'SELECT a::INT, b AS c FROM s.t WHERE a > 1',
  'SELECT CAST(a AS integer), b AS c FROM s.t WHERE a > 1',
  'SELECT TRY_CAST(a AS INT), b AS c FROM s.t WHERE a > 1',
  'SELECT a::DECIMAL(10, 2), b AS c FROM s.t WHERE a > 1',
  'SELECT a::DECIMAL(10, 3), b AS c FROM s.t WHERE a > 1',
  'SELECT IF(a > 1, 2, 3) FROM s.t',
  'SELECT CASE WHEN a > 1 THEN 2 ELSE 3 END FROM s.t',
  'SELECT a FROM t ORDER BY a',
  'SELECT a FROM t ORDER BY a DESC',
  'SELECT a FROM t ORDER BY a NULLS FIRST',
  'SELECT some_function(a) FROM t',
  'SELECT SOME_FUNCTION(a) FROM t',
  'SELECT some_function(a, NULL) FROM t',
  'SELECT SUM(a) OVER (PARTITION BY b ORDER BY c) FROM t',
  'SELECT SUM(a) OVER (PARTITION BY b, c) FROM t',
  'SELECT SUM(a) OVER (ORDER BY b, c) FROM t',
  'SELECT a FROM t UNION SELECT a FROM u',
  'SELECT a FROM t UNION ALL SELECT a FROM u',
  'WITH x AS (SELECT a FROM t) SELECT a FROM x',
  'WITH RECURSIVE x AS (SELECT a FROM t) SELECT a FROM x',
  "SELECT INTERVAL '1' DAY",
  "SELECT INTERVAL '1' day",
  "SELECT ''",
  'SELECT NULL',
  'SELECT FALSE',
  'SELECT TRUE',
  'SELECT j[] FROM t',
  'SELECT  j[]  FROM t',
  chain('b = 1'),
  chain('b = 2'),
]

test('a query’s digest is equal where sqlglot takes the query for equal, and nowhere else', async () => {
  const script = join(import.meta.dirname, 'tree_digests.py')
  const { stdout } = await promisify(execFile)(sqlmeshPython, [
    script,
    JSON.stringify(queries),
    PYTHON,
  ])
  const [equal, sameDigest] = JSON.parse(stdout) as [[number, number][], [number, number][]]
  expect(equal.length).toBeGreaterThan(4)
  expect(sameDigest).toEqual(equal)
})

test('digests of ingredients have 128 bits, and lists of the same letters have others', async () => {
  const lists = [['ab'], ['a', 'b'], ['a\0b'], [null], ['\u0001'], [''], [], ['', ''], ['\ud800']]
  const script = join(import.meta.dirname, 'digests.py')
  const args = [script, JSON.stringify(lists), PYTHON]
  const { stdout } = await promisify(execFile)(sqlmeshPython, args)
  const digests = JSON.parse(stdout) as string[]
  expect(new Set(digests).size).toBe(lists.length)
  for (const one of digests) expect(one).toMatch(/^[0-9a-f]{32}$/)
})
