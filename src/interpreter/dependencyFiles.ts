import { createHash } from 'node:crypto'
import path from 'node:path'
import { type Contents, contents } from './formats/fileContents.ts'
import { formatRank, isDependencyFile, isInRequirements, readContents } from './formats/formats.ts'
import { pathsIn, requirementsIn } from './installCommand.ts'
import type { CommitFiles } from './installReads.ts'
import { treeSource } from './treeSource.ts'

/** A file that says what an environment consists of. */
export type DependencyFile = {
  /** Relative to the repository root, with forward slashes. */
  readonly path: string
  /** '' where it cannot be read; then `contents` say why. */
  readonly text: string
  readonly contents: Contents
  /** 0: the install command names it. Otherwise 1 and the number of folders above the project. */
  readonly distance: number
}

const MOST_FILES = 200
/** All of them together. */
const MOST_CHARACTERS = 64 * 1024 * 1024

/** A file to look at; `included` if pip reads it as requirements, whatever its name is. */
type Waiting = { readonly file: string; readonly distance: number; readonly included: boolean }

/**
 * Files of one commit's tree that decide its environment: those with the usual names in the project
 * folders and the folders above them, those that the install command names, and those that
 * these refer to.
 *
 * @param tree absolute folder with the commit's files; not trusted, so no link is followed out of it
 * @param projects project folders relative to it
 * @param command the input `install`, if it is given
 * @param requirements files that it has pip read, whatever their names are
 * @returns in the order in which they decide: by `rank`, then by path
 */
export async function readDependencyFiles(
  tree: string,
  projects: readonly string[],
  command: string | null,
  requirements: ReadonlySet<string> = requirementsIn(command ?? ''),
): Promise<readonly DependencyFile[]> {
  const source = await treeSource(tree)
  const named = [...new Set([...requirements, ...pathsIn(command ?? '')])]
  const waiting: Waiting[] = named.map((file) => ({
    file,
    distance: 0,
    included: requirements.has(file),
  }))
  for (const [folder, distance] of foldersOf(projects, named)) {
    for (const file of await usualFiles(source, folder)) {
      waiting.push({ file, distance, included: false })
    }
  }
  const found = new Map<string, DependencyFile>()
  let characters = 0
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (found.has(next.file)) continue
    const full = found.size >= MOST_FILES || characters > MOST_CHARACTERS
    const read = full ? TOO_MANY : await readFile(source, next)
    if (read === null) continue
    found.set(next.file, { ...read, path: next.file, distance: next.distance })
    if (full) break
    characters += read.text.length
    waiting.push(...referredTo(next, read.contents))
  }
  return [...found.values()].sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1))
}

type Read = Pick<DependencyFile, 'text' | 'contents'>

const TOO_MANY: Read = {
  text: '',
  contents: contents({ unread: 'there are too many of such files' }),
}

/** null where there is no such file. */
async function readFile(source: CommitFiles, { file, included }: Waiting): Promise<Read | null> {
  try {
    const text = await source.read(file)
    if (text === null) return null
    return { text, contents: readContents(file, text, included) }
  } catch (thrown) {
    return { text: '', contents: contents({ unread: (thrown as Error).message }) }
  }
}

/** A file with a lower rank decides over one with a higher one. */
export function rank({ path: file, distance }: Pick<DependencyFile, 'path' | 'distance'>): number {
  return distance * 100 + formatRank(file)
}

/** Names a set of dependency files; equal keys mean that they ask for the same. */
export function dependencyKey(files: readonly DependencyFile[]): string {
  const entries = files.map(({ path: file, text, contents: { unread } }) => [file, text, unread])
  return createHash('sha256').update(JSON.stringify(entries.sort())).digest('hex')
}

/** Folders to look in, with their distance: each project's, those above it, and those named. */
function foldersOf(
  projects: readonly string[],
  named: readonly string[],
): ReadonlyMap<string, number> {
  const distances = new Map(named.map((folder) => [folder, 1]))
  for (const project of projects) {
    let folder = path.posix.normalize(project)
    for (let distance = 1; ; distance += 1) {
      distances.set(folder, Math.min(distance, distances.get(folder) ?? distance))
      if (folder === '.') break
      folder = path.posix.dirname(folder)
    }
  }
  return distances
}

async function usualFiles(source: CommitFiles, folder: string): Promise<string[]> {
  const names = await source.list(folder)
  const further = names.includes('requirements')
    ? await source.list(path.posix.join(folder, 'requirements'))
    : []
  return [
    ...names.filter(isDependencyFile),
    ...further.map((name) => `requirements/${name}`).filter(isInRequirements),
  ].map((name) => path.posix.join(folder, name))
}

/** What a file includes, relative to its own folder, and what packages of the repository ask for themselves. */
function referredTo({ file, distance }: Waiting, { includes, local }: Contents): Waiting[] {
  const own = path.posix.dirname(file)
  const packages = local
    .map((written) => written.replace(/^file:(\/\/)?/, '').replace(/\[.*$/, ''))
    .flatMap((folder) => LOCAL_NAMES.map((name) => path.posix.join(folder, name)))
  const others = [
    ...includes.map((other) => ({ place: path.posix.join(own, other), included: true })),
    // pip means a package's folder relative to where it runs, other tools relative to the file.
    ...packages.flatMap((other) => [
      { place: path.posix.join(own, other), included: false },
      { place: path.posix.normalize(other), included: false },
    ]),
  ]
  return others
    .filter(({ place }) => !/^\/|^\.\.(\/|$)|:/.test(place))
    .map(({ place, included }) => ({ file: place, distance, included }))
}

/** Where a package says what it needs. */
const LOCAL_NAMES = ['pyproject.toml', 'setup.cfg', 'setup.py']
