import { describe } from 'vitest'
import { LONG } from '../../helpers/long.ts'
import { describeLive } from './live.ts'

// The oldest release with what is asked for. What each release answers is in answers.real.test.ts.
describe.runIf(LONG)('in the long run', () => {
  describeLive('1.11.8')
})
