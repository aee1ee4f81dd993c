import { type ChangedFile, isEmptyAt } from '../git/changedFiles.ts'
import { type CommittedFile, listFiles, readWhole } from '../git/committedFiles.ts'
import type { Git } from '../git/gitCommand.ts'
import type { CommitFiles } from '../interpreter/installReads.ts'
import { readsOf } from '../interpreter/knownInstallers.ts'

/** Whether the input `install` makes the same environment of both commits. */
export type Installs =
  /** It does, or there is none. */
  | { readonly kind: 'same' }
  | { readonly kind: 'differ'; readonly because: string }
  /** That depends on which files it reads, which can be seen as it runs. */
  | { readonly kind: 'unseen'; readonly because: string }

/** What of the inputs decides it. */
export type InstallInputs = {
  readonly install: string | null
  readonly python: string | null
  readonly env: readonly string[]
}

/**
 * What can be said of it before it runs. Head alone is looked at: a file that leads to others is one that is
 * read, so where base leads elsewhere, it has changed.
 *
 * @param head its commit
 * @param changes whole repository
 * @param environment of this process
 */
export async function compareInstalls(
  git: Git,
  head: string,
  changes: readonly ChangedFile[],
  { install, python, env: names }: InstallInputs,
  environment: NodeJS.ProcessEnv,
): Promise<Installs> {
  const [first] = changes
  if (install === null || python !== null || first === undefined) return { kind: 'same' }
  const source = sourceOf(git, head, await listFiles(git, head), changes)
  const reads = await readsOf(install, { environment, names }, source)
  if (reads.kind === 'anything') {
    const odd = changes.find((change) => !isSeenWhenRead(change))
    const because = `${(odd ?? first).path} changed, and the input install may read it: ${reads.because}`
    return { kind: odd === undefined ? 'unseen' : 'differ', because }
  }
  const read = changes.find(({ path }) => reads.files.has(path))
  if (read === undefined) return { kind: 'same' }
  return { kind: 'differ', because: `${read.path} changed, and the input install reads it` }
}

/**
 * Whether programs can tell one commit's file from the other's by reading alone. Whether a file is there, is empty or
 * may be run is seen by a look at it, which leaves no trace.
 */
function isSeenWhenRead(change: ChangedFile): boolean {
  const { status, mode } = change
  const isEmpty = isEmptyAt('base', change) || isEmptyAt('head', change)
  return status === 'modified' && mode.base.startsWith('100') && mode.base === mode.head && !isEmpty
}

/** Folders list what either commit has in them. */
function sourceOf(
  git: Git,
  head: string,
  files: readonly CommittedFile[],
  changes: readonly ChangedFile[],
): CommitFiles {
  const modes = new Map(files.map(({ path, mode }) => [path, mode]))
  const paths = [...modes.keys(), ...changes.map(({ path }) => path)]
  return {
    list: async (folder) => {
      const start = folder === '.' ? '' : `${folder}/`
      const inside = paths.filter((path) => path.startsWith(start))
      return [...new Set(inside.map((path) => path.slice(start.length).split('/')[0] as string))]
    },
    read: async (file) => {
      const mode = modes.get(file)
      if (mode === undefined) return null
      if (!mode.startsWith('100')) throw new Error('it is no regular file')
      return await readWhole(git, head, file)
    },
  }
}
