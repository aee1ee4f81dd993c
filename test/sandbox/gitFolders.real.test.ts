import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { findGitFolders } from '../../src/sandbox/gitFolders.ts'
import { git } from '../helpers/git.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

/** A folder with these files in it. */
async function folderWith(...files: readonly string[]) {
  const folder = await temporaryFolder()
  const at = (path: string) => join(folder.path, path)
  const write = async (path: string, text = 'x') => {
    await mkdir(dirname(at(path)), { recursive: true })
    await writeFile(at(path), text)
  }
  for (const file of files) await write(file)
  const inside = (places: readonly string[]) =>
    places.map((place) => place.slice(folder.path.length + 1))
  return {
    path: folder.path,
    at,
    write,
    inside,
    [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
  }
}

test('repositories at any depth, and in each of the places', async () => {
  const deep = `${'a/'.repeat(30)}b`
  const files = [`work/${deep}/.git/config`, 'work/.git/config', 'work/x/y', 'temp/sub/.git/config']
  await using place = await folderWith(...files)

  const places = [place.at('work'), place.at('work/a'), place.at('temp'), place.at('none'), '']
  const { found, unread } = await findGitFolders(places)

  expect(place.inside(found)).toEqual(['temp/sub/.git', 'work/.git', `work/${deep}/.git`])
  expect(unread).toEqual([])
})

test('worktrees, submodules and bare repositories: where git really keeps them', async () => {
  await using place = await folderWith('work/one/file', 'modules/file')
  await git(place.at('.'), ['init', '--quiet', '--bare', 'work/vendor/mirror.git'])
  await git(place.at('.'), ['init', '--quiet', 'outside'])
  await git(place.at('outside'), ['commit', '--quiet', '--allow-empty', '-m', 'one'])
  await git(place.at('outside'), ['worktree', 'add', '--quiet', place.at('work/deep/tree')])
  await git(place.at('.'), ['init', '--quiet', '--separate-git-dir=modules/sub', 'work/sub'])
  await mkdir(place.at('work/linked'))
  await symlink(place.at('outside/.git'), place.at('work/linked/.git'))

  const { found } = await findGitFolders([place.at('work')])

  expect(place.inside(found)).toEqual([
    'modules/sub',
    'outside/.git',
    'outside/.git/worktrees/tree',
    'work/deep/tree/.git',
    'work/sub/.git',
    'work/vendor/mirror.git',
  ])
})

test('no link is followed, and no file is believed that names any folder as git’s', async () => {
  await using place = await folderWith('elsewhere/.git/config', 'plain/file', 'work/file')
  await symlink(place.at('elsewhere'), place.at('work/link'))
  await symlink('..', place.at('work/round'))
  await place.write('work/lies/.git', `gitdir: ${place.at('plain')}\n`)
  await place.write(
    'work/long/.git',
    `gitdir: ${place.at('elsewhere/.git')}\n${' '.repeat(1 << 20)}`,
  )

  const { found } = await findGitFolders([place.at('work')])

  expect(place.inside(found)).toEqual(['work/lies/.git', 'work/long/.git'])
})

test('beyond a bound the folders are named that have to be hidden as a whole', async () => {
  const many = Array.from({ length: 40 }, (_, index) => `work/many/${index}/deep/file`)
  await using place = await folderWith('work/.git/config', 'work/few/file', ...many)

  const { found, unread } = await findGitFolders([place.at('work')], { entries: 60, unread: 3 })
  expect(place.inside(found)).toEqual(['work/.git'])
  expect(place.inside(unread)).toEqual(['work/many'])

  const late = await findGitFolders([place.at('work')], { milliseconds: -1 })
  expect(place.inside(late.unread)).toEqual(['work'])
  const crowded = await findGitFolders([place.at('work')], { found: 1 })
  expect(place.inside(crowded.unread)).toEqual(['work/few', 'work/many'])
})

test('a folder with a name that no path can say is hidden as a whole', async () => {
  await using place = await folderWith('work/a/file', 'work/b/file')
  await mkdir(Buffer.concat([Buffer.from(place.at('work/b/x')), Buffer.from([0xff])]))

  const { unread } = await findGitFolders([place.at('work')])

  expect(place.inside(unread)).toEqual(['work/b'])
})

test.skipIf(process.getuid?.() === 0)('what cannot be listed is hidden', async () => {
  await using place = await folderWith('work/closed/.git/config')
  await chmod(place.at('work/closed'), 0o311)

  const { found } = await findGitFolders([place.at('work')])

  await chmod(place.at('work/closed'), 0o755)
  expect(place.inside(found)).toEqual(['work/closed'])
})
