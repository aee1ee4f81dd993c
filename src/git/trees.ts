import { mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { Failure, type Side } from '../failure.ts'
import { privateFolder } from '../privateFolder.ts'
import type { Commits } from './commits.ts'
import { firstLine, type Git } from './repository.ts'

/** Both commits' files, without .git, in a private folder that goes away with this object. */
export type Trees = AsyncDisposable & {
  /**
   * Runs `work` with one commit's files at the path that *both* commits get, one after the other.
   * A constant path is part of some hashes (`__file__` in a macro), so it must not differ.
   *
   * @param work also gets a private folder for whatever the load writes, fresh for each visit
   */
  readonly visit: <T>(side: Side, work: (tree: string, scratch: string) => Promise<T>) => Promise<T>
}

/**
 * Checks out both commits through a temporary index. The user's index, refs and files stay as
 * they are; `export-ignore` hides nothing, as it would with git archive.
 *
 * @param parent where the private folder is made
 * @throws Failure `git` that names the side
 */
export async function checkoutTrees(git: Git, commits: Commits, parent: string): Promise<Trees> {
  const folder = await privateFolder(parent, 'unsynced-')
  const home = folder.path
  try {
    for (const side of ['base', 'head'] as const) {
      await checkout(git, commits[side], side, home)
    }
    return { visit: visitor(home), [Symbol.asyncDispose]: folder[Symbol.asyncDispose] }
  } catch (error) {
    await folder[Symbol.asyncDispose]()
    throw error
  }
}

async function checkout(git: Git, commit: string, side: Side, home: string): Promise<void> {
  const index = path.join(home, `${side}.index`)
  try {
    await git(['read-tree', commit], { index })
    await mkdir(path.join(home, side))
    await git(['checkout-index', '--all', `--prefix=${path.join(home, side)}/`], { index })
  } catch (cause) {
    const message = `The files of the ${side} commit ${commit} could not be written: ${firstLine(cause)}`
    throw new Failure('git', message, {
      side,
      hint: 'Check the disk space of the runner, and that the clone is complete.',
      cause,
    })
  } finally {
    await rm(index, { force: true })
  }
}

function visitor(home: string): Trees['visit'] {
  return async (side, work) => {
    const place = path.join(home, 'tree')
    const scratch = path.join(home, 'scratch')
    await rename(path.join(home, side), place)
    await mkdir(scratch)
    try {
      return await work(place, scratch)
    } finally {
      await rename(place, path.join(home, side))
      await rm(scratch, { recursive: true, force: true })
    }
  }
}
