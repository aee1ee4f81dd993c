import { createHash } from 'node:crypto'
import { lstat, readdir, readFile, realpath } from 'node:fs/promises'
import path from 'node:path'
import { pathsIn } from './installCommand.ts'

/** A file that says what an environment consists of. */
export type DependencyFile = {
  /** Relative to the repository root, with forward slashes. */
  readonly path: string
  readonly text: string
  /** 0: the install command names it. Otherwise 1 and the number of folders above the project. */
  readonly distance: number
}

/** Usual names, in the order in which one decides over another of the same folder. */
const NAMES = [
  /^uv\.lock$/,
  /^poetry\.lock$/,
  /^pdm\.lock$/,
  /^pylock(\..+)?\.toml$/,
  /^Pipfile\.lock$/,
  /^requirements\.txt$/,
  /^requirements.*\.(txt|in)$/,
  /^constraints.*\.txt$/,
  /^pyproject\.toml$/,
  /^Pipfile$/,
  /^setup\.(py|cfg)$/,
  /^(uv\.toml|poetry\.toml|\.python-versions?|\.tool-versions|environment\.ya?ml)$/,
]

/** A lock of thousands of packages has 2 MB. Of a larger file only the size counts. */
const LARGEST = 16 * 1024 * 1024
const MOST_FILES = 200

/**
 * Files of one commit's tree that decide its environment: those with the usual names in the project
 * folders and the folders above them, those that the install command names, and those that
 * requirement files refer to.
 *
 * @param tree absolute folder with the commit's files; not trusted, so no link is followed out of it
 * @param projects project folders relative to it
 * @param command the input `install`, if it is given
 * @returns in the order in which they decide: by `rank`, then by path
 */
export async function readDependencyFiles(
  tree: string,
  projects: readonly string[],
  command: string | null,
): Promise<readonly DependencyFile[]> {
  const root = await realpath(tree)
  const named = pathsIn(command ?? '')
  const waiting = named.map((file) => ({ file, distance: 0 }))
  for (const [folder, distance] of foldersOf(projects, named)) {
    for (const file of await usualFiles(root, folder)) waiting.push({ file, distance })
  }
  const found = new Map<string, DependencyFile>()
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { file, distance } = next
    if (found.has(file) || found.size >= MOST_FILES) continue
    const text = await readInside(root, file)
    if (text === null) continue
    found.set(file, { path: file, text, distance })
    waiting.push(...referredTo(file, text).map((other) => ({ file: other, distance })))
  }
  return [...found.values()].sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1))
}

/** A file with a lower rank decides over one with a higher one. */
export function rank({ path: file, distance }: DependencyFile): number {
  const name = path.posix.basename(file)
  const kind = NAMES.findIndex((pattern) => pattern.test(name))
  return distance * 100 + (kind === -1 ? NAMES.length : kind)
}

/** Names a set of dependency files; equal keys mean that one environment does for both. */
export function dependencyKey(files: readonly DependencyFile[]): string {
  const entries = files.map(({ path: file, text }) => [file, text]).sort()
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex')
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

/** `requirements/*.txt` count as well: a usual place in larger projects. */
async function usualFiles(root: string, folder: string): Promise<string[]> {
  const names = await namesIn(root, folder)
  const own = names.filter((name) => NAMES.some((pattern) => pattern.test(name)))
  const further = names.includes('requirements')
    ? await namesIn(root, path.posix.join(folder, 'requirements'))
    : []
  return [
    ...own,
    ...further.filter((name) => /\.(txt|in)$/.test(name)).map((name) => `requirements/${name}`),
  ].map((name) => path.posix.join(folder, name))
}

async function namesIn(root: string, folder: string): Promise<string[]> {
  const real = await realInside(root, folder)
  return real === null ? [] : await readdir(real).catch(() => [])
}

/** Text of a regular file inside the tree; null for anything else. */
async function readInside(root: string, file: string): Promise<string | null> {
  const real = await realInside(root, file)
  const status = real === null ? null : await lstat(real).catch(() => null)
  if (real === null || !status?.isFile()) return null
  return status.size > LARGEST ? `${status.size} bytes` : await readFile(real, 'utf8')
}

async function realInside(root: string, file: string): Promise<string | null> {
  const real = await realpath(path.join(root, file)).catch(() => null)
  return real === root || real?.startsWith(`${root}${path.sep}`) ? real : null
}

/** `-r other.txt` and `-c constraints.txt`, relative to the file that says so (pip's format). */
function referredTo(file: string, text: string): string[] {
  if (!/\.(txt|in)$/.test(file)) return []
  const pattern = /^\s*(?:-[rc]|--(?:requirement|constraint))[\s=]*([^\s#]+)/gm
  return [...text.matchAll(pattern)]
    .map(([, other = '']) => path.posix.join(path.posix.dirname(file), other))
    .filter((other) => !/^\.\.(\/|$)|:/.test(other))
}
