/**
 * `npm test`: everything a fresh clone needs, then vitest under Node 24. Arguments go to vitest.
 *
 * Runs on the machine's own Node (20 and newer) and on nothing but Node's own modules, because the
 * dependencies may be what is missing. The last line printed is `N passed, N failed` alone.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureDependencies, nodeBinary, root } from './dependencies.mjs'

/** What the reporter (test/helpers/reporter.ts) left; nothing when vitest died before the end. */
function readCounts(file) {
  if (!existsSync(file)) return { passed: 0, failed: 0 }
  return JSON.parse(readFileSync(file, 'utf8'))
}

function runTests(args) {
  ensureDependencies()
  const folder = mkdtempSync(join(tmpdir(), 'unsynced-test-'))
  const countsFile = join(folder, 'counts.json')
  try {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
    const { status, error } = spawnSync(nodeBinary, [vitest, 'run', ...args], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, UNSYNCED_TEST_COUNTS: countsFile },
    })
    if (error) throw error
    return { exitCode: status ?? 1, ...readCounts(countsFile) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

let outcome = { exitCode: 1, passed: 0, failed: 0 }
try {
  outcome = runTests(process.argv.slice(2))
} catch (error) {
  console.error(error.message)
}
// A run that failed without a failed test (a crash, no test files) must not read as a success.
const failed = outcome.exitCode === 0 ? outcome.failed : Math.max(1, outcome.failed)
console.log(`${outcome.passed} passed, ${failed} failed`)
process.exitCode = outcome.exitCode
