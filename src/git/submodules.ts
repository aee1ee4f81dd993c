import { appendFile, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { Failure, type Side } from '../platform/failure.ts'
import { tempFolder } from '../platform/tempFolder.ts'
import { type Commits, fetchCommit } from './commits.ts'
import { firstLine, type Git, GitError } from './gitCommand.ts'
import { cloneOf, type Gitlink, type GitlinkPlace, gitlinksOf } from './gitlinks.ts'
import { type Objects, openReader } from './objectReader.ts'
import { completeCommits } from './partialClone.ts'
import { gitIn, type Repository } from './repository.ts'

/** A submodule whose files this clone does not have. */
export type Unread = {
  readonly path: string
  readonly side: Side
  /** The commit of its repository that is asked for. */
  readonly commit: string
  readonly why: 'no-entry' | 'not-populated' | 'no-commit' | 'too-many'
  /** What git said. */
  readonly reason: string
}

/** Both commits with the files of their submodules in them, as a checkout with submodules has them. */
export type Submodules = AsyncDisposable & {
  /** To be read from `objects` alone: they are made for that, and nobody else knows them. */
  readonly commits: Commits
  readonly objects: Objects
  /** These stay what they were: a path and a commit. */
  readonly unread: readonly Unread[]
}

/** Submodules of submodules, and how many altogether. */
const MOST_DEEP = 8
const MOST = 200

/**
 * Puts the files of submodules into both commits, as far as the clone has them. What a shallow clone of a
 * submodule lacks is fetched, as it is for the repository itself: only objects are added. No other program
 * than git's own runs, and nothing is read from elsewhere than where git puts submodules.
 *
 * @param parent where a private folder is made
 */
export async function readSubmodules(
  repository: Repository,
  commits: Commits,
  parent: string,
): Promise<Submodules> {
  await using plain = await openReader(repository.objects, parent)
  const sides = ['base', 'head'] as const
  const listed = await Promise.all(sides.map((side) => gitlinksOf(plain.git, commits[side])))
  if (listed.every((links) => links.length === 0)) {
    const nothing = { commits, objects: repository.objects, unread: [] }
    return { ...nothing, [Symbol.asyncDispose]: async () => {} }
  }
  const store = await openStore(repository.objects, parent)
  try {
    await using reader = await openReader(store.objects, parent)
    const top = await topOf(repository)
    const context = { git: reader.git, store, left: MOST, tried: new Map() }
    const base = await expanded('base', commits.base, top, context)
    const head = await expanded('head', commits.head, top, context)
    return {
      commits: { base: base.commit, head: head.commit },
      objects: store.objects,
      unread: [...base.unread, ...head.unread],
      [Symbol.asyncDispose]: store[Symbol.asyncDispose],
    }
  } catch (cause) {
    await store[Symbol.asyncDispose]()
    if (!(cause instanceof GitError)) throw cause
    throw new Failure('git', `The files of submodules could not be read: ${firstLine(cause)}`, {
      hint: 'Check that the clones of the submodules are complete: `git submodule foreach git fsck`.',
      cause,
    })
  }
}

/** Objects of ours: new ones are written there, and all that is borrowed is read as if it were there too. */
type Store = AsyncDisposable & {
  readonly objects: Objects
  readonly borrow: (folder: string) => Promise<void>
}

async function openStore({ folder, format }: Objects, parent: string): Promise<Store> {
  const own = await tempFolder(parent, 'objects-')
  await mkdir(path.join(own.path, 'info'))
  const borrowed = new Set<string>()
  const borrow = async (place: string) => {
    // git-repository-layout: one path a line.
    if (borrowed.has(place) || place.includes('\n')) return
    borrowed.add(place)
    await appendFile(path.join(own.path, 'info', 'alternates'), `${place}\n`)
  }
  await borrow(folder)
  return {
    objects: { folder: own.path, format },
    borrow,
    [Symbol.asyncDispose]: own[Symbol.asyncDispose],
  }
}

async function topOf({ root, git }: Repository): Promise<GitlinkPlace> {
  const asked = ['rev-parse', '--path-format=absolute', '--git-path', 'modules']
  return { worktree: root, modules: await git(asked) }
}

type Context = {
  readonly git: Git
  readonly store: Store
  /** How many submodules may still be looked at. */
  left: number
  /** What came of it, by clone and commit. */
  readonly tried: Map<string, Promise<string | null>>
}

/** One commit with its submodules' files. */
async function expanded(
  side: Side,
  commit: string,
  top: GitlinkPlace,
  context: Context,
): Promise<{ readonly commit: string; readonly unread: readonly Unread[] }> {
  const { git } = context
  const unread: Unread[] = []
  const found: { path: string; commit: string }[] = []
  const visit = async (from: string, prefix: string, place: GitlinkPlace, depth: number) => {
    for (const link of await gitlinksOf(git, from)) {
      const full = `${prefix}${link.path}`
      const got = await obtain(link, place, depth, context)
      if ('why' in got) {
        unread.push({ path: full, side, commit: link.commit, ...got })
        continue
      }
      found.push({ path: full, commit: link.commit })
      await visit(link.commit, `${full}/`, got, depth + 1)
    }
  }
  await visit(commit, '', top, 0)
  return { commit: found.length === 0 ? commit : await composed(git, commit, found), unread }
}

type Obtained = GitlinkPlace | Pick<Unread, 'why' | 'reason'>

/** Makes a submodule's commit readable, and says where its own submodules are. */
async function obtain(
  link: Gitlink,
  place: GitlinkPlace,
  depth: number,
  context: Context,
): Promise<Obtained> {
  if (link.name === null) return { why: 'no-entry', reason: '' }
  context.left -= 1
  // A path that is not UTF-8 cannot be told from others.
  if (context.left < 0 || depth >= MOST_DEEP || link.path.includes('\ufffd')) {
    return { why: 'too-many', reason: '' }
  }
  const clone = await cloneOf(link, place)
  if (clone === null) return { why: 'not-populated', reason: '' }
  await context.store.borrow(clone.objects)
  const key = `${clone.objects}\n${link.commit}`
  const trying = context.tried.get(key) ?? bring(link.commit, clone, context)
  context.tried.set(key, trying)
  const reason = await trying
  return reason === null ? clone : { why: 'no-commit', reason }
}

/** @returns null when all of the commit's files are here; else why not */
async function bring(
  commit: string,
  { folder, objects }: { readonly folder: string; readonly objects: string },
  { git, store }: Context,
): Promise<string | null> {
  if (await isWhole(git, commit)) return null
  const own = gitIn(folder)
  try {
    await fetchCommit(own, commit)
    const borrowed = { folder: objects, format: store.objects.format }
    await completeCommits({ git: own, objects: borrowed }, { base: commit, head: commit })
  } catch (error) {
    return firstLine(error)
  }
  return (await isWhole(git, commit)) ? null : 'the remote does not give all of it'
}

/** Whether a commit and all of its files can be read. */
async function isWhole(git: Git, commit: string): Promise<boolean> {
  const list = ['rev-list', '--objects', '--no-walk', '--missing=print', '--end-of-options']
  const listed = await git([...list, commit]).catch(() => '?')
  return listed !== '' && !/^\?/m.test(listed)
}

/** A commit like this one, in which submodules are folders. */
async function composed(
  git: Git,
  commit: string,
  submodules: readonly { readonly path: string; readonly commit: string }[],
): Promise<string> {
  await git(['read-tree', commit])
  // Those that hold others come first.
  for (const { path: place, commit: own } of submodules) {
    const nothing = '0'.repeat(own.length)
    await git(['update-index', '-z', '--index-info'], `0 ${nothing}\t${place}\0`)
    await git(['read-tree', '-i', `--prefix=${place}/`, own])
  }
  const tree = await git(['write-tree', '--missing-ok'])
  const text = await git(['cat-file', 'commit', commit])
  // Literally, as old commits may have what git would not write today.
  const written = ['hash-object', '-t', 'commit', '-w', '--literally', '--stdin']
  return await git(written, text.replace(/^tree [0-9a-f]+/, `tree ${tree}`))
}
