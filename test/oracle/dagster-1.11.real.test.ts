import { describeOracle } from './oracle.ts'

describeOracle('1.11.8', { virtual: false })
