import { lstat, readFile, realpath } from 'node:fs/promises'
import path from 'node:path'
import type { Git } from './gitCommand.ts'

/** A submodule as a commit has it: a path, and a commit of another repository. */
export type Gitlink = {
  /** Relative to the root of the repository that has it, with forward slashes. */
  readonly path: string
  readonly commit: string
  /** As that commit's `.gitmodules` calls it; null where it has no entry there. */
  readonly name: string | null
}

/** Where the clones of a repository's submodules are looked for. */
export type GitlinkPlace = {
  /** Root of its files, without links; null where they are not checked out. */
  readonly worktree: string | null
  /** Git's own folder for clones of submodules. */
  readonly modules: string
}

/** A submodule's clone. */
export type Clone = GitlinkPlace & {
  /** Where git is run to speak to its remote. */
  readonly folder: string
  readonly objects: string
}

/** Submodules of a commit, by their paths. */
export async function gitlinksOf(git: Git, commit: string): Promise<readonly Gitlink[]> {
  // Each is `MODE TYPE SHA TAB PATH NUL`.
  const listed = (await git(['ls-tree', '-r', '-z', commit])).split('\0')
  const links = listed.filter((entry) => entry.startsWith('160000 '))
  if (links.length === 0) return []
  const names = await namesIn(git, commit)
  return links.map((entry) => {
    const tab = entry.indexOf('\t')
    const place = entry.slice(tab + 1)
    return {
      path: place,
      commit: entry.slice(0, tab).split(' ')[2] ?? '',
      name: names.get(place) ?? null,
    }
  })
}

/** Names of submodules by path. Git itself reads the file, which is the pull request's. */
async function namesIn(git: Git, commit: string): Promise<ReadonlyMap<string, string>> {
  const file = ['--blob', `${commit}:.gitmodules`]
  const asked = ['config', '-z', ...file, '--get-regexp', '^submodule\\..*\\.path$']
  // Without such a file, and with one that is none, no submodule has an entry.
  const printed = await git(asked).catch(() => '')
  const names = new Map<string, string>()
  for (const entry of printed.split('\0')) {
    const [, name, place] = /^submodule\.([\s\S]+)\.path\n([\s\S]+)$/.exec(entry) ?? []
    // The first counts (submodule-config.c).
    if (name !== undefined && place !== undefined && !names.has(place)) names.set(place, name)
  }
  return names
}

/**
 * Finds a submodule's clone where git itself puts it: in `.git` of its folder, or among the repository's
 * modules. Nowhere else, whatever links, names and files `.git` lead to: those are the pull request's, and
 * so would be what is read.
 */
export async function cloneOf(
  link: Gitlink,
  { worktree, modules }: GitlinkPlace,
): Promise<Clone | null> {
  const all = await real(modules)
  const isModule = (place: string) => all !== null && place.startsWith(`${all}${path.sep}`)
  const folder = worktree === null ? null : path.join(worktree, link.path)
  if (folder !== null) {
    const own = await repositoryAt(await gitFolderOf(folder))
    if (own !== null && (isModule(own) || own === path.join(folder, '.git'))) {
      return cloneAt(own, folder)
    }
  }
  const own = await repositoryAt(link.name === null ? null : path.join(modules, link.name))
  return own !== null && isModule(own) ? cloneAt(own, null) : null
}

/** @param worktree where its files are checked out */
function cloneAt(own: string, worktree: string | null): Clone {
  const objects = path.join(own, 'objects')
  return { folder: worktree ?? own, objects, worktree, modules: path.join(own, 'modules') }
}

/** Where that leads to, if it keeps objects of its own. */
async function repositoryAt(place: string | null): Promise<string | null> {
  const own = place === null ? null : await real(place)
  const objects = own === null ? null : path.join(own, 'objects')
  return objects !== null && (await real(objects)) === objects ? own : null
}

const MOST_BYTES = 16 * 1024

/** Git's folder of a checked out submodule: `.git` there, or what a file with that name says. */
async function gitFolderOf(folder: string): Promise<string | null> {
  const place = path.join(folder, '.git')
  const there = await lstat(place).catch(() => null)
  if (there?.isDirectory()) return place
  if (!there?.isFile() || there.size > MOST_BYTES) return null
  const target = /^gitdir: (.*)$/m.exec(await readFile(place, 'utf8'))?.[1]
  return target === undefined ? null : path.resolve(folder, target)
}

async function real(place: string): Promise<string | null> {
  return await realpath(place).catch(() => null)
}
