import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { root } from './helpers/actionFile.ts'

type PackageChecks = {
  lockProblems(text: string): string[]
  licenseProblems(lockText: string, licensesText: string): string[]
}

const script = pathToFileURL(join(root, 'scripts', 'checkPackages.mjs')).href
const { lockProblems, licenseProblems } = (await import(script)) as PackageChecks

const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
const licenses = readFileSync(join(root, 'dist', 'licenses.txt'), 'utf8')

/** The lock file with something changed of one package. */
function edited(name: string, changes: object): string {
  const { packages, ...rest } = JSON.parse(lock)
  const path = `node_modules/${name}`
  return JSON.stringify({
    ...rest,
    packages: { ...packages, [path]: { ...packages[path], ...changes } },
  })
}

test.each<[string, object, string]>([
  ['without a digest', { integrity: undefined }, 'has no sha512 integrity'],
  ['with a weak digest', { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }, 'no sha512 integrity'],
  ['from elsewhere', { resolved: 'git+ssh://git@evil.test/zod.git' }, 'comes from git+ssh'],
  ['with an installer', { hasInstallScript: true }, 'runs a program'],
])('a package %s does not pass', (_, changes, expected) => {
  expect(lockProblems(lock)).toEqual([])
  expect(lockProblems(edited('zod', changes))).toEqual([expect.stringContaining(expected)])
})

test('a licence that is not known, or without its text, does not pass', () => {
  expect(licenseProblems(lock, licenses)).toEqual([])
  const foreign = licenseProblems(edited('zod', { license: 'AGPL-3.0' }), licenses)
  expect(foreign).toEqual(['zod: the licence AGPL-3.0 is not listed'])
  const missing = licenseProblems(edited('zod', { version: '0.0.1' }), licenses)
  expect(missing).toEqual(['zod 0.0.1: no text in dist/licenses.txt'])
})
