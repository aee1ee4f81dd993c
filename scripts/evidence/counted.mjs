/** What tests count (test/helpers/results.ts), for the pages in docs/evidence that are made of it. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../dependencies.mjs'

const results = join(root, '.cache', 'results')

/**
 * Has the tests count anew.
 *
 * @param {readonly string[]} suites
 * @param {Readonly<Record<string, string>>} environment besides this process's
 */
export function countAnew(suites, environment = {}) {
  rmSync(results, { recursive: true, force: true })
  runScript('scripts/test.mjs', suites, environment)
}

/** @param {string} name relative to the root @param {readonly string[]} args @param {Readonly<Record<string, string>>} environment */
export function runScript(name, args = [], environment = {}) {
  const { status } = spawnSync(process.execPath, [join(root, name), ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  })
  if (status !== 0) throw new Error(`${name} did not end well, so nothing was written.`)
}

/** @param {string} name */
export function counted(name) {
  return JSON.parse(readFileSync(join(results, `${name}.json`), 'utf8'))
}

/** The same where it depends on the machine whether it was counted: null if it was not. */
export function countedIfPossible(name) {
  return existsSync(join(results, `${name}.json`)) ? counted(name) : null
}

/** @param {RegExp} pattern of the names */
export function allCounted(pattern) {
  const names = readdirSync(results).map((file) => file.replace(/\.json$/, ''))
  return names
    .filter((name) => pattern.test(name))
    .sort()
    .map(counted)
}

/** @param {readonly string[]} header @param {readonly (readonly (string | number)[])[]} rows */
export function table(header, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}
