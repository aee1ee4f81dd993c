import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { root } from './helpers/actionFile.ts'

type PackageChecks = {
  lockProblems(text: string): string[]
  licenseProblems(packages: readonly string[], licensesText: string): string[]
}

const script = pathToFileURL(join(root, 'scripts', 'checkPackages.mjs')).href
const { lockProblems, licenseProblems } = (await import(script)) as PackageChecks

const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
const dist = (file: string) => readFileSync(join(root, 'dist', file), 'utf8')

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

test('each package that the bundles name has its licence beside them', () => {
  const modules = readdirSync(join(root, 'dist'))
    .filter((file) => /\.m?js$/.test(file))
    .flatMap((file) => [...dist(file).matchAll(/ \.\/node_modules\/((?:@[^/]+\/)?[^/]+)/g)])
  const packages = [...new Set(modules.map(([, name = '']) => name))]
  expect(packages).toContain('simple-git')
  expect(licenseProblems(packages, dist('licenses.txt'))).toEqual([])
})

test.each([
  ['is there', 'one\nMIT\nOne may.\n\nother\nISC\nOne may.\n\n', []],
  ['is not there', 'other\nISC\nOne may.\n\n', ['one']],
  ['has no text', 'one\nMIT\n\nother\nISC\nOne may.\n\n', ['one']],
  ['is not one that we may ship', 'one\nAGPL-3.0\nOne may.\n\nother\nISC\nOne may.\n\n', ['one']],
])('a licence that %s', (_, text, expected) => {
  const problems = licenseProblems(['one', 'other'], text)
  expect(problems.map((problem) => problem.split(' ')[0])).toEqual(expected)
})
