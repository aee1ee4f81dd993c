import { readdir, readFile, readlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { changedFiles } from '../../src/git/changedFiles.ts'
import { readTexts } from '../../src/git/changedTexts.ts'
import { checkedOutCommit, resolveCommits } from '../../src/git/commits.ts'
import { pointersIn } from '../../src/git/lfsPointers.ts'
import { openReader } from '../../src/git/objectReader.ts'
import { completeCommits } from '../../src/git/partialClone.ts'
import { openRepository } from '../../src/git/repository.ts'
import { openTrees } from '../../src/git/trees.ts'
import { parseInputs } from '../../src/inputs/request.ts'
import { readScope } from '../../src/scope/readScope.ts'

/** Contents by path; a symbolic link is `→ where it leads`, a folder without files is left out. */
export type Tree = Readonly<Record<string, string>>

export type Reading = {
  readonly base: Tree
  readonly head: Tree
  readonly changed: readonly string[]
  readonly shown: readonly string[]
  readonly linksOut: readonly string[]
  readonly pointers: readonly string[]
}

/**
 * All that a check asks of git, in its order: finding and fetching the commits, comparing them,
 * writing some of their files, the texts, and the rest of the files once the project's code has run.
 *
 * @param base as the input `base`, or a full SHA
 * @param projectRuns what the project's code does meanwhile
 */
export async function readLikeACheck(
  folder: string,
  base: string,
  projectRuns: (home: string) => Promise<void> = async () => {},
): Promise<Reading> {
  const repository = await openRepository(folder)
  const commits = await resolveCommits(repository.git, {
    head: await checkedOutCommit(repository.git),
    headFetchRef: null,
    base: { kind: 'commit', revision: base },
  })
  await completeCommits(repository, commits)
  await using reader = await openReader(repository.objects, tmpdir())
  const changed = await changedFiles(reader.git, commits)
  const search = { workspace: folder, environment: process.env }
  await readScope(reader, commits, changed, parseInputs({}), search)
  await using trees = await openTrees(tmpdir())
  const few = { base: ['config.yaml'], head: ['config.yaml'] }
  await trees.checkout(repository.objects, commits, few)
  const pointers = await pointersIn(reader.git, commits.head, ['.'])
  const { diffs } = await readTexts(reader.git, commits, changed)
  await projectRuns(dirname(trees.loadFolder))
  await trees.complete()
  const linksOut = await trees.checkout(repository.objects, commits, null)
  return {
    base: await trees.visit('base', treeIn),
    head: await trees.visit('head', treeIn),
    changed: changed.map(({ path }) => path),
    shown: [...diffs.keys()],
    linksOut,
    pointers,
  }
}

/** Instead of the contents of a file whose name is not UTF-8. */
export const UNREADABLE = '?'

/** Contents of all files of a folder. */
export async function treeIn(folder: string): Promise<Tree> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => !entry.isDirectory())
  const read = async (file: string, link: boolean) =>
    link ? `→ ${await readlink(file)}` : await readFile(file, 'utf8').catch(() => UNREADABLE)
  return Object.fromEntries(
    await Promise.all(
      files.map(async (entry) => {
        const file = join(entry.parentPath, entry.name)
        return [file.slice(folder.length + 1), await read(file, entry.isSymbolicLink())] as const
      }),
    ),
  )
}
