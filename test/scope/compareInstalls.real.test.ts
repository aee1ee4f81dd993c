import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { changedFiles } from '../../src/git/changedFiles.ts'
import { openReader } from '../../src/git/objectReader.ts'
import { openRepository } from '../../src/git/repository.ts'
import { parseInputs } from '../../src/inputs/request.ts'
import { compareInstalls } from '../../src/scope/compareInstalls.ts'
import { temporaryOrigin } from '../helpers/git.ts'

const same = { kind: 'same' }

type Files = Readonly<Record<string, string | null>>

/** Whether two commits need two installations, where head differs by some files. */
async function installsOf(
  install: string,
  changes: Files,
  inputs: Readonly<Record<string, string>> = {},
) {
  await using origin = await temporaryOrigin()
  const pins = { pins: '-r pins.list\n', 'pins.list': 'sqlmesh\n', 'README.md': 'a\n' }
  const base = await origin.commit({ 'config.yaml': 'gateways: {}\n', ...pins }, 'Base')
  const head = await origin.commit(changes, 'Head')
  const clone = await origin.checkout({ ref: 'refs/heads/main', depth: 0 })
  const { objects } = await openRepository(clone)
  await using reader = await openReader(objects, tmpdir())
  const changed = await changedFiles(reader.git, { base, head })
  return await compareInstalls(reader.git, head, changed, parseInputs({ install, ...inputs }), {})
}

test.each<[string, Files, string]>([
  [
    'make env',
    { Makefile: 'env:\n' },
    'Makefile changed, and the input install may read it: `make env` may read any file',
  ],
  ['sh ci/env.sh', { 'README.md': 'b\n', 'ci/x': '' }, 'ci/x changed, and the input install may'],
  ['make env', { pins: null }, 'pins changed, and the input install may read it'],
  ['make env', { pins: '' }, 'pins changed, and the input install may read it'],
  [
    'pip install -r pins',
    { 'pins.list': 'sqlmesh==0.1\n' },
    'pins.list changed, and the input install reads it',
  ],
  ['pip install -r pins', { pins: 'sqlmesh\n' }, 'pins changed, and the input install reads it'],
  ['pip install -r pins', { pins: null }, 'pins is not there'],
  ['python -m pip install -r pins', { 'json.py': '' }, 'may import json.py'],
])('%s where %j differs', async (install, changes, because) => {
  const differ = { kind: 'differ', because: expect.stringContaining(because) }
  expect(await installsOf(install, changes)).toEqual(differ)
})

test.each<[string, Files, string]>([
  ['sh ci/env.sh', { 'pins.list': 'b\n' }, '`sh ci/env.sh` may read any file'],
  ['nix develop -c true', { 'README.md': 'b\n' }, 'may read any file'],
  ['pip install -e .', { 'README.md': 'b\n' }, 'the option -e is not known'],
  ['pip install -r pins', { pins: '-r gone\n' }, 'gone is not there'],
])('what %s reads is to be seen as it runs', async (install, changes, because) => {
  const unseen = { kind: 'unseen', because: expect.stringContaining(because) }
  expect(await installsOf(install, changes)).toEqual(unseen)
})

test('one installation does where it reads nothing that differs', async () => {
  expect(await installsOf('pip install -r pins', { 'README.md': 'b\n' })).toEqual(same)
  expect(await installsOf('make env', {})).toEqual(same)
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
  expect(await compareInstalls(reader.git, head, changed, request, {})).toEqual({
    kind: 'differ',
    because: expect.stringContaining('json.py'),
  })
})

test('nothing is installed where an interpreter is given', async () => {
  expect(await installsOf('make env', { Makefile: 'env:\n' }, { python: 'python3' })).toEqual(same)
})
