import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dependencyKey, readDependencyFiles } from '../../src/interpreter/dependencyFiles.ts'
import { dependencyFile } from '../helpers/dependencyFile.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { writeFiles } from '../helpers/writeFiles.ts'

const pathsOf = (files: readonly { path: string }[]) => files.map(({ path }) => path)

test('usual names in the project and above it, the nearest first, locks before requirements', async () => {
  await using folder = await temporaryFolder()
  await writeFiles(folder.path, {
    'uv.lock': '',
    'pyproject.toml': '',
    'data/warehouse/requirements.txt': '',
    'data/warehouse/poetry.lock': '',
    'data/warehouse/README.md': '',
    'data/requirements/dev.txt': '',
    'data/.python-version': '',
    'other/requirements.txt': '',
    'data/warehouse/models/requirements.txt': '',
  })
  expect(pathsOf(await readDependencyFiles(folder.path, ['data/warehouse'], null))).toEqual([
    'data/warehouse/poetry.lock',
    'data/warehouse/requirements.txt',
    'data/requirements/dev.txt',
    'data/.python-version',
    'uv.lock',
    'pyproject.toml',
  ])
})

test('files that the command names come first, and those they refer to', async () => {
  await using folder = await temporaryFolder()
  await writeFiles(folder.path, {
    'uv.lock': '',
    'reqs/prod.txt':
      '-r base.txt\n  --constraint=../pins.txt # ours\n-r /etc/passwd\n-r ../../up.txt\n',
    'reqs/base.txt': '-r prod.txt\n',
    'pins.txt': '',
    'tools/uv.lock': '',
  })
  const command = 'pip install -r reqs/prod.txt && uv sync --project tools'
  expect(pathsOf(await readDependencyFiles(folder.path, ['.'], command))).toEqual([
    'pins.txt',
    'reqs/base.txt',
    'reqs/prod.txt',
    'tools/uv.lock',
    'uv.lock',
  ])
})

test('no link is followed out of the tree', async () => {
  await using folder = await temporaryFolder()
  const tree = join(folder.path, 'tree')
  await writeFiles(folder.path, {
    'outside/requirements.txt': 'secret',
    'tree/real.txt': 'sqlmesh==1.0',
  })
  await symlink(join(folder.path, 'outside'), join(tree, 'project'))
  await symlink('/dev/zero', join(tree, 'uv.lock'))
  await symlink('uv.lock', join(tree, 'poetry.lock'))
  await symlink('real.txt', join(tree, 'requirements.txt'))
  const files = await readDependencyFiles(tree, ['project'], 'pip install -r /etc/passwd')
  expect(files.map(({ path, text, contents }) => [path, text, contents.unread])).toEqual([
    ['uv.lock', '', 'it is a link that leads out'],
    ['poetry.lock', '', 'it is a link that leads out'],
    ['requirements.txt', 'sqlmesh==1.0', null],
  ])
})

test('a key names paths and contents', () => {
  const file = (path: string, text: string) => dependencyFile(path, text)
  const key = dependencyKey([file('a', '1'), file('b', '2')])
  expect(dependencyKey([file('b', '2'), file('a', '1')])).toBe(key)
  expect(dependencyKey([file('a', '2'), file('b', '1')])).not.toBe(key)
  expect(dependencyKey([file('a', '1')])).not.toBe(key)
})

test('what a file refers to: packages of the repository, and requirements of any name', async () => {
  await using folder = await temporaryFolder()
  await writeFiles(folder.path, {
    'data/pyproject.toml':
      '[project]\ndynamic = ["dependencies"]\n[tool.setuptools.dynamic]\ndependencies = { file = ["deps.list"] }\n',
    'data/deps.list': '-e ./libs/common[web]\nsqlmesh==0.1\n',
    'libs/common/setup.cfg': '',
    'libs/other/setup.cfg': '',
  })
  const files = await readDependencyFiles(folder.path, ['data'], null)
  expect(pathsOf(files)).toEqual(['data/pyproject.toml', 'libs/common/setup.cfg', 'data/deps.list'])
})

test('more files than are read are not fewer', async () => {
  await using folder = await temporaryFolder()
  const many = Array.from({ length: 201 }, (_, index) => [`requirements-${index}.txt`, ''])
  await writeFiles(folder.path, Object.fromEntries(many))
  const files = await readDependencyFiles(folder.path, ['.'], null)
  expect(files.filter(({ contents }) => contents.unread !== null)).toMatchObject([
    { contents: { unread: 'there are too many of such files' } },
  ])
})
