import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { git, type Origin, temporaryOrigin } from './git.ts'
import { snapshot } from './snapshot.ts'

async function changedModel(origin: Origin) {
  await origin.commit({ 'a.sql': 'SELECT 1\n', 'b.sql': 'SELECT 1\n' }, 'Models')
  await origin.commit({ 'a.sql': 'SELECT 2\n' }, 'Change a', 'feature')
  await origin.commit({ 'b.sql': null, 'c.sql': 'SELECT 3\n' }, 'Replace b')
  return origin.pullRequest()
}

test('the merge ref is checked out alone, as by actions/checkout', async () => {
  await using origin = await temporaryOrigin()
  const pullRequest = await changedModel(origin)

  const clone = await origin.checkout({ ref: 'refs/pull/7/merge' })

  expect(await git(clone, ['ls-files'])).toBe('a.sql\nc.sql')
  expect(await git(clone, ['show', 'HEAD:a.sql'])).toBe('SELECT 2')
  expect(await git(clone, ['rev-parse', 'HEAD'])).toBe(pullRequest.mergeSha)
  expect(await git(clone, ['for-each-ref', '--format=%(refname)'])).toBe(
    'refs/remotes/pull/7/merge',
  )
  expect(await git(clone, ['rev-list', '--count', 'HEAD'])).toBe('1')
  expect(await git(clone, ['branch', '--show-current'])).toBe('')
  await expect(git(clone, ['cat-file', '-e', pullRequest.base.sha])).rejects.toThrow()
  await git(clone, ['fetch', '--quiet', '--depth=1', 'origin', pullRequest.base.sha])
  expect(await git(clone, ['show', `${pullRequest.base.sha}:c.sql`])).toBe('SELECT 3')
})

test('a full clone has the branches and the merge commit with its parents', async () => {
  await using origin = await temporaryOrigin()
  const { base, head } = await changedModel(origin)

  const clone = await origin.checkout({ ref: 'refs/pull/7/merge', depth: 0 })
  expect(await git(clone, ['rev-parse', 'HEAD^1', 'HEAD^2'])).toBe(`${base.sha}\n${head.sha}`)
  expect(await git(clone, ['rev-parse', 'origin/main'])).toBe(base.sha)
})

test('a branch and a commit can be checked out too', async () => {
  await using origin = await temporaryOrigin()
  const { head } = await changedModel(origin)

  const branch = await origin.checkout({ ref: 'refs/heads/feature' })
  expect(await git(branch, ['branch', '--show-current'])).toBe('feature')
  const commit = await origin.checkout({ ref: head.sha })
  expect(await git(commit, ['rev-parse', 'HEAD'])).toBe(head.sha)
})

test('branches in conflict have no merge ref', async () => {
  await using origin = await temporaryOrigin()
  await changedModel(origin)
  await origin.commit({ 'a.sql': 'SELECT 4\n' }, 'Change a too')
  expect((await origin.pullRequest()).mergeSha).toBeNull()
})

test('a merge queue holds base and head', async () => {
  await using origin = await temporaryOrigin()
  const group = await origin.mergeGroup(await changedModel(origin))
  const clone = await origin.checkout({ ref: group.headRef, depth: 2 })
  expect(await git(clone, ['rev-parse', 'HEAD', 'HEAD^1'])).toBe(
    `${group.headSha}\n${group.baseSha}`,
  )
})

test('the same calls give the same commits', async () => {
  await using one = await temporaryOrigin()
  await using two = await temporaryOrigin()
  expect(await changedModel(one)).toEqual(await changedModel(two))
})

test('a snapshot tells a touched file, index and ref, and leaves fetched objects out', async () => {
  await using origin = await temporaryOrigin()
  const { base } = await changedModel(origin)
  const clone = await origin.checkout({ ref: 'refs/pull/7/merge' })
  const before = await snapshot(clone)

  await git(clone, ['fetch', '--quiet', '--no-write-fetch-head', '--depth=1', 'origin', base.sha])
  expect(await snapshot(clone)).toEqual(before)
  await appendFile(join(clone, 'a.sql'), '-- touched\n')
  await git(clone, ['add', 'a.sql'])
  await git(clone, ['update-ref', 'refs/heads/new', base.sha])
  const after = await snapshot(clone)
  const touched = Object.keys(after).filter((path) => after[path] !== before[path])
  expect(touched.filter((path) => !path.startsWith('.git/logs/')).sort()).toEqual([
    '.git/index',
    '.git/refs/heads/new',
    'a.sql',
  ])
})
