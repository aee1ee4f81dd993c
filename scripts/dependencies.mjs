/** Installs what package-lock.json names, so that no script asks for `npm ci` first. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The repository's root. */
export const root = join(import.meta.dirname, '..')

const modules = join(root, 'node_modules')

/** Node 24, the version that actions run on. vitest needs it; the machine may have an older one. */
export const nodeBinary = join(
  modules,
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
)

function lockedPackages(file) {
  if (!existsSync(file)) return null
  return JSON.parse(readFileSync(file, 'utf8')).packages
}

/**
 * Whether every package of the lock file is installed in its version. npm writes what it installed
 * to node_modules/.package-lock.json; optional packages of other platforms are missing there, and
 * the `node` package's installer adds some that are in no lock file.
 */
function inStep() {
  const installed = lockedPackages(join(modules, '.package-lock.json'))
  if (installed === null) return false
  return Object.entries(lockedPackages(join(root, 'package-lock.json'))).every(([path, wanted]) => {
    const found = installed[path]
    if (path === '') return true
    return found ? found.integrity === wanted.integrity : wanted.optional === true
  })
}

/** Runs a program whose output is for whoever runs the script. Throws where it fails. */
export function run(command, args, cwd) {
  // npm is a .cmd file on Windows, which needs a shell there. Arguments are ours, never a user's.
  const shell = process.platform === 'win32'
  const { status, error } = spawnSync(command, args, { cwd, shell, stdio: 'inherit' })
  if (error) throw error
  if (status !== 0)
    throw new Error(`\`${command} ${args.join(' ')}\` failed with exit code ${status}`)
}

function hasNode24() {
  const { stdout } = spawnSync(nodeBinary, ['--version'], { encoding: 'utf8' })
  return stdout?.startsWith('v24.') === true
}

/**
 * Makes node_modules what package-lock.json says, with Node 24 in it.
 * Throws when that cannot be had; the message says what to do.
 */
export function ensureDependencies() {
  if (!inStep()) {
    console.log('Installing dependencies (npm ci) …')
    run('npm', ['ci', '--no-audit', '--no-fund'], root)
  }
  if (hasNode24()) return
  // `ignore-scripts` skipped the installer that links the binary, as npm 12 does by default.
  console.log('Installing Node 24 …')
  run(process.execPath, ['installArchSpecificPackage.js'], join(modules, 'node'))
  if (hasNode24()) return
  throw new Error(
    'The tests need Node 24, and node_modules/.bin/node is not it. ' +
      'Run `npm ci --ignore-scripts=false`, or remove node_modules and run `npm test` again.',
  )
}

/**
 * Whether this script runs under Node 24, which reads TypeScript as it is. If not, it is run again under
 * the one in node_modules, and ends as that does.
 */
export function underNode24() {
  ensureDependencies()
  if (process.versions.node.startsWith('24.')) return true
  const { status } = spawnSync(nodeBinary, process.argv.slice(1), { stdio: 'inherit' })
  process.exitCode = status ?? 1
  return false
}
