import type { Git } from './git/command.ts'
import { type CommittedFile, listFiles, readWhole } from './git/files.ts'
import type { Request } from './inputs.ts'
import { readsOf } from './python/installers.ts'
import type { Source } from './python/reads.ts'

type Change = { readonly path: string }

/**
 * Why the input `install` may make another environment of head than of base. Head alone is asked:
 * a file that leads to others is one that is read, so where base leads elsewhere, it has changed.
 *
 * @param head its commit
 * @param changes whole repository
 * @param environment of this process
 * @returns null where it makes the same, or there is none
 */
export async function whyInstallsDiffer(
  git: Git,
  head: string,
  changes: readonly Change[],
  { install, python, env: names }: Request,
  environment: NodeJS.ProcessEnv,
): Promise<string | null> {
  const [first] = changes
  if (install === null || python !== null || first === undefined) return null
  const source = sourceOf(git, head, await listFiles(git, head), changes)
  const reads = await readsOf(install, { environment, names }, source)
  if (reads.kind === 'anything') {
    return `${first.path} changed, and the input install may read it: ${reads.because}`
  }
  const read = changes.find(({ path }) => reads.files.has(path))
  return read === undefined ? null : `${read.path} changed, and the input install reads it`
}

/** Folders list what either commit has in them. */
function sourceOf(
  git: Git,
  head: string,
  files: readonly CommittedFile[],
  changes: readonly Change[],
): Source {
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
