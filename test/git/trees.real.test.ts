import { execFileSync } from 'node:child_process'
import { mkdir, readdir, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTrees } from '../../src/git/trees.ts'
import { git, type Origin, temporaryOrigin } from '../helpers/git.ts'
import { recordResult } from '../helpers/results.ts'
import { exists, temporaryFolder } from '../helpers/temporary.ts'
import { readLikeACheck, type Tree, UNREADABLE } from './reading.ts'

let origin: Origin
let bare: string
beforeAll(async () => {
  origin = await temporaryOrigin()
  bare = fileURLToPath(origin.url)
})
afterAll(async () => {
  recordResult('trees', { trees: refused.length + written.length })
  await origin[Symbol.asyncDispose]()
})

/** Name, text and mode of an entry: names are bytes, and git makes trees of any. */
type Entry = readonly [name: string | Buffer, text: string | Entry[], mode?: string]

function treeOf(entries: readonly Entry[]): string {
  const lines = entries.map(([name, text, mode = '100644']) => {
    const [kind, id] =
      typeof text === 'string'
        ? mode === '160000'
          ? ['160000 commit', text]
          : [`${mode} blob`, blob(text)]
        : ['040000 tree', treeOf(text)]
    return Buffer.concat([Buffer.from(`${kind} ${id}\t`), Buffer.from(name), Buffer.from('\0')])
  })
  return plain(['mktree', '-z', '--missing'], Buffer.concat(lines))
}

const blob = (text: string) => plain(['hash-object', '-w', '--stdin'], text)

function plain(args: readonly string[], input: string | Buffer): string {
  return execFileSync('git', ['-C', bare, ...args], { input, encoding: 'utf8' }).trim()
}

let branches = 0

/** What a check reads of a head with these files, on a base with one. */
async function read(entries: readonly Entry[], settings = '', options = { depth: 1 }) {
  branches += 1
  const branch = `b${branches}`
  const base = await origin.commit({ 'a.sql': 'SELECT 1\n', 'config.yaml': 'x' }, 'Base', branch)
  const tree = treeOf([['a.sql', 'SELECT 2\n'], ['config.yaml', 'x'], ...entries])
  const head = await git(bare, ['commit-tree', tree, '-p', base, '-m', 'Head'], { env: DATES })
  await git(bare, ['update-ref', `refs/heads/${branch}`, head])
  // Plain git refuses to check some of them out, so base is what is checked out.
  const clone = await origin.checkout({ ref: base, ...options })
  await git(clone, ['fetch', '--quiet', '--depth=1', 'origin', head])
  await git(clone, ['update-ref', '--no-deref', 'HEAD', head])
  await writeFile(join(clone, '.git', 'config'), settings, { flag: 'a' })
  return await readLikeACheck(clone, base)
}
const DATES = {
  GIT_AUTHOR_DATE: '1767600000 +0000',
  GIT_COMMITTER_DATE: '1767600000 +0000',
}

const usual = { 'a.sql': 'SELECT 2\n', 'config.yaml': 'x' }

const refused: readonly (readonly [string, readonly Entry[], RegExp])[] = [
  ['.git', [['.git', [['config', '[core]\n']]]], /invalid path '\.git\/config'/],
  ['.GIT', [['.GIT', [['config', '[core]\n']]]], /invalid path '\.GIT\/config'/],
  ['git~1', [['git~1', [['config', '[core]\n']]]], /invalid path/],
  ['.git with an ignorable character', [['.g\u200cit', [['config', '']]]], /invalid path/],
  ['.git as NTFS reads it', [['.git::$INDEX_ALLOCATION', [['config', '']]]], /invalid path/],
  ['..', [['..', [['up', '']]]], /invalid path/],
  [
    'a name longer than a file can have',
    [['x'.repeat(4096), '']],
    /unable to create file|too long/,
  ],
  [
    'a link with a name that is not UTF-8',
    [[Buffer.from('x\xff', 'latin1'), '/etc/passwd', '120000']],
    /the symbolic link x\ufffd has a name that is not UTF-8/,
  ],
  ['a link as .gitmodules', [['.gitmodules', '/etc/passwd', '120000']], /invalid path/],
]

test.each(refused)('%s is an error that names the side', async (_, entries, message) => {
  await expect(async () => await read(entries)).rejects.toThrow(message)
})

