import { expect, test } from 'vitest'
import { lineOf, ourRows } from '../oracle/agreement.ts'
import { handWritten } from '../oracle/cases.ts'

/* What real Dagster says of these, test/oracle/ asks; here that our rules say the same, at once. */
test.each(handWritten)('$name', ({ scenario, expected, expectedPartitions = [] }) => {
  const { assets, partitions } = ourRows(scenario)
  expect(assets.map(lineOf)).toEqual(expected)
  expect(partitions.map(lineOf)).toEqual(expectedPartitions)
})
