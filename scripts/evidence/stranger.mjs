/**
 * `npm run stranger`: walks a stranger's path from a clone to a comment, and each workflow to paste, and
 * writes what was run and how long it took to docs/evidence/strangers-path.md. Takes some minutes.
 */
import { underNode24 } from '../dependencies.mjs'

if (underNode24()) await import('../../test/examples/stranger.ts')
