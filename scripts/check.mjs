/**
 * `npm run check`: everything about the repository that is no test. One line per check, every check
 * runs, and the last line counts them like `npm test` counts tests.
 */
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, sep } from 'node:path'
import { promisify } from 'node:util'
import { build } from './build.mjs'
import { checkLockFiles } from './checkPackages.mjs'
import { auditWorkflows, lintWorkflows } from './checkWorkflows.mjs'
import { ensureDependencies, nodeBinary, root } from './dependencies.mjs'
import { documents } from './docs.mjs'

/** Runs a tool; its output is the error when it finds something. */
function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${stdout}${stderr}`.trim())
}

const bin = (...path) => join(root, 'node_modules', ...path)

function checkFormatAndLint() {
  run(nodeBinary, [bin('@biomejs', 'biome', 'bin', 'biome'), 'ci', '--colors=off', '.'])
}

function checkTypes() {
  run(nodeBinary, [bin('typescript', 'bin', 'tsc'), '--project', '.', '--pretty', 'false'])
}

/** Python is linted and formatted by ruff, which comes in an environment of its own. */
async function checkPython() {
  const { pythonEnvironment } = await import('../examples/environment.mjs')
  const python = await pythonEnvironment({
    name: 'ruff',
    requirements: ['ruff==0.17.6'],
    cacheDir: join(root, '.cache'),
    log: () => {},
  })
  const folders = ['python', 'examples', 'test'].filter((folder) => existsSync(join(root, folder)))
  const ruff = ['-m', 'ruff', '--quiet']
  run(python, [...ruff, 'check', '--no-cache', ...folders])
  run(python, [...ruff, 'format', '--check', '--diff', '--no-cache', ...folders])
}

function filesOf(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true }).filter((file) =>
    statSync(join(folder, file)).isFile(),
  )
}

/** Tests run on the action's Node, which npm puts first; a fresh clone runs the sample on the machine's. */
async function runSample() {
  const places = (process.env.PATH ?? '').split(delimiter)
  const own = places.filter((place) => !place.split(sep).includes('node_modules'))
  const node = own.map((place) => join(place, 'node')).find((file) => existsSync(file))
  if (node === undefined)
    throw new Error('There is no `node` on the PATH but the one of the tests.')
  await promisify(execFile)(node, [join(root, 'examples', 'demo.mjs')], {
    maxBuffer: 64 * 1024 * 1024,
  })
}

// Takes longest, and most of that in other processes, so that the other checks run beside it.
const sample = runSample()
sample.catch(() => {}) // Reported in its turn.

/** GitHub runs the committed dist/, so it must be exactly what the reviewed sources build. */
async function checkDist() {
  const committed = join(root, 'dist')
  const folder = mkdtempSync(join(tmpdir(), 'unsynced-check-'))
  try {
    await build(folder)
    const same = (file) =>
      readFileSync(join(folder, file)).equals(readFileSync(join(committed, file))) &&
      (statSync(join(folder, file)).mode & 0o100) === (statSync(join(committed, file)).mode & 0o100)
    const built = filesOf(folder)
    const present = filesOf(committed)
    const problems = [
      ...built.filter((file) => !present.includes(file)).map((file) => `missing: dist/${file}`),
      ...present.filter((file) => !built.includes(file)).map((file) => `extra: dist/${file}`),
      ...built
        .filter((file) => present.includes(file) && !same(file))
        .map((file) => `stale: dist/${file}`),
    ]
    if (problems.length > 0) {
      throw new Error(`${problems.join('\n')}\nRun \`npm run build\` and commit dist/.`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What a document says of inputs and outputs must be what action.yml says. */
async function checkDocs() {
  const stale = (await documents()).filter(({ text, wanted }) => text !== wanted)
  if (stale.length === 0) return
  const files = stale.map(({ file }) => `stale: ${file}`)
  throw new Error(`${files.join('\n')}\nRun \`npm run docs\` and commit them.`)
}

const checks = {
  'format and lint': checkFormatAndLint,
  types: checkTypes,
  python: checkPython,
  'docs are what action.yml says': checkDocs,
  'lock files': checkLockFiles,
  'dist is what src builds': checkDist,
  'the sample, on this Node': () => sample,
  'workflows (actionlint)': lintWorkflows,
  'workflows (zizmor)': () => auditWorkflows(run),
}

let passed = 0
let failed = 0
for (const [name, check] of Object.entries({ dependencies: ensureDependencies, ...checks })) {
  try {
    await check()
    passed += 1
    console.log(`ok    ${name}`)
  } catch (error) {
    failed += 1
    console.log(`FAIL  ${name}\n${error.message.replaceAll(/^/gm, '      ')}`)
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
