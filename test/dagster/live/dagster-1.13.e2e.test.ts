import { describeLive } from './live.ts'

describeLive('1.13.27')
