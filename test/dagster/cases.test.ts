import { expect, test } from 'vitest'
import { lineOf, ourRows } from '../oracle/agreement.ts'
import { handWritten } from '../oracle/cases.ts'
import { isSimple } from '../oracle/scenario.ts'

/* What real Dagster says of these, test/oracle/ asks; here that our rules say the same, at once. */
test.each(handWritten.filter(({ scenario }) => isSimple(scenario)))('$name', (each) => {
  expect(ourRows(each.scenario).map(lineOf)).toEqual(each.expected)
})
