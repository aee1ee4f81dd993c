import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { Failure } from '../platform/failure.ts'
import { type Commits, QUIETLY } from './commits.ts'
import { firstLine } from './gitCommand.ts'
import type { Repository } from './repository.ts'

/** Folders are fetched level by level where a clone lacks them too. */
const MOST_ROUNDS = 64

/**
 * Brings what a partial clone (`filter: blob:none`) left at the remote of two commits' files, all at
 * once: later git could only ask for them one by one, and after the project's code has run it is not
 * to ask at all.
 *
 * @throws Failure `git` when they cannot be had
 */
export async function completeCommits(
  { git, objects }: Pick<Repository, 'git' | 'objects'>,
  { base, head }: Commits,
): Promise<void> {
  const packs = await readdir(path.join(objects.folder, 'pack')).catch(() => [])
  if (!packs.some((file) => file.endsWith('.promisor'))) return
  try {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const missing = (await git([...LIST, base, head]))
        .split('\n')
        .filter((line) => line.startsWith('?'))
        .map((line) => line.slice(1))
      if (missing.length === 0) return
      await git(FETCH, `${missing.join('\n')}\n`)
    }
    throw new Error('the remote does not give them')
  } catch (cause) {
    throw new Failure(
      'git',
      `The files that this partial clone lacks could not be fetched: ${firstLine(cause)}`,
      {
        hint: 'Let actions/checkout keep its credentials, or leave out its `filter`.',
        cause,
      },
    )
  }
}

const LIST = ['rev-list', '--objects', '--no-walk', '--missing=print', '--end-of-options']

/** As git itself fetches what a command turns out to need (promisor-remote.c), but for many at once. */
const FETCH = [
  '-c',
  'fetch.negotiationAlgorithm=noop',
  'fetch',
  ...QUIETLY,
  '--filter=blob:none',
  '--stdin',
  '--end-of-options',
  'origin',
]
