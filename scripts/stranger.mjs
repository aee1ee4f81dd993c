/**
 * `npm run stranger`: walks a stranger's path from a clone to a comment, and each workflow to paste, and
 * writes what was run and how long it took to docs/strangers-path.md. Takes some minutes.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureDependencies, nodeBinary, root } from './dependencies.mjs'

ensureDependencies()
const walk = join(root, 'test', 'examples', 'stranger.ts')
const { status, error } = spawnSync(nodeBinary, [walk], { cwd: root, stdio: 'inherit' })
if (error) throw error
process.exitCode = status ?? 1
