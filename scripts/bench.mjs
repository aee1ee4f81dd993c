/** `npm run bench`: bench/main.ts under Node 24. It says what its arguments are. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureDependencies, nodeBinary, root } from './dependencies.mjs'

ensureDependencies()
const main = join(root, 'bench', 'main.ts')
const { status, error } = spawnSync(nodeBinary, [main, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
if (error) throw error
process.exitCode = status ?? 1
