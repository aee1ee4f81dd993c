import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveCommits } from '../../src/git/commits.ts'
import type { Git } from '../../src/git/gitCommand.ts'
import { openRepository } from '../../src/git/repository.ts'
import { Failure } from '../../src/platform/failure.ts'
import { git, type Origin, temporaryOrigin } from '../helpers/git.ts'
import { recordResult } from '../helpers/results.ts'

/*
 * A name from outside is a name: whatever it looks like, git runs nothing because of it, and no ref of
 * the user's moves. Names that a branch can have are branches at origin, and are found.
 */

const mark = 'sprung'
const touch = `touch\${IFS}${mark}`

const possible = [
  `--upload-pack=${touch}`,
  `--upload-pack=${touch};`,
  `--exec=${touch}`,
  `--output=${mark}`,
  '--git-dir=/tmp',
  '--all',
  '--help',
  '--stdin',
  '--refmap=refs/heads/main',
  '-h',
  '-x',
  '-c',
  '--',
  '@everyone',
  '@',
  `$(${touch})`,
  `\`${touch}\``,
  `;${touch};`,
  `|${touch}`,
  `&&${touch}`,
  `a"b<img>|c`,
  "a'b",
  '\u202egnp.exe',
  '🚀/é日本',
  '%0a',
  'x'.repeat(200),
  'refs/heads/main',
  'HEAD',
  'FETCH_HEAD',
]

const impossible = [
  '',
  ' ',
  'main:refs/heads/evil',
  '+main:refs/heads/main',
  'refs/heads/*:refs/heads/*',
  '*',
  '^main',
  'main..main',
  'main...main',
  '@{-1}x',
  'main@{99}',
  'HEAD^{/nothing}',
  ':/nothing',
  'main^{tree}',
  'main:config.yaml',
  'a b',
  'a\nb',
  'a\0b',
  '../../../etc/passwd',
  'x.lock',
  'x~9999',
  `ext::sh -c ${touch}`,
  'file:///tmp',
]

let origin: Origin
let clone: string
const shas = new Map<string, string>()
let refs: string
let command: Git

beforeAll(async () => {
  origin = await temporaryOrigin()
  const base = await origin.commit({ 'a.txt': 'base' }, 'Base')
  // Each has a commit of its own, so that finding another shows.
  const bare = new URL(origin.url).pathname
  for (const name of [...possible, 'f'.repeat(40)]) {
    const tree = await git(bare, ['rev-parse', `${base}^{tree}`])
    const sha = await git(bare, ['commit-tree', tree, '-p', base, '-m', `On ${name}`])
    await git(bare, ['update-ref', `refs/heads/${name}`, sha])
    await git(bare, ['update-ref', `refs/heads/a/refs/heads/${name}`, base])
    shas.set(name, sha)
  }
  await origin.commit({ 'a.txt': 'more' }, 'More')
  clone = await origin.checkout({ ref: 'refs/heads/main', depth: 1 })
  refs = await refsOf(clone)
  command = (await openRepository(clone)).git
})

afterAll(async () => {
  recordResult('refs', { names: possible.length + impossible.length, runs })
  await origin[Symbol.asyncDispose]()
})

async function refsOf(repository: string): Promise<string> {
  return await git(repository, ['for-each-ref'])
}

const ways = {
  base: (name: string) => ({ base: { kind: 'commit', revision: name } }) as const,
  'merge-base': (name: string) => ({ base: { kind: 'merge-base', with: name } }) as const,
  'default branch': (name: string) => ({ base: { kind: 'default-branch', name } }) as const,
  head: (name: string) => ({ head: name, base: { kind: 'commit', revision: 'HEAD' } }) as const,
  'ref of head': (name: string) =>
    ({
      head: '1'.repeat(40),
      headFetchRef: `refs/heads/${name}`,
      base: { kind: 'commit', revision: 'HEAD' },
    }) as const,
}

let runs = 0

async function resolved(wanted: object) {
  runs += 1
  const all = { head: 'HEAD', headFetchRef: null, ...wanted }
  try {
    return await resolveCommits(command, all as Parameters<typeof resolveCommits>[1])
  } catch (error) {
    expect(error).toBeInstanceOf(Failure)
    expect(error).toMatchObject({ code: 'git' })
    return null
  } finally {
    for (const place of [clone, new URL(origin.url).pathname, process.cwd()]) {
      expect(existsSync(join(place, mark)), 'a program ran').toBe(false)
    }
    expect(await refsOf(clone), 'a ref moved').toBe(refs)
  }
}

test.each(possible)('a branch may be called %j', async (name) => {
  const sha = shas.get(name)
  // What has a meaning of its own here is that, as for git: the checked-out commit, and options of a clone.
  const known = await git(clone, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    name,
  ]).catch(() => sha)
  expect((await resolved(ways.base(name)))?.base).toBe(known)
  expect((await resolved(ways.head(name)))?.head).toBe(known)
  for (const way of ['merge-base', 'default branch', 'ref of head'] as const) {
    await resolved(ways[way](name))
  }
})

test.each(['--all', '-x', '--upload-pack=x'])(
  'a branch known here alone may be called %j',
  async (name) => {
    const other = await origin.checkout({ ref: 'refs/heads/main', depth: 0 })
    const before = await git(other, ['rev-parse', 'HEAD~1'])
    await git(other, ['update-ref', `refs/heads/${name}-here`, before])
    const opened = await openRepository(other)
    const wanted = { head: 'HEAD', headFetchRef: null, ...ways.base(`${name}-here`) }
    expect((await resolveCommits(opened.git, wanted)).base).toBe(before)
  },
)

test.each(impossible)('no branch can be called %j', async (name) => {
  for (const way of Object.values(ways)) {
    const found = await resolved(way(name))
    expect(found === null || /^[0-9a-f]{40}$/.test(found.base)).toBe(true)
  }
  expect(await resolved(ways['ref of head'](name))).toBe(null)
})

test('40 digits are a commit, also where a branch has that name', async () => {
  const name = 'f'.repeat(40)
  expect(await resolved(ways.base(name))).toBe(null)
})

test('a tag with the name of the default branch is not the default branch', async () => {
  const other = await origin.checkout({ ref: 'refs/heads/main', depth: 0 })
  const main = await git(other, ['rev-parse', 'refs/heads/main'])
  await git(other, ['tag', 'main', 'HEAD~1'])
  const opened = await openRepository(other)
  const found = await resolveCommits(opened.git, {
    head: 'HEAD',
    headFetchRef: null,
    base: { kind: 'default-branch', name: 'main' },
  })
  expect(found.base).toBe(main)
})
