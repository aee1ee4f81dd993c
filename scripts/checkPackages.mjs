/** Holds what npm installs to the lock file, and what is bundled to licences that allow it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './dependencies.mjs'

/** May run a program while it is installed: it links the binary of Node 24. */
const INSTALLERS = ['node_modules/node']

/** Licences that ask for nothing but their text, which dist/licenses.txt has. */
const LICENSES = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT']

/**
 * The packages of a lock file's text with their places, without the project itself.
 *
 * @param {string} text
 */
const packagesOf = (text) => Object.entries(JSON.parse(text).packages).filter(([path]) => path)

/**
 * What keeps `npm ci` from installing the same files everywhere: a package without a digest of its
 * archive, or from an address of its own instead of the registry that npm is configured to use.
 *
 * @param {string} text of a lock file
 * @returns {string[]}
 */
export function lockProblems(text) {
  return packagesOf(text).flatMap(([path, found]) => [
    ...(/^sha512-/.test(found.integrity ?? '') ? [] : [`${path} has no sha512 integrity`]),
    ...(found.resolved === undefined ? [] : [`${path} comes from ${found.resolved}`]),
    ...(found.hasInstallScript && !INSTALLERS.includes(path)
      ? [`${path} runs a program when it is installed`]
      : []),
  ])
}

/**
 * @param {string} lockText
 * @param {string} licensesText of dist/licenses.txt
 * @returns {string[]}
 */
export function licenseProblems(lockText, licensesText) {
  const texts = licensesText.split(`\n${'-'.repeat(80)}\n`).map((text) => text.trim())
  return packagesOf(lockText)
    .filter(([, { dev }]) => !dev)
    .flatMap(([path, { version, license }]) => {
      const name = path.replace(/^.*node_modules\//, '')
      const text = texts.find((one) => one.startsWith(`${name} ${version}\n`))
      const [, , ...terms] = text?.split('\n') ?? []
      return [
        ...(LICENSES.includes(license) ? [] : [`${name}: the licence ${license} is not listed`]),
        ...(terms.join('').trim() ? [] : [`${name} ${version}: no text in dist/licenses.txt`]),
      ]
    })
}

/** @param {string[]} problems */
function throwIfAny(problems) {
  if (problems.length > 0) throw new Error(problems.join('\n'))
}

export function checkLockFiles() {
  throwIfAny(lockProblems(readFileSync(join(root, 'package-lock.json'), 'utf8')))
}

export function checkLicenses() {
  const read = (file) => readFileSync(join(root, file), 'utf8')
  throwIfAny(licenseProblems(read('package-lock.json'), read('dist/licenses.txt')))
}
