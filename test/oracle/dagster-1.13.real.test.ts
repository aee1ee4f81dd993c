import { describeOracle } from './oracle.ts'

describeOracle('1.13.27', { virtual: true })
