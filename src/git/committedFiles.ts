import type { Git } from './gitCommand.ts'

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

/** A lock of thousands of packages has 5 MB. */
const LARGEST = 16 * 1024 * 1024

/** The whole text of one file of a commit. @throws Error where it is too large, or no text */
export async function readWhole(git: Git, commit: string, path: string): Promise<string> {
  const name = `${commit}:${path}`
  if (Number(await git(['cat-file', '-s', name])) > LARGEST) {
    throw new Error(`it has more than ${LARGEST} bytes`)
  }
  const text = await git(['cat-file', 'blob', name])
  // What is no UTF-8 was replaced.
  if (text.includes('\0') || text.includes('\ufffd')) throw new Error('it is not UTF-8')
  return text
}
