import { defineConfig } from 'vitest/config'

/** The tests that `npm run mutation` asks: pure ones, which end in a moment. */
export default defineConfig({
  test: {
    include: [
      'test/github/acceptance.test.ts',
      'test/report/policy.test.ts',
      'test/dagster/{assetGraph,assetKeys,cases,dataVersions,definedGraph,staleness}.test.ts',
      'test/scope/scope.test.ts',
      'test/sqlmesh/{changes,upgrade}.test.ts',
    ],
    testTimeout: 30_000,
  },
})
