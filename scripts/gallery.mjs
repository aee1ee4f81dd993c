/**
 * `npm run gallery [-- --screenshots] [-- --readme]`: renders every state of the comment, the job
 * summary and the terminal report to one HTML page, with GitHub's styles and with mermaid drawn.
 *
 * - `--screenshots` also takes pictures of it (`--only NAME,NAME`, `--part comment|summary|terminal`)
 * - `--readme` makes docs/comment.png from the comment that `npm run demo` left
 * - `--browser PROGRAM` is a Chromium to use instead of the one among the development dependencies
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDependencies, nodeBinary, root } from './dependencies.mjs'

const gallery = join(root, 'gallery')

/** Mermaid alone is larger than all that the tests need, so that it is only installed for this. */
function ensureGalleryDependencies() {
  if (existsSync(join(gallery, 'node_modules', 'mermaid'))) return
  console.log('Installing what the gallery needs (npm ci) …')
  const shell = process.platform === 'win32'
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: gallery,
    shell,
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error('`npm ci` in gallery/ failed.')
}

try {
  ensureDependencies()
  ensureGalleryDependencies()
  const args = [join(gallery, 'main.ts'), ...process.argv.slice(2)]
  process.exitCode = spawnSync(nodeBinary, args, { stdio: 'inherit' }).status ?? 1
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
