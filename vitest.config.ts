import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/helpers/longestFirst.ts'
import { CountsReporter } from './test/helpers/reporter.ts'

const ALL = 'test/**/*.test.ts'
const REAL = 'test/**/*.real.test.ts'
const E2E = ['test/e2e/**/*.test.ts', 'test/**/*.e2e.test.ts']

// A file's name says in which project it is, and CONTRIBUTING.md what that means.
export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Nothing is left behind by a pure test; loading what they share once is half of the time.
          isolate: false,
          include: [ALL],
          exclude: [REAL, ...E2E],
          setupFiles: ['test/helpers/noProcesses.ts'],
        },
      },
      { extends: true, test: { name: 'real', include: [REAL] } },
      { extends: true, test: { name: 'e2e', include: E2E } },
    ],
    reporters: ['default', new CountsReporter()],
    // End-to-end tests start Python with SQLMesh several times.
    testTimeout: 120_000,
    hookTimeout: 300_000,
    // Workers spawn processes of their own; more of them only slow each other down.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // A forgotten `.only` would turn most of the suite off and still be green.
    allowOnly: false,
  },
})
