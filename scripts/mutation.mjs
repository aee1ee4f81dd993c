/**
 * `npm run mutation`: changes the pure modules in one place at a time, and asks their tests whether they
 * notice. Counts go to .cache/results, from which `npm run reliability` makes its table; which changes
 * nobody noticed is in .cache/mutation.html.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { recordCounts } from './counted.mjs'
import { nodeBinary, root, underNode24 } from './dependencies.mjs'

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
  'src/sqlmesh/{changes,scope}.ts',
  'src/verdict.ts',
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

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) throw new Error(`\`${args.slice(0, 2).join(' ')}\` did not end well.`)
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

function main() {
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'package.json'), '{"private":true}\n')
  const quiet = ['--no-audit', '--no-fund', '--legacy-peer-deps']
  run('npm', ['install', '--prefix', home, ...quiet, ...PACKAGES])
  const config = join(home, 'stryker.config.json')
  writeFileSync(config, JSON.stringify(configuration()))
  const stryker = join(home, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js')
  run(nodeBinary, [stryker, 'run', config])
  recordCounts('mutation', counts())
}

try {
  if (underNode24()) main()
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
