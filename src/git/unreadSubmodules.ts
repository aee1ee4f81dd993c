import path from 'node:path'
import { Failure } from '../platform/failure.ts'
import type { ChangedFile } from './changedFiles.ts'
import type { Git } from './gitCommand.ts'
import type { Submodules, Unread } from './submodules.ts'

/** More symbolic links than these are not looked at one by one. */
const MOST_LINKS = 200

const GITLINK = '160000'
const ABSENT = { mode: '000000', blob: (id: string) => '0'.repeat(id.length) }

/**
 * Refuses to go on without files that the projects load: those of a submodule in a project, around one, or
 * where a symbolic link of the repository leads. Elsewhere a submodule can be anything, such as a theme.
 *
 * @throws Failure `submodule` that names the first
 */
export async function requireSubmodules(
  git: Git,
  { commits, unread }: Submodules,
  projects: readonly string[],
): Promise<void> {
  const apart = unread.filter((one) => {
    const because = whyNeeded(one.path, projects)
    if (because !== null) throw unreadFailure(one, because)
    return true
  })
  for (const side of ['base', 'head'] as const) {
    const own = apart.filter((one) => one.side === side)
    if (own.length === 0) continue
    for (const { link, target } of await linksOf(git, commits[side])) {
      const led = own.find((one) => target === null || isInside(target, one.path))
      if (led !== undefined) throw unreadFailure(led, `the symbolic link ${link} may lead there`)
    }
  }
}

function whyNeeded(place: string, projects: readonly string[]): string | null {
  if (projects.some((project) => isInside(project, place))) return 'the project lies in it'
  const inside = projects.some((project) => project === '.' || isInside(place, project))
  return inside ? 'models of the project may be in it' : null
}

function isInside(place: string, folder: string): boolean {
  return place === folder || place.startsWith(`${folder}/`)
}

/** Symbolic links of a commit; a target that is not known is null. */
async function linksOf(
  git: Git,
  commit: string,
): Promise<readonly { readonly link: string; readonly target: string | null }[]> {
  // Each is `MODE TYPE SHA TAB PATH NUL`.
  const listed = (await git(['ls-tree', '-r', '-z', commit])).split('\0')
  const links = listed.filter((entry) => entry.startsWith('120000 '))
  return await Promise.all(
    links.slice(0, MOST_LINKS + 1).map(async (entry, index) => {
      const tab = entry.indexOf('\t')
      const link = entry.slice(tab + 1)
      if (index === MOST_LINKS) return { link, target: null }
      const target = await git(['cat-file', 'blob', entry.slice(0, tab).split(' ')[2] ?? ''])
      return { link, target: path.posix.join(path.posix.dirname(link), target) }
    }),
  )
}

/** Changed files, and changed submodules that stay what they are: a path and a commit. */
export function withoutSubmodules(changed: readonly ChangedFile[]): {
  readonly files: readonly ChangedFile[]
  readonly submodules: readonly string[]
} {
  const isModule = ({ mode }: ChangedFile) => mode.base === GITLINK || mode.head === GITLINK
  return {
    files: changed.flatMap((file) => (isModule(file) ? otherThanSubmodule(file) : [file])),
    submodules: changed.filter(isModule).map((file) => file.path),
  }
}

/** What a submodule takes the place of, or what takes its place. */
function otherThanSubmodule({ path, mode, blob }: ChangedFile): ChangedFile[] {
  if (mode.base !== GITLINK && mode.base !== ABSENT.mode) {
    const gone = { base: blob.base, head: ABSENT.blob(blob.head) }
    return [{ path, status: 'deleted', mode: { base: mode.base, head: ABSENT.mode }, blob: gone }]
  }
  if (mode.head !== GITLINK && mode.head !== ABSENT.mode) {
    const come = { base: ABSENT.blob(blob.base), head: blob.head }
    return [{ path, status: 'added', mode: { base: ABSENT.mode, head: mode.head }, blob: come }]
  }
  return []
}

/** @param because why its files matter */
export function unreadFailure(
  { path, side, commit, why, reason }: Unread,
  because: string,
): Failure {
  const [message, hint] = words[why](path, `${commit.slice(0, 12)} of ${side}`, reason)
  return new Failure('submodule', `${message}, and ${because}.`, { side, hint })
}

type Words = (path: string, commit: string, reason: string) => readonly [string, string]

const words: Readonly<Record<Unread['why'], Words>> = {
  'not-populated': (path) => [
    `The files of the submodule ${path} are not in this clone`,
    'Give actions/checkout `submodules: true` (`recursive` where a submodule has submodules) and `fetch-depth: 0`; elsewhere run `git submodule update --init --recursive`.',
  ],
  'no-commit': (path, commit, reason) => [
    `The clone of the submodule ${path} does not have the commit ${commit}, and it could not be fetched (${reason})`,
    'Give actions/checkout `fetch-depth: 0` beside `submodules`, so that the submodule has base’s commit too, and a `token` that may read the submodule’s repository.',
  ],
  'no-entry': (path) => [
    `${path} is a submodule without an entry in .gitmodules, so that it cannot be known what is in it`,
    'Add the entry with `git submodule add`, or take the submodule out with `git rm --cached`.',
  ],
  'too-many': (path) => [
    `The submodule ${path} was not read, because there are more than 200, or one lies more than 8 levels deep`,
    'Name in `project` the folders that are loaded, and keep what they load in fewer submodules.',
  ],
}
