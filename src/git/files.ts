import type { Git } from './command.ts'

/** One file of a commit. */
export type CommittedFile = {
  /** Relative to the repository root, with forward slashes. */
  readonly path: string
  readonly mode: string
}

/** Every file of a commit, without reading any. */
export async function listFiles(git: Git, commit: string): Promise<readonly CommittedFile[]> {
  // Each is `MODE TYPE SHA TAB PATH NUL`.
  const listed = await git(['ls-tree', '-r', '-z', commit])
  return listed
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => ({ mode: entry.slice(0, 6), path: entry.slice(entry.indexOf('\t') + 1) }))
}

/** The text of a commit's files that match git pathspecs, one after the other; '' if none does. */
export async function readText(
  git: Git,
  commit: string,
  pathspecs: readonly string[],
): Promise<string> {
  // `grep` for the empty pattern prints every line, of all files in one process.
  return await git(['grep', '-h', '-a', '--no-color', '-e', '', commit, '--', ...pathspecs])
}

/** Whether a line of the commit's files that match git pathspecs has one of the texts in it. */
export async function anyFileHas(
  git: Git,
  commit: string,
  { fixed, patterns }: { readonly fixed: readonly string[]; readonly patterns: readonly string[] },
  pathspecs: readonly string[],
): Promise<boolean> {
  const search = async (option: string, texts: readonly string[]) => {
    if (texts.length === 0) return false
    const wanted = texts.flatMap((text) => ['-e', text])
    const options = ['grep', '-l', '-a', '-i', '--no-color', option, ...wanted]
    return (await git([...options, commit, '--', ...pathspecs])) !== ''
  }
  const found = await Promise.all([
    search('--fixed-strings', fixed),
    search('--extended-regexp', patterns),
  ])
  return found.includes(true)
}
