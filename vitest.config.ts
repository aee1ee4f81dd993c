import { defineConfig } from 'vitest/config'
import { CountsReporter } from './test/helpers/reporter.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/globalSetup.ts'],
    reporters: ['default', new CountsReporter()],
    // End-to-end tests start Python with SQLMesh several times.
    testTimeout: 120_000,
    hookTimeout: 300_000,
    // Workers spawn processes of their own; more of them only slow each other down.
    maxWorkers: 2,
    // A forgotten `.only` would turn most of the suite off and still be green.
    allowOnly: false,
  },
})
