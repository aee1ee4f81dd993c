/**
 * `npm run mutation`: changes the pure modules in one place at a time, and asks their tests whether they
 * notice. Counts go to .cache/results, from which `npm run reliability` makes its table; which changes
 * nobody noticed is in .cache/mutation.html.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeBinary, root, run, underNode24 } from '../dependencies.mjs'

const cache = join(root, '.cache')
const home = join(cache, 'stryker')
const report = join(cache, 'mutation.json')

// Not among the dependencies: nothing but this needs them, and they are a third as many packages again.
const VERSION = '10.1.1'
const PACKAGES = [`@stryker-mutator/core@${VERSION}`, `@stryker-mutator/vitest-runner@${VERSION}`]

/** What decides, from values to values: the hashes' comparison, Dagster's rules, the verdict. */
const MODULES = [
  'src/dagster/{assetGraph,assetKeys,dataVersions,definedGraph,graphs}.ts',
  'src/dagster/{materializations,rounds,staleCauses,staleness}.ts',
  'src/scope/scope.ts',
  'src/sqlmesh/changes.ts',
  'src/report/policy.ts',
]

function configuration() {
  return {
    mutate: MODULES,
    mutator: {
      // Words are judged by test/report/golden, which takes too long to be asked a thousand times.
      excludedMutations: ['StringLiteral'],
    },
    plugins: [
      join(home, 'node_modules', '@stryker-mutator', 'vitest-runner', 'dist', 'src', 'index.js'),
    ],
    testRunner: 'vitest',
    vitest: { configFile: 'test/mutation/vitest.config.ts' },
    ignoreStatic: true,
    concurrency: 2,
    ignorePatterns: ['.cache', 'dist'],
    tempDirName: join('.cache', 'mutants'),
    reporters: ['json', 'html', 'clear-text', 'progress-append-only'],
    clearTextReporter: { reportTests: false, reportMutants: true },
    jsonReporter: { fileName: report },
    htmlReporter: { fileName: join(cache, 'mutation.html') },
    allowConsoleColors: false,
  }
}

/** By file: mutants that a test noticed, and those that none did. Those that do not run count as neither. */
function counts() {
  const { files } = JSON.parse(readFileSync(report, 'utf8'))
  const sorted = Object.entries(files).sort(([one], [other]) => (one < other ? -1 : 1))
  return sorted.map(([file, { mutants }]) => {
    const of = (...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length
    return { file, noticed: of('Killed', 'Timeout'), unnoticed: of('Survived', 'NoCoverage') }
  })
}

async function main() {
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'package.json'), '{"private":true}\n')
  const quiet = ['--no-audit', '--no-fund', '--legacy-peer-deps']
  run('npm', ['install', '--prefix', home, ...quiet, ...PACKAGES], root)
  const config = join(home, 'stryker.config.json')
  writeFileSync(config, JSON.stringify(configuration()))
  const stryker = join(home, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js')
  run(nodeBinary, [stryker, 'run', config], root)
  const { recordResult } = await import('../../test/helpers/results.ts')
  recordResult('mutation', counts())
}

try {
  if (underNode24()) await main()
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
