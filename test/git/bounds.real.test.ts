import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { gitIn } from '../../src/git/repository.ts'
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
