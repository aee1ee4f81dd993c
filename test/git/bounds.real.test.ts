import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openReader } from '../../src/git/objectReader.ts'
import { gitIn, openRepository } from '../../src/git/repository.ts'
import { git } from '../helpers/git.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

/* A question to git ends, whatever git, its remote or the repository does. */

const plenty = { bytes: 1024 * 1024, seconds: 60 }
const fetch = ['fetch', '--quiet', 'origin', 'main']

test('a remote that never answers', async () => {
  await using folder = await temporaryFolder()
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await git(folder.path, ['init', '--quiet'])
  await git(folder.path, ['remote', 'add', 'origin', `http://127.0.0.1:${port}/shop.git`])
  const bounded = gitIn(folder.path, { local: plenty, remote: { ...plenty, seconds: 1 } })
  await expect(bounded(fetch)).rejects.toThrow('git fetch took more than 1 seconds')
  server.close()
})

test('more than fits', async () => {
  await using folder = await temporaryFolder()
  await git(folder.path, ['init', '--quiet'])
  const small = { ...plenty, bytes: 10 }
  const bounded = gitIn(folder.path, { local: small, remote: small })
  await expect(bounded(['rev-parse', '--absolute-git-dir'])).rejects.toThrow(
    'git rev-parse took more than 10 bytes',
  )
  await expect(bounded(['cat-file', '--batch-check'], 'x\n'.repeat(100))).rejects.toThrow(
    'git cat-file took more than 10 bytes',
  )
  await expect(bounded(['ls-remote', folder.path])).resolves.toBe('')
})

test('what git printed before something killed it is no answer', async () => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'git'), '#!/bin/sh\necho half\nkill -9 $$\n')
  await chmod(join(folder.path, 'git'), 0o755)
  onTestFinished(() => void vi.unstubAllEnvs())
  vi.stubEnv('PATH', `${folder.path}:${process.env['PATH']}`)
  await expect(gitIn(folder.path)(['ls-tree', 'HEAD'])).rejects.toThrow(
    'git ls-tree ended with a signal',
  )
})

test('no blobs are no question, for which git would wait', async () => {
  await using folder = await temporaryFolder()
  await git(folder.path, ['init', '--quiet'])
  const { objects } = await openRepository(folder.path)
  await using reader = await openReader(objects, tmpdir())
  expect(await reader.contents([], 10)).toHaveLength(0)
})
