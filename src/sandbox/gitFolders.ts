import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { isInside, real } from './comparePaths.ts'

/** Where git keeps what it is told below some folders: remotes with their tokens, above all. */
export type GitFolders = {
  /** Git's own folders, and the files that say where those are. */
  readonly found: readonly string[]
  /** Folders with more in them than is looked at, so that git's may be there too. */
  readonly unread: readonly string[]
}

/** A checkout with the packages of several languages has some 100,000 entries, read in 0.3 s. */
const BOUNDS = { entries: 2_000_000, milliseconds: 10_000, found: 500, unread: 50 }
export type Bounds = typeof BOUNDS

/** What `git rev-parse` takes for a repository (`is_git_directory` in setup.c), bare ones too. */
const OF_REPOSITORY = ['HEAD', 'objects', 'refs']

/** A file `.git` is one line; more of it is not read. */
const MOST_BYTES = 16 * 1024

/** Finds them while other work goes on. @param places folders; those that are not there hold none */
export async function findGitFolders(
  places: readonly string[],
  bounds: Partial<Bounds> = {},
): Promise<GitFolders> {
  const search = searched(places, { ...BOUNDS, ...bounds })
  for (;;) {
    const step = search.next()
    if (step.done === true) return step.value
    await setImmediate()
  }
}

/** The same at once, for the few folders that are only known when a sandbox is to be made. */
export function gitFoldersIn(place: string): GitFolders {
  const search = searched([place], BOUNDS)
  for (;;) {
    const step = search.next()
    if (step.done === true) return step.value
  }
}

/**
 * Level by level, so that what is near is found first, and through no symbolic link: what one leads to is
 * elsewhere. Stops for a moment after every 50 folders.
 */
function* searched(places: readonly string[], bounds: Bounds): Generator<void, GitFolders> {
  const roots = outermost(places.filter(path.isAbsolute).flatMap((place) => real(place) ?? []))
  const found = new Set<string>()
  const unread = new Set<string>()
  const folders = [...roots]
  const until = performance.now() + bounds.milliseconds
  let left = bounds.entries
  let next = 0
  for (; next < folders.length; next += 1) {
    if (left <= 0 || found.size >= bounds.found || performance.now() > until) break
    const seen = lookInto(folders[next] as string)
    left -= seen.entries
    for (const place of seen.found) found.add(place)
    for (const place of seen.unread) unread.add(place)
    for (const place of seen.folders) folders.push(place)
    if (next % 50 === 49) yield
  }
  const rest = few(folders.slice(next), roots, bounds.unread)
  return { found: [...found].sort(), unread: outermost([...unread, ...rest]) }
}

/** One folder: what of it is git's, cannot be looked at, and has to be looked into. */
function lookInto(folder: string): GitFolders & { folders: readonly string[]; entries: number } {
  const nothing = { found: [], unread: [], folders: [] }
  const entries = entriesOf(folder)
  // What cannot be listed may be entered by whoever knows the names.
  if (entries === null) return { ...nothing, found: [folder], entries: 1 }
  const names = new Set(entries.map(({ name }) => name))
  const about = { ...nothing, entries: entries.length }
  if (OF_REPOSITORY.every((name) => names.has(name))) return { ...about, found: [folder] }
  // A name that is not UTF-8 has no path here, so that nothing in it could be hidden by itself.
  if ([...names].some((name) => name.includes('\ufffd'))) return { ...about, unread: [folder] }
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== '.git')
  return {
    ...about,
    found: names.has('.git') ? gitFolder(folder) : [],
    folders: folders.map(({ name }) => path.join(folder, name)),
  }
}

/** The deepest folders that hold all of these and are no more than so many. */
function few(folders: readonly string[], roots: readonly string[], most: number): string[] {
  const parts = folders.map((folder) => {
    const root = roots.find((one) => isInside(folder, one)) ?? folder
    return [root, ...path.relative(root, folder).split(path.sep).filter(Boolean)]
  })
  for (let depth = Math.max(1, ...parts.map((part) => part.length)); depth > 1; depth -= 1) {
    const above = new Set(parts.map((part) => path.join(...part.slice(0, depth))))
    if (above.size <= most) return [...above]
  }
  return [...new Set(parts.map(([root]) => root as string))]
}

/** In a linked worktree or a submodule `.git` is a file that says where the folder is. */
function gitFolder(folder: string): string[] {
  const place = path.join(folder, '.git')
  const own = /^gitdir: (.*)$/m.exec(smallText(place))?.[1]
  if (own === undefined) return [real(place) ?? place]
  const named = [path.resolve(folder, own)]
  const common = smallText(path.join(named[0] as string, 'commondir')).trim()
  if (common !== '') named.push(path.resolve(named[0] as string, common))
  // Only what is a repository: whoever writes such a file could name any folder.
  const repositories = named.filter((one) => existsSync(path.join(one, 'HEAD')))
  return [place, real(place) ?? place, ...repositories.flatMap((one) => real(one) ?? [])]
}

/** The text of such a file; '' for what is none, or cannot be read. */
function smallText(file: string): string {
  try {
    const status = statSync(file)
    return status.isFile() && status.size <= MOST_BYTES ? readFileSync(file, 'utf8') : ''
  } catch {
    return ''
  }
}

/** Without those that lie in another of them; sorted. */
function outermost(places: readonly string[]): string[] {
  const sorted = [...new Set(places)].sort()
  return sorted.filter((place) => !sorted.some((one) => one !== place && isInside(place, one)))
}

/** null where there is something that this user may not list. */
function entriesOf(folder: string): Dirent[] | null {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? null : []
  }
}