const written: readonly (readonly [string, readonly Entry[], Tree])[] = [
  [
    'twins in two normal forms',
    [
      ['caf\u00e9.sql', 'composed'],
      ['cafe\u0301.sql', 'decomposed'],
    ],
    { 'caf\u00e9.sql': 'composed', 'cafe\u0301.sql': 'decomposed' },
  ],
  ['twins but for case', [['A.SQL', 'upper']], { 'A.SQL': 'upper' }],
  [
    'a name that is not UTF-8',
    [[Buffer.from('x\xff.sql', 'latin1'), 'y']],
    { 'x\ufffd.sql': UNREADABLE },
  ],
  [
    'names that are more than names',
    [
      ['-rf', '1'],
      ['*', '2'],
      [':(top)x', '3'],
      ['a\nb', '4'],
      ['"', '5'],
      ['$(x)', '6'],
      ['con', '7'],
    ],
    { '-rf': '1', '*': '2', ':(top)x': '3', 'a\nb': '4', '"': '5', '$(x)': '6', con: '7' },
  ],
  ['a submodule', [['sub', '1'.repeat(40), '160000']], {}],
  ['a name as long as can be', [['y'.repeat(255), 'z']], { ['y'.repeat(255)]: 'z' }],
  ['a deep path', [deep(60)], { [`${'d/'.repeat(60)}f`]: 'deep' }],
  ['an executable', [['run.sh', '#!/bin/sh\n', '100755']], { 'run.sh': '#!/bin/sh\n' }],
  [
    'files that an archive would leave out or fill in',
    [
      ['.gitattributes', 'x.sql export-ignore\ny.sql export-subst\nz.sql ident\n'],
      ['x.sql', '1'],
      ['y.sql', '$Format:%H$'],
    ],
    {
      '.gitattributes': 'x.sql export-ignore\ny.sql export-subst\nz.sql ident\n',
      'x.sql': '1',
      'y.sql': '$Format:%H$',
    },
  ],
  ['10 MB', [['big.csv', 'x,y\n'.repeat(2_500_000)]], { 'big.csv': 'x,y\n'.repeat(2_500_000) }],
]

function deep(depth: number): Entry {
  return depth === 0 ? ['f', 'deep'] : ['d', [deep(depth - 1)]]
}

test.each(written)('%s: written as the commit has it', async (_, entries, files) => {
  const { head, linksOut } = await read(entries)
  expect(head).toEqual({ ...usual, ...files })
  expect(linksOut).toEqual([])
})

const link = (name: string, target: string): Entry => [name, target, '120000']

test('links that lead out of the repository are left out, whichever way they take', async () => {
  const inside: Entry[] = [
    ['models', [link('same.sql', '../a.sql'), link('up', '..'), link('none.sql', 'nowhere.sql')]],
    link('dir', 'models'),
    link('round.sql', 'dir/up/models/../a.sql'),
  ]
  const outside: Entry[] = [
    link('absolute.sql', '/proc/self/environ'),
    link('above.sql', '../../secret'),
    link('folder', '/etc'),
    link('loop', 'loop'),
    link('ring1', 'ring2'),
    link('ring2', 'ring1'),
    link('back.sql', '../head/a.sql'),
    link('through.sql', 'dir/up/../x'),
    link('sly.sql', 'p/q/r/../../../etc/passwd'),
    ['p', [['q', [link('r', '../..')]]]],
  ]
  const { head, linksOut } = await read([...inside, ...outside])
  expect(linksOut).toEqual(
    [
      ...['above.sql', 'absolute.sql', 'back.sql', 'folder', 'loop', 'ring1', 'ring2', 'sly.sql'],
      'through.sql',
    ].sort(),
  )
  expect(head).toEqual({
    ...usual,
    'models/same.sql': '→ ../a.sql',
    'models/up': '→ ..',
    'models/none.sql': '→ nowhere.sql',
    dir: '→ models',
    'round.sql': '→ dir/up/models/../a.sql',
    'p/q/r': '→ ../..',
  })
})

test('Git LFS: pointers stay, and are named', async () => {
  const text = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n'
  const attributes: Entry = ['.gitattributes', 'seeds/* filter=lfs diff=lfs merge=lfs -text\n']
  const seeds: Entry = [
    'seeds',
    [
      ['big.csv', text],
      ['small.csv', 'id\n1\n'],
    ],
  ]
  const { head, pointers } = await read([attributes, seeds])
  expect(pointers).toEqual(['seeds/big.csv'])
  expect(head['seeds/big.csv']).toBe(text)
})

