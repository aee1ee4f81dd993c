import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeReport } from '../../src/github/runner.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

test('steps of one job that have one comment keep a report each', async () => {
  await using folder = await temporaryFolder()
  const texts = ['first', 'second', 'third']
  const files: string[] = []
  for (const text of texts) files.push(await writeReport(folder.path, 'abc', '.json', text))
  expect(files.map((file) => file.slice(folder.path.length + 1))).toEqual([
    'unsynced-abc.json',
    'unsynced-abc-2.json',
    'unsynced-abc-3.json',
  ])
  expect(await Promise.all(files.map((file) => readFile(file, 'utf8')))).toEqual(texts)
})

test('a link that is in the place of a report is not followed', async () => {
  await using folder = await temporaryFolder()
  const [victim, temporary] = [join(folder.path, 'victim'), join(folder.path, 'temp')]
  await writeFile(victim, 'as it was')
  await mkdir(temporary)
  await symlink(victim, join(temporary, 'unsynced-abc.html'))
  await writeReport(temporary, 'abc', '.html', '<html>')
  expect(await readFile(victim, 'utf8')).toBe('as it was')
})
