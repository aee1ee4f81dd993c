import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { watchAccess } from '../../src/interpreter/accessTimes.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

/* What the kernel says of reads, whoever reads. */

const run = promisify(execFile)
const python = (code: string) => (path: string) => run('python3', ['-I', '-c', code, path])

const reads: readonly (readonly [string, (path: string) => Promise<unknown>])[] = [
  ['Node', (path) => readFile(path)],
  ['another program', (path) => run('cat', [path])],
  ['Python', python('import sys; open(sys.argv[1]).read()')],
  ['a fork of Python', python('import os, sys; os.fork() or open(sys.argv[1]).read()')],
  [
    'a memory map',
    python(
      'import mmap, sys; f = open(sys.argv[1]); print(mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)[0])',
    ),
  ],
  [
    'a copy in the kernel',
    python(
      'import os, sys; os.sendfile(os.open("/dev/null", os.O_WRONLY), os.open(sys.argv[1], os.O_RDONLY), 0, 10)',
    ),
  ],
]

test.each(reads)('%s reads a file', async (_, read) => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'a.csv')
  await writeFile(path, 'a,b\n1,2\n')
  const accessed = await watchAccess([path])
  expect(await accessed()).toEqual([])
  await read(path)
  await expect.poll(accessed).toEqual([path])
})

test('a look at a file is no read; nor is how files are searched for names', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'a.sql')
  await writeFile(path, 'SELECT 1\n')
  const accessed = await watchAccess([path])
  await stat(path)
  const sources = join(import.meta.dirname, '..', '..', 'python')
  const search = `import sys; sys.path.insert(0, ${JSON.stringify(sources)}); from unsynced.narrow.sql_files import read_untraced; from pathlib import Path; print(read_untraced(Path(sys.argv[1])))`
  const { stdout } = await run(sqlmeshPython, ['-c', search, path])
  expect(stdout.trim()).toBe('SELECT 1')
  expect(await accessed()).toEqual([])
})

test('a list of a folder, and what was taken away', async () => {
  await using folder = await temporaryFolder()
  const [listed, gone] = ['listed', 'gone'].map((name) => join(folder.path, name))
  await mkdir(listed as string)
  await writeFile(gone as string, '')
  const accessed = await watchAccess([listed as string, gone as string, join(folder.path, 'never')])
  expect(await accessed()).toEqual([])
  await readdir(listed as string)
  await rm(gone as string)
  expect(await accessed()).toEqual([listed, gone])
})