test('what the user set for the checkout does not move a byte', async () => {
  const settings = '[core]\n autocrlf = true\n eol = crlf\n symlinks = false\n ignoreCase = true\n'
  const { head } = await read([['t.sql', 'a\nb\n'], link('l.sql', 'a.sql')], settings)
  expect(head).toEqual({ ...usual, 't.sql': 'a\nb\n', 'l.sql': '→ a.sql' })
})

test('replaced objects, grafts, sparse and skipped files: the commit’s own tree', async () => {
  const base = await origin.commit({ 'a.sql': '1\n', 'config.yaml': 'x' }, 'Base', 'hidden')
  await origin.commit({ 'a.sql': '2\n', 'b.sql': '3\n' }, 'Head', 'hidden')
  const clone = await origin.checkout({ ref: 'refs/heads/hidden', depth: 0 })
  const head = await git(clone, ['rev-parse', 'HEAD'])
  await git(clone, ['replace', head, base])
  await git(
    clone,
    [
      'replace',
      await git(clone, ['rev-parse', 'HEAD:a.sql']),
      await git(clone, ['hash-object', '-w', '--stdin'], { input: 'lie' }),
    ],
    { env: { GIT_NO_REPLACE_OBJECTS: '1' } },
  )
  await mkdir(join(clone, '.git', 'info'), { recursive: true })
  await writeFile(join(clone, '.git', 'info', 'grafts'), `${head}\n`)
  await writeFile(join(clone, '.git', 'info', 'sparse-checkout'), '/config.yaml\n')
  await git(clone, ['config', 'core.sparseCheckout', 'true'])
  const read = await readLikeACheck(clone, 'HEAD~1')
  expect(read.base).toEqual({ 'a.sql': '1\n', 'config.yaml': 'x' })
  expect(read.head).toEqual({ 'a.sql': '2\n', 'b.sql': '3\n', 'config.yaml': 'x' })
})

test('a partial clone: what it lacks is fetched at once, before any is written', async () => {
  const base = await origin.commit({ 'm/a.sql': '1\n', 'config.yaml': 'x' }, 'Base', 'partial')
  await origin.commit({ 'm/a.sql': '2\n', 'm/b.sql': '3\n' }, 'Head', 'partial')
  for (const filter of ['blob:none', 'tree:0']) {
    await using folder = await temporaryFolder()
    const clone = join(folder.path, 'clone')
    const options = [`--filter=${filter}`, '--quiet', '--no-checkout', '--branch=partial']
    await git(folder.path, ['clone', ...options, origin.url, clone])
    const { base: before, head: after } = await readLikeACheck(clone, base)
    expect(before).toEqual({ 'm/a.sql': '1\n', 'config.yaml': 'x' })
    expect(after).toEqual({ 'm/a.sql': '2\n', 'm/b.sql': '3\n', 'config.yaml': 'x' })
  }
})

test('links that a load puts in the place of folders are not followed', async () => {
  await using folder = await temporaryFolder()
  const base = await origin.commit({ 'm/a.sql': '1\n', 'config.yaml': 'x' }, 'Base', 'swapped')
  await origin.commit({ 'm/a.sql': '2\n' }, 'Head', 'swapped')
  const clone = await origin.checkout({ ref: 'refs/heads/swapped', depth: 0 })
  const read = await readLikeACheck(clone, base, async (home) => {
    await rename(join(home, 'base'), join(folder.path, 'stolen'))
    await symlink(folder.path, join(home, 'base'))
    await rename(join(home, 'head'), join(folder.path, 'stolen-too'))
    await mkdir(join(home, 'head'))
    await symlink(folder.path, join(home, 'head', 'm'))
  })
  expect(read.head).toEqual({ 'm/a.sql': '2\n', 'config.yaml': 'x' })
  expect(await exists(join(folder.path, 'm'))).toBe(false)
  expect(await exists(join(folder.path, 'a.sql'))).toBe(false)
})

test('each visit has an empty home, whatever the one before has left running', async () => {
  await using folder = await temporaryFolder()
  await using trees = await openTrees(folder.path)
  for (const side of ['base', 'head']) await mkdir(join(trees.loadFolder, '..', side))
  await trees.visit('base', (_, scratch) => writeFile(join(scratch, 'file'), ''))
  await mkdir(join(trees.scratch, 'late'), { recursive: true })

  expect(await trees.visit('head', (_, scratch) => readdir(scratch))).toEqual([])
})
