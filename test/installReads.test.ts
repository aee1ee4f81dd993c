import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { changedFiles } from '../src/git/changedFiles.ts'
import { openReader } from '../src/git/reader.ts'
import { openRepository } from '../src/git/repository.ts'
import { parseInputs } from '../src/inputs.ts'
import { whyInstallsDiffer } from '../src/installReads.ts'
import { temporaryOrigin } from './helpers/git.ts'

type Files = Readonly<Record<string, string | null>>

/** Why two commits need two installations, where head differs by some files. */
async function why(install: string, changes: Files, inputs: Readonly<Record<string, string>> = {}) {
  await using origin = await temporaryOrigin()
  const pins = { pins: '-r pins.list\n', 'pins.list': 'sqlmesh\n', 'README.md': 'a\n' }
  const base = await origin.commit({ 'config.yaml': 'gateways: {}\n', ...pins }, 'Base')
  const head = await origin.commit(changes, 'Head')
  const clone = await origin.checkout({ ref: 'refs/heads/main', depth: 0 })
  const { objects } = await openRepository(clone)
  await using reader = await openReader(objects, tmpdir())
  const changed = await changedFiles(reader.git, { base, head })
  return await whyInstallsDiffer(reader.git, head, changed, parseInputs({ install, ...inputs }), {})
}

test.each<[string, Files, string]>([
  [
    'make env',
    { Makefile: 'env:\n' },
    'Makefile changed, and the input install may read it: `make env` may read any file',
  ],
  ['sh ci/env.sh', { 'ci/common.sh': '' }, 'may read it: `sh ci/env.sh` may read any file'],
  ['nix develop -c true', { 'flake.lock': '{}' }, 'may read any file'],
  ['pip install -e .', { 'README.md': 'b\n' }, 'the option -e is not known'],
  [
    'pip install -r pins',
    { 'pins.list': 'sqlmesh==0.1\n' },
    'pins.list changed, and the input install reads it',
  ],
  ['pip install -r pins', { pins: 'sqlmesh\n' }, 'pins changed, and the input install reads it'],
  ['pip install -r pins', { pins: '-r gone\n' }, 'gone is not there'],
  ['pip install -r pins', { pins: null }, 'pins is not there'],
  ['python -m pip install -r pins', { 'json.py': '' }, 'may import json.py'],
])('%s where %j differs', async (install, changes, expected) => {
  expect(await why(install, changes)).toContain(expected)
})

test('one installation does where it reads nothing that differs', async () => {
  expect(await why('pip install -r pins', { 'README.md': 'b\n' })).toBe(null)
  expect(await why('make env', {})).toBe(null)
})

test('a module that goes could have been imported', async () => {
  await using origin = await temporaryOrigin()
  const base = await origin.commit({ 'json.py': '', pins: 'sqlmesh\n' }, 'Base')
  const head = await origin.commit({ 'json.py': null }, 'Head')
  const clone = await origin.checkout({ ref: 'refs/heads/main', depth: 0 })
  const { objects } = await openRepository(clone)
  await using reader = await openReader(objects, tmpdir())
  const changed = await changedFiles(reader.git, { base, head })
  const request = parseInputs({ install: 'python -m pip install -r pins' })
  expect(await whyInstallsDiffer(reader.git, head, changed, request, {})).toContain('json.py')
})

test('nothing is installed where an interpreter is given', async () => {
  expect(await why('make env', { Makefile: 'env:\n' }, { python: 'python3' })).toBe(null)
})
