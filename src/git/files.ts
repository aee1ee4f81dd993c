import type { Git } from './command.ts'

/** One file of a commit. */
export type CommittedFile = {
  /** Relative to the repository root, with forward slashes. */
  readonly path: string
  readonly mode: string
  /** Id of its contents. */
  readonly blob: string
}

/** Every file of a commit, without reading any. */
export async function listFiles(git: Git, commit: string): Promise<readonly CommittedFile[]> {
  // Each is `MODE TYPE SHA TAB PATH NUL`.
  const listed = await git(['ls-tree', '-r', '-z', commit])
  return listed
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const tab = entry.indexOf('\t')
      const [mode = '', , blob = ''] = entry.slice(0, tab).split(' ')
      return { mode, blob, path: entry.slice(tab + 1) }
    })
}
