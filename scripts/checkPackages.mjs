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
 * What licenses.txt lacks, in which ncc writes a package's name, its licence and the licence's text.
 *
 * @param {string[]} packages names of what is bundled
 * @param {string} licensesText
 * @returns {string[]}
 */
export function licenseProblems(packages, licensesText) {
  const start = new RegExp(`^(?=\\S+\n(?:${LICENSES.join('|')})\n)`, 'm')
  const texts = new Map(
    licensesText.split(start).map((text) => {
      const [name, license, ...terms] = text.split('\n')
      return [name, LICENSES.includes(license) && terms.join('').trim()]
    }),
  )
  return packages
    .filter((name) => !texts.get(name))
    .map(
      (name) =>
        `${name} is bundled without a text of one of these licences: ${LICENSES.join(', ')}`,
    )
}

export function checkLockFiles() {
  const problems = lockProblems(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  if (problems.length > 0) throw new Error(problems.join('\n'))
}
