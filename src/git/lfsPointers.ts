import type { Git } from './gitCommand.ts'

/**
 * Files of the projects that Git LFS keeps elsewhere: here they are pointers to their contents, since
 * no filter runs when files are written.
 *
 * @param projects folders relative to the repository root
 */
export async function pointersIn(
  git: Git,
  commit: string,
  projects: readonly string[],
): Promise<readonly string[]> {
  const attributes = ['-e', 'filter=lfs', commit, '--', ':(glob)**/.gitattributes']
  // Few repositories have any, and looking for pointers reads every file.
  if ((await git(['grep', '-l', '-a', '-F', ...attributes])) === '') return []
  const folders = projects.includes('.') ? [] : projects.map((project) => `:(literal)${project}`)
  const pointer = ['-e', '^version https://git-lfs\\.github\\.com/spec/v1$', commit]
  const found = await git(['grep', '-l', '-z', '-a', ...pointer, '--', ...folders])
  return found
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => entry.slice(commit.length + 1))
}
