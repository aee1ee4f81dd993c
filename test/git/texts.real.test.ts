import { appendFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { changedFiles } from '../../src/git/changedFiles.ts'
import { readTexts } from '../../src/git/changedTexts.ts'
import { openReader } from '../../src/git/objectReader.ts'
import { openRepository } from '../../src/git/repository.ts'
import { type FileDiff, parseDiff } from '../../src/git/textDiff.ts'
import { temporaryOrigin } from '../helpers/git.ts'

type Files = Readonly<Record<string, string | null>>

/** Texts of the change from one set of files to another, in a clone with these settings. */
async function texts(base: Files, head: Files, settings = '') {
  await using origin = await temporaryOrigin()
  const before = await origin.commit(base, 'Base')
  const after = await origin.commit(head, 'Head', 'feature')
  const folder = await origin.checkout({ ref: 'refs/heads/feature', depth: 0 })
  if (settings !== '') await appendFile(join(folder, '.git', 'config'), settings)
  const { objects } = await openRepository(folder)
  await using reader = await openReader(objects, tmpdir())
  const commits = { base: before, head: after }
  return await readTexts(reader.git, commits, await changedFiles(reader.git, commits))
}

const lines = (diff: FileDiff | undefined) =>
  diff?.hunks.flatMap(({ header, lines }) => [header, ...lines])

const model = (name: string, query: string) =>
  `-- What it is for\nMODEL (\n  name ${name}\n);\n\n${query}\n`

test('a changed model: its text, and the line on which it starts', async () => {
  const { diffs, modelLines } = await texts(
    { 'models/a.sql': model('a', 'SELECT 1 AS x') },
    { 'models/a.sql': model('a', 'SELECT 2 AS x') },
  )
  expect(lines(diffs.get('models/a.sql'))).toEqual([
    '@@ -3,4 +3,4 @@',
    '   name a',
    ' );',
    ' ',
    '-SELECT 1 AS x',
    '+SELECT 2 AS x',
  ])
  expect(modelLines.get('models/a.sql')).toBe(2)
})

test('files that come, go, move, and have nothing to show', async () => {
  const long = model('moved', Array.from({ length: 30 }, (_, n) => `SELECT ${n}`).join('\n'))
  const { diffs } = await texts(
    { 'gone.sql': 'SELECT 1\n', 'old.sql': long, 'same.sql': long.repeat(2), 'b.bin': '\0one' },
    {
      'gone.sql': null,
      'old.sql': null,
      'same.sql': null,
      'new.sql': long.replace('SELECT 7\n', 'SELECT 8\n'),
      'same elsewhere.sql': long.repeat(2),
      'come.sql': 'SELECT 2',
      'b.bin': '\0two',
    },
  )
  expect([...diffs.keys()].sort()).toEqual(['come.sql', 'gone.sql', 'new.sql'])
  expect(diffs.get('come.sql')).toMatchObject({ from: null, hunks: [{ lines: ['+SELECT 2'] }] })
  expect(diffs.get('gone.sql')).toMatchObject({ from: null, hunks: [{ lines: ['-SELECT 1'] }] })
  expect(diffs.get('new.sql')?.from).toBe('old.sql')
})

test('names are read as git means them', async () => {
  const names = ['a b.sql', 'tab\there.sql', 'quo"te.sql', 'back\\slash.sql', 'ü/é 日本.sql']
  const more = [':(top)odd.sql', '-dash.sql', 'diff --git a.sql', '*.sql']
  const all = [...names, ...more]
  const files = (text: string) =>
    Object.fromEntries(all.map((name) => [name, model('m', `SELECT ${text}`)]))
  const { diffs, modelLines } = await texts(files('1'), files('2'))
  expect([...diffs.keys()].sort()).toEqual([...all].sort())
  expect(modelLines.get('ü/é 日本.sql')).toBe(2)
})

test('lines that look like the format are lines', async () => {
  const text = '-- a/x\n++ b/x\n@@ -1 +1 @@\ndiff --git a/y b/y\n'
  const { diffs } = await texts({ 'a.sql': 'SELECT 1\n' }, { 'a.sql': text, 'b.sql': 'SELECT 3\n' })
  expect([...diffs.keys()]).toEqual(['a.sql', 'b.sql'])
  expect(lines(diffs.get('a.sql'))).toEqual([
    '@@ -1 +1,4 @@',
    '-SELECT 1',
    '+-- a/x',
    '+++ b/x',
    '+@@ -1 +1 @@',
    '+diff --git a/y b/y',
  ])
})

test('the repository’s settings neither change the format nor run a program', async () => {
  const hostile = `
[diff]
  external = touch pwned
  noprefix = true
  mnemonicPrefix = true
  context = 0
  colorMoved = zebra
  renames = false
  orderFile = /etc/passwd
  suppressBlankEmpty = true
[diff "sql"]
  textconv = touch pwned; cat
  command = touch pwned
[color]
  ui = always
[grep]
  column = true
  lineNumber = false
  patternType = fixed
  fullName = false
[core]
  quotePath = false
  pager = touch pwned
`
  const { diffs, modelLines } = await texts(
    { 'models/a.sql': model('a', 'SELECT 1 AS x'), '.gitattributes': '*.sql diff=sql\n' },
    { 'models/a.sql': model('a', 'SELECT 2 AS x') },
    hostile,
  )
  expect(lines(diffs.get('models/a.sql'))).toContain('-SELECT 1 AS x')
  expect(lines(diffs.get('models/a.sql'))?.[0]).toBe('@@ -3,4 +3,4 @@')
  expect(modelLines.get('models/a.sql')).toBe(2)
})

test('a large file is not read', async () => {
  const large = 'x\n'.repeat(200_000)
  const { diffs } = await texts(
    { 'large.csv': large, 'small.csv': 'x\n' },
    { 'large.csv': `${large}y\n`, 'small.csv': 'y\n' },
  )
  expect([...diffs.keys()]).toEqual(['small.csv'])
})

test('a path that git has to quote', () => {
  const header = ['diff --git "a/x\\ny\\303\\251" "b/x\\ny\\303\\251"', 'index 1..2 100644']
  const paths = ['--- "a/x\\ny\\303\\251"', '+++ "b/x\\ny\\303\\251"']
  const [diff] = parseDiff([...header, ...paths, '@@ -1 +1 @@', '-1', '+2'].join('\n'))
  expect(diff?.path).toBe('x\nyé')
})

test('no output is no difference', () => {
  expect(parseDiff('')).toEqual([])
})
