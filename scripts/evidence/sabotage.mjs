/**
 * `npm run sabotage [-- WORD...]`: takes away one defence after the other (test/sabotage), in copies of the
 * repository, and sees whether the test that is named for it goes red. With a WORD only those are tried
 * whose name, file or test has it. The counts are kept for docs/evidence/reliability.md, each defence's as it was
 * tried last.
 */
import { spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { nodeBinary, root, underNode24 } from '../dependencies.mjs'
import { countedIfPossible } from './counted.mjs'

if (!underNode24()) process.exit()

const { defences } = await import('../../test/sabotage/defences.ts')
const { recordResult } = await import('../../test/helpers/results.ts')
const words = process.argv.slice(2)
const chosen = Object.entries(defences).flatMap(([place, list]) =>
  list
    .map((defence) => ({ place, ...defence }))
    .filter(({ name, file, test }) => {
      return words.length === 0 || words.some((word) => `${name} ${file} ${test}`.includes(word))
    }),
)
for (const { name, file, take } of chosen) {
  if (readFileSync(join(root, file), 'utf8').split(take).length === 2) continue
  throw new Error(`${file} does not hold the text of "${name}" exactly once.`)
}
const AT_ONCE = 2
const LEFT_OUT = ['node_modules', '.cache', '.git']
const cache = join(root, '.cache')
mkdirSync(cache, { recursive: true })

const isShared = (entry) => entry !== 'results' && !entry.startsWith('sabotage-')

/** A copy of the repository that shares what is only read. */
function copy(folder) {
  for (const name of readdirSync(root).filter((entry) => !LEFT_OUT.includes(entry))) {
    cpSync(join(root, name), join(folder, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  // What tests count without a defence is no result.
  mkdirSync(join(folder, '.cache', 'results'), { recursive: true })
  for (const name of readdirSync(cache).filter(isShared)) {
    symlinkSync(join(cache, name), join(folder, '.cache', name))
  }
}

function run(args, folder, environment = {}) {
  return new Promise((resolve) => {
    const env = { ...process.env, ...environment }
    const child = spawn(nodeBinary, args, { cwd: folder, env, stdio: 'ignore' })
    child.once('close', (code) => resolve(code))
  })
}

/** How many of the named tests fail and pass. */
async function count({ test, only }, folder) {
  const counts = join(folder, 'counts.json')
  rmSync(counts, { force: true })
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const name = only === undefined ? [] : ['-t', only.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')]
  await run([vitest, 'run', test, ...name], folder, { UNSYNCED_TEST_COUNTS: counts })
  if (!existsSync(counts)) return { passed: 0, failed: 0 }
  return JSON.parse(readFileSync(counts, 'utf8'))
}

const green = new Map()

/** Whether the named tests are there and pass while the defence stands: else their red would mean nothing. */
function isGreen({ test, only }, folder) {
  const key = JSON.stringify([test, only])
  if (!green.has(key)) {
    const counted = count({ test, only }, folder)
    green.set(
      key,
      counted.then(({ passed, failed }) => passed > 0 && failed === 0),
    )
  }
  return green.get(key)
}

async function sabotage(defence, folder) {
  if (!(await isGreen(defence, folder))) return 'NOT GREEN BEFORE'
  const file = join(folder, defence.file)
  const text = readFileSync(file, 'utf8')
  writeFileSync(
    file,
    text.replace(defence.take, () => defence.put),
  )
  try {
    if (defence.built && (await run([join('scripts', 'build.mjs')], folder)) !== 0)
      return 'not built'
    return (await count(defence, folder)).failed > 0 ? 'caught' : 'NOT CAUGHT'
  } finally {
    writeFileSync(file, text)
    if (defence.built) {
      cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true, force: true })
    }
  }
}

/** The built product comes last, as it takes longest. */
const queue = [...chosen].sort((a, b) => Number(a.built ?? false) - Number(b.built ?? false))
const results = new Map()

async function work() {
  // Not in /tmp, which is hidden where loads are isolated; and other users start some.
  const folder = mkdtempSync(join(cache, 'sabotage-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o755)
  copy(folder)
  for (let defence = queue.shift(); defence !== undefined; defence = queue.shift()) {
    const outcome = await sabotage(defence, folder)
    results.set(defence.name, outcome)
    console.log(`${outcome.padEnd(10)}  ${defence.name}`)
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
await Promise.all(Array.from({ length: AT_ONCE }, work))
const earlier = words.length === 0 ? null : countedIfPossible('sabotage')
const outcomes = { ...earlier?.defences, ...Object.fromEntries(results) }
const all = Object.entries(defences)
// Of some alone there is nothing to say.
if (all.every(([, list]) => list.every(({ name }) => name in outcomes))) {
  const rooms = all.map(([place, list]) => {
    const caught = list.filter(({ name }) => outcomes[name] === 'caught').length
    return { place, tried: list.length, caught }
  })
  recordResult('sabotage', { rooms, defences: outcomes })
}
const uncaught = [...results].filter(([, outcome]) => outcome !== 'caught')
console.log(`${results.size} defences taken away, ${results.size - uncaught.length} caught`)
for (const [name, outcome] of uncaught) console.log(`${outcome}: ${name}`)
process.exitCode = uncaught.length === 0 && results.size > 0 ? 0 : 1
