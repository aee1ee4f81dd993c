import { existsSync } from 'node:fs'
import { cp, mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { Failure, type Side } from '../platform/failure.ts'
import { tempFolder } from '../platform/tempFolder.ts'
import type { Commits } from './commits.ts'
import { firstLine, type Git } from './gitCommand.ts'
import { type Objects, openReader } from './objectReader.ts'
import { removeLinksOut } from './symbolicLinks.ts'

/** Paths of each commit, relative to the repository root. */
export type Only = Readonly<Record<Side, readonly string[]>>

/** How much of paths a command line takes everywhere; for more of them all files are as fast. */
const PATHS_LIMIT = 64 * 1024

/** Both commits' files, without .git, in a private folder that goes away with this object. */
export type Trees = AsyncDisposable & {
  /** The part of the private folder that a load sees: one commit at a time, and its `scratch`. */
  readonly loadFolder: string
  /** A folder that no load writes to, for what is taken from both commits' loads. */
  readonly models: string
  /** A folder for whatever a load writes, fresh and empty for each visit. */
  readonly scratch: string
  /**
   * Writes the files of both commits. The user's index, refs and files stay as they are;
   * `export-ignore` hides nothing, as it would with git archive.
   *
   * @param only no more than these files of each commit are asked for; more may be there
   * @returns paths of symbolic links that lead out of the repository, which are left out
   * @throws Failure `git` that names the side
   */
  readonly checkout: (
    objects: Objects,
    commits: Commits,
    only: Only | null,
  ) => Promise<readonly string[]>
  /** Brings the files that `only` left out. Between visits. */
  readonly complete: () => Promise<void>
  /** Writes all files of both commits anew, without what a load has written there. Between visits. */
  readonly restore: () => Promise<void>
  /**
   * Puts what lies beside base's files also beside head's, now and after each further checkout. Between visits.
   *
   * @param left paths in base's tree
   * @returns false if it cannot be copied; then nothing has happened
   */
  readonly share: (left: readonly string[]) => Promise<boolean>
  /**
   * Runs `work` with one commit's files at the path that *both* commits get, one after the other.
   * A constant path is part of some hashes (`__file__` in a macro), so it must not differ.
   *
   * @param work also gets `scratch`
   */
  readonly visit: <T>(side: Side, work: (tree: string, scratch: string) => Promise<T>) => Promise<T>
}

/**
 * Makes the private folder, with nothing in it yet.
 *
 * @param parent where it is made
 * @throws Failure `config` when no folder can be used
 */
export async function openTrees(parent: string): Promise<Trees> {
  const folder = await tempFolder(parent, '')
  const home = folder.path
  const loadFolder = path.join(home, 'load')
  const scratch = path.join(loadFolder, 'scratch')
  const models = path.join(home, 'models')
  await mkdir(loadFolder)
  await mkdir(models)
  const shared = path.join(home, 'shared')
  const sides = ['base', 'head'] as const
  let complete = async () => {}
  let restore = async () => {}
  const checkoutBoth: Trees['checkout'] = async (objects, commits, only) => {
    const ended = await Promise.allSettled(
      sides.map((side) => checkout(objects, commits[side], side, home, only?.[side] ?? null)),
    )
    restore = async () => {
      await checkoutBoth(objects, commits, null)
    }
    complete = only === null ? async () => {} : restore
    // Only now, as the folder must not go away while git still writes to it.
    const linksOut = ended.flatMap((one) => {
      if (one.status === 'rejected') throw one.reason
      return one.value
    })
    if (existsSync(shared)) {
      for (const side of sides) await copyInto(shared, path.join(home, side))
    }
    return [...new Set(linksOut)].sort()
  }
  const share = async (left: readonly string[]) => {
    try {
      for (const one of left) await copyInto(path.join(home, 'base', one), path.join(shared, one))
    } catch {
      await rm(shared, { recursive: true, force: true })
      return false
    }
    if (left.length > 0) await copyInto(shared, path.join(home, 'head'))
    return true
  }
  return {
    loadFolder,
    models,
    scratch,
    checkout: checkoutBoth,
    complete: () => complete(),
    restore: () => restore(),
    share,
    visit: visitor(home, scratch),
    [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
  }
}

async function copyInto(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
}

async function checkout(
  objects: Objects,
  commit: string,
  side: Side,
  home: string,
  only: readonly string[] | null,
): Promise<readonly string[]> {
  const place = path.join(home, side)
  const few = only !== null && only.join('').length < PATHS_LIMIT ? only : null
  try {
    // Whatever stands there: a load may have left a link to elsewhere.
    await rm(place, { recursive: true, force: true })
    await mkdir(place)
    await using reader = await openReader(objects, home, place)
    await reader.git(['read-tree', commit])
    const what = few === null ? ['--all'] : ['--', ...few]
    await reader.git(['checkout-index', '--force', '--quiet', ...what])
    return await removeLinksOut(place, await linksOf(reader.git))
  } catch (cause) {
    const message = `The files of the ${side} commit could not be written: ${firstLine(cause)}`
    throw new Failure('git', message, {
      side,
      hint: 'Check the disk space of the runner, and that the clone is complete.',
      cause,
    })
  }
}

/** Symbolic links of the commit that was read. @throws Error for one that cannot be looked at */
async function linksOf(git: Git): Promise<readonly string[]> {
  // Each is `MODE SHA STAGE TAB PATH NUL`.
  const listed = (await git(['ls-files', '-z', '--stage'])).split('\0')
  const links = listed
    .filter((entry) => entry.startsWith('120000 '))
    .map((entry) => entry.slice(entry.indexOf('\t') + 1))
  const odd = links.find((link) => link.includes('\ufffd'))
  if (odd === undefined) return links
  throw new Error(`the symbolic link ${odd} has a name that is not UTF-8`)
}

function visitor(home: string, scratch: string): Trees['visit'] {
  return async (side, work) => {
    const place = path.join(path.dirname(scratch), 'tree')
    await rename(path.join(home, side), place)
    try {
      await makeEmpty(scratch, side)
      return await work(place, scratch)
    } finally {
      await rename(place, path.join(home, side))
    }
  }
}

/** What an earlier visit left running may still write there, or make it anew. */
async function makeEmpty(scratch: string, side: Side): Promise<void> {
  try {
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 })
    await mkdir(scratch, { recursive: true })
  } catch (cause) {
    throw new Failure('load-failed', `The home of the ${side} load could not be emptied.`, {
      side,
      hint: 'Find out what in the project goes on writing to its home folder after it is loaded.',
      cause,
    })
  }
}
