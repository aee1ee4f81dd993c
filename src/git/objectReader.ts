import { mkdir, writeFile } from 'node:fs/promises'
import { devNull } from 'node:os'
import path from 'node:path'
import { tempFolder } from '../platform/tempFolder.ts'
import { type Bound, type Git, readBlobs, runGit } from './gitCommand.ts'
import { readerVariables } from './gitEnvironment.ts'

/** Where a repository keeps its objects, and how it names them: all that reading commits takes. */
export type Objects = { readonly folder: string; readonly format: string }

/**
 * Git that reads commits in an empty repository of ours, which borrows the user's objects. So nothing
 * that the user's repository configures or holds besides commits has a say: no hook, filter, text
 * conversion, monitor, replaced object, sparse checkout. It is also how files are still read after the
 * project's code has run, which could have written any of those; for that, open a new one.
 */
export type Reader = AsyncDisposable & {
  readonly git: Git
  /** The contents of blobs, as `git cat-file --batch` gives them. @throws GitError beyond so many bytes */
  readonly contents: (blobs: readonly string[], most: number) => Promise<Buffer>
}

/** A command that has not answered then never will, or with more than fits into memory. */
const BOUND: Bound = { bytes: 256 * 1024 * 1024, seconds: 300 }

/**
 * @param parent where its folder is made
 * @param tree a folder that `checkout-index` writes to
 * @throws Failure `config` when no folder can be used
 */
export async function openReader(
  objects: Objects,
  parent: string,
  tree: string | null = null,
): Promise<Reader> {
  const folder = await tempFolder(parent, 'git-')
  const repository = folder.path
  await Promise.all([
    mkdir(path.join(repository, 'objects')),
    mkdir(path.join(repository, 'refs')),
    writeFile(path.join(repository, 'HEAD'), 'ref: refs/heads/none\n'),
    writeFile(path.join(repository, 'config'), configuration(objects.format, tree === null)),
  ])
  const place = { repository, objects: objects.folder, tree }
  const environment = readerVariables(process.env, place)
  // Writing a commit's files takes as long as the disk takes.
  const bound = tree === null ? BOUND : null
  const where = { folder: tree ?? repository, environment, config: [], bound }
  return {
    git: (args, input = '') => runGit(args, input, where),
    contents: (blobs, bytes) => readBlobs(blobs, { ...where, bound: { ...BOUND, bytes } }),
    [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
  }
}

function configuration(format: string, bare: boolean): string {
  const version = format === 'sha1' ? 0 : 1
  return `[core]
	repositoryFormatVersion = ${version}
	bare = ${bare}
	protectHFS = true
	protectNTFS = true
	symlinks = true
	fileMode = true
	attributesFile = ${devNull}
${version === 1 ? `[extensions]\n\tobjectFormat = ${format}\n` : ''}`
}
