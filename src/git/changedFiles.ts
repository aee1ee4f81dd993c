import { Failure, type Side } from '../platform/failure.ts'
import type { Commits } from './commits.ts'
import { firstLine, type Git } from './gitCommand.ts'

/** One file that differs between two commits. A rename is a file that goes and one that comes. */
export type ChangedFile = {
  /** Relative to the repository root, with forward slashes. */
  readonly path: string
  readonly status: 'added' | 'deleted' | 'modified'
  /** `100644`, `100755`, `120000` (symbolic link), `160000` (submodule); `000000` where there is none. */
  readonly mode: { readonly base: string; readonly head: string }
  /** Ids of the contents; zeros where there is none. */
  readonly blob: { readonly base: string; readonly head: string }
}

/** Ids of a blob with nothing in it, by SHA-1 and by SHA-256. */
const EMPTY = [
  'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
  '473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813',
]

/** Whether one commit has the file with nothing in it. Programs may know that without reading it. */
export function isEmptyAt(side: Side, { blob }: Pick<ChangedFile, 'blob'>): boolean {
  return EMPTY.includes(blob[side])
}

/**
 * The files in which two commits differ.
 *
 * @throws Failure `git`
 */
export async function changedFiles(git: Git, commits: Commits): Promise<readonly ChangedFile[]> {
  const options = ['-r', '-z', '--raw', '--no-renames', '--no-abbrev', '--end-of-options']
  try {
    return parseRaw(await git(['diff-tree', ...options, commits.base, commits.head]))
  } catch (cause) {
    throw new Failure('git', `The two commits could not be compared: ${firstLine(cause)}`, {
      hint: 'Check that the clone is complete.',
      cause,
    })
  }
}

/** Parses what `git diff-tree -r -z --raw --no-renames` prints (git-diff-tree, "Raw output format"). */
export function parseRaw(output: string): readonly ChangedFile[] {
  const fields = output.split('\0')
  // Every field ends with NUL, so nothing is left after the last.
  if (fields.pop() !== '') throw new Error('git diff-tree printed something unexpected')
  const files: ChangedFile[] = []
  for (let index = 0; index < fields.length; index += 2) {
    const match = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])/.exec(fields[index] ?? '')
    const path = fields[index + 1] ?? ''
    if (match === null || path === '') throw new Error('git diff-tree printed something unexpected')
    const [, baseMode, headMode, baseBlob, headBlob, letter] = match as unknown as string[]
    const status = letter === 'A' ? 'added' : letter === 'D' ? 'deleted' : 'modified'
    files.push({
      path,
      status,
      mode: { base: baseMode as string, head: headMode as string },
      blob: { base: baseBlob as string, head: headBlob as string },
    })
  }
  return files
}
