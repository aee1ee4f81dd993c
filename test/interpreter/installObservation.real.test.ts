import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { watchInstallation } from '../../src/interpreter/installObservation.ts'
import { clonesFiles } from '../helpers/clones.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { writeFiles } from '../helpers/writeFiles.ts'

/* What is seen of an installation, by what a shell does in the tree in its place. */

const run = promisify(execFile)
const clones = await clonesFiles()
const files = { Makefile: 'env:\n', pins: 'a\n', 'docs/a.md': 'a\n', 'src/a.py': 'a\n' }

/** Where `changed` differ between the commits. */
async function seen(script: string, changed: readonly string[] = ['docs/a.md'], tests = true) {
  await using folder = await temporaryFolder()
  await writeFiles(folder.path, files)
  const watch = await watchInstallation(folder.path, changed)
  if (tests) await watch.testBy((file) => readFile(file))
  await run('sh', ['-ec', script], { cwd: folder.path })
  return await watch.seen()
}

const same = (...left: readonly string[]) => ({ kind: 'same', left })
const differs = (because: string) => ({ kind: 'differs', because })

test.skipIf(clones).each([
  ['nothing that differs is read', 'cat pins src/a.py', same()],
  ['a file is read', 'cat docs/*', differs('it reads docs/a.md')],
  ['a file is copied', 'cp -r docs elsewhere', differs('it reads docs/a.md')],
  ['a file is moved, and read there', 'mv docs d && cat d/a.md', differs('it reads docs/a.md')],
  ['a file is read by a link', 'ln docs/a.md b && cat b', differs('it reads docs/a.md')],
  [
    'the time of a read is set back',
    'cat docs/a.md && touch -a -d @1 docs/a.md',
    differs('it reads docs/a.md'),
  ],
  ['a file is looked at', 'test -s docs/a.md && ls -l docs', same()],
  ['another file is written', 'echo b > pins', differs('it writes to pins')],
  ['another file is removed', 'rm pins', differs('it writes to pins')],
  ['a file is put in the place of a folder', 'rm -r src && touch src', differs('it writes to src')],
  ['a pipe is left', 'mkfifo p', differs('it leaves p, which cannot be copied')],
  [
    'files are left',
    'mkdir -p a.egg-info/b src/build && echo x > a.egg-info/b/c && echo y > src/build/d && ln -s pins e',
    same('a.egg-info', 'e', 'src/build'),
  ],
  [
    'a folder that nobody can look into is left',
    'mkdir -m 0 closed',
    process.getuid?.() === 0 ? same('closed') : differs('not all files could be looked at'),
  ],
  [
    'too much is left',
    'dd if=/dev/zero of=large bs=1M count=65 2> /dev/null',
    differs('it leaves too much beside the files of the commit'),
  ],
])('%s', async (_, script, expected) => {
  const found = await seen(script)
  const sorted = found.kind === 'same' ? { ...found, left: [...found.left].sort() } : found
  expect(sorted).toEqual(expected)
})

test('where reads leave no trace, that is what is seen', async () => {
  expect(await seen('true', [], false)).toEqual(differs('reads leave no trace here'))
})

test.skipIf(clones)('what is read for the test is gone before the installation', async () => {
  await using folder = await temporaryFolder()
  await mkdir(join(folder.path, 'docs'))
  await writeFile(join(folder.path, 'docs/a.md'), '')
  const watch = await watchInstallation(folder.path, [])
  let tested = ''
  await watch.testBy(async (file) => {
    tested = file
    await readFile(file)
  })
  await expect(stat(tested)).rejects.toThrow('ENOENT')
  expect(await watch.seen()).toEqual(same())
  await rm(folder.path, { recursive: true })
})
