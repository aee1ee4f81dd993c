import { expect, test } from 'vitest'
import { conclude } from '../src/verdict.ts'

test('an error is red, whatever the policy says and whoever accepts it', () => {
  const error = { side: null, code: 'git', message: '', hint: null, file: null } as const
  for (const verdict of [null, { conclusion: 'success' }, { conclusion: 'failure' }] as const) {
    for (const acceptance of [null, { state: 'accepted' }, { state: 'void' }] as const) {
      expect(conclude({ error }, verdict, acceptance)).toBe('failure')
    }
  }
  expect(conclude({ error: null }, null, { state: 'accepted' })).toBe('failure')
})
