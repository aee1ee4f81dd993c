import { expect, test } from 'vitest'
import { comparePartitions } from '../../src/dagster/staleness.ts'
import { aboutPartitions } from '../../src/report/notices.ts'
import { graphOf } from '../oracle/scenario.ts'

const at = (code: string, names: readonly string[]) =>
  graphOf(Object.fromEntries(names.map((name) => [name, { code, partitions: ['p1', 'p2'] }])))

test.each([
  [[], null],
  [['a/b'], '`a/b` is partitioned: Dagster will show its change on each partition'],
  [
    ['a', 'b', 'c', 'd'],
    '`a`, `b`, `c` and 1 more are partitioned: Dagster will show their change',
  ],
])('partitioned assets that change: %j', (names, expected) => {
  const [notice, ...others] = aboutPartitions(comparePartitions(at('1', names), at('2', names)))
  expect(others).toEqual([])
  if (expected === null) expect(notice).toBeUndefined()
  else expect(notice?.message).toContain(expected)
})
