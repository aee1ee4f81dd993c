import { writeFileSync } from 'node:fs'
import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node'

export type Counts = { passed: number; failed: number; skipped: number }

/**
 * Ends a test run with `N passed, N failed`, which people and CI systems read without knowing vitest.
 *
 * `npm test` asks for the counts in a file instead (`UNSYNCED_TEST_COUNTS`) and prints the line
 * itself, after vitest has ended: vitest may still write when reporters are done.
 */
export class CountsReporter implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    const counts = countTests(modules, errors.length, reason)
    if (counts.skipped > 0) process.stdout.write(`${counts.skipped} skipped\n`)
    const file = process.env['UNSYNCED_TEST_COUNTS']
    if (file) writeFileSync(file, JSON.stringify(counts))
    else process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`)
  }
}

/**
 * Counts tests, and as one failure each: a file that failed although none of its tests did (an
 * import error, a hook), an unhandled error, and a run that failed for any other reason.
 */
export function countTests(
  modules: readonly TestModule[],
  unhandledErrors: number,
  reason: TestRunEndReason,
): Counts {
  const counts: Counts = { passed: 0, failed: unhandledErrors, skipped: 0 }
  for (const module of modules) {
    const failedBefore = counts.failed
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      // A test that never ended has not passed.
      counts[state === 'pending' ? 'failed' : state] += 1
    }
    if (module.state() === 'failed' && counts.failed === failedBefore) counts.failed += 1
  }
  if (reason !== 'passed' && counts.failed === 0) counts.failed = 1
  return counts
}
