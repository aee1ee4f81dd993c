import { describe, test } from 'vitest'
import { LONG } from '../helpers/long.ts'
import { BARE, FORBIDDING, UNPRIVILEGED } from '../helpers/machines.ts'
import { cases } from './endings.ts'
import { judge, type Mode } from './judge.ts'

/** These would reach beyond the test where nothing holds them; they are not tried there. */
const ONLY_HELD = /kills everybody|takes processes|a Python in the place/

const modes: readonly (Mode & { readonly possible: boolean })[] = [
  {
    ...{ name: 'namespaces of a user', isolation: 'auto', level: 'namespaces' },
    ...{ prefix: UNPRIVILEGED ?? [], possible: UNPRIVILEGED !== null },
  },
  {
    ...{ name: 'landlock', isolation: 'auto', level: 'landlock' },
    ...{ prefix: FORBIDDING ?? [], possible: FORBIDDING !== null },
  },
  {
    ...{ name: 'environment', isolation: 'auto', level: 'environment' },
    ...{ prefix: BARE ?? [], possible: BARE !== null },
  },
  { name: 'off', isolation: 'off', level: 'off', prefix: [], possible: true },
] as const

// The same cases again take minutes, so that this is not part of every run of the tests.
for (const mode of modes) {
  describe.skipIf(!LONG || !mode.possible)(mode.name, () => {
    if (!LONG || !mode.possible) return test('is not run', () => {})
    judge(
      mode,
      mode.level === 'namespaces' ? cases : cases.filter(({ name }) => !ONLY_HELD.test(name)),
    )
  })
}
