import { expect, test } from 'vitest'
import { compareKeys, splitFqn } from '../../src/dagster/assetKeys.ts'

test('an fqn is split at the dots between its quotes', () => {
  expect(splitFqn('"a.b"."c ""d"""."e"')).toEqual(['a.b', 'c "d"', 'e'])
})

test('keys are ordered by segment, shorter first', () => {
  const keys = [['b'], ['a', 'b'], ['a'], ['a', 'a', 'z']]
  expect(keys.sort(compareKeys)).toEqual([['a'], ['a', 'a', 'z'], ['a', 'b'], ['b']])
})
