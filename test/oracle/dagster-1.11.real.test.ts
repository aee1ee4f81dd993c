import { describeOracle } from './oracle.ts'

// The newest is asked about more, as all that is random is the same.
describeOracle('1.11.8', { virtual: false, share: 1 / 3 })
