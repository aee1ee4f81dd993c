/** `npm run bench`: bench/main.ts under Node 24. It says what its arguments are. */
import { underNode24 } from '../dependencies.mjs'

if (underNode24()) await import('../../bench/main.ts')
