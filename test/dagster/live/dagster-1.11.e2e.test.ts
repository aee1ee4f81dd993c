import { describeLive } from './live.ts'

describeLive('1.11.8')
