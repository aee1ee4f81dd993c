import { mkdir, writeFile } from 'node:fs/promises'
import { devNull } from 'node:os'
import path from 'node:path'
import { privateFolder } from '../privateFolder.ts'
import { type Git, runGit } from './command.ts'
import { readerVariables } from './environment.ts'

/** Where a repository keeps its objects, and how it names them: all that reading commits takes. */
export type Objects = { readonly folder: string; readonly format: string }

/**
 * Git that reads commits in an empty repository of ours, which borrows the user's objects. So nothing
 * that the user's repository configures or holds besides commits has a say: no hook, filter, text
 * conversion, monitor, replaced object, sparse checkout. It is also how files are still read after the
 * project's code has run, which could have written any of those; for that, open a new one.
 */
export type Reader = AsyncDisposable & { readonly git: Git }

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
  const folder = await privateFolder(parent, 'git-')
  const repository = folder.path
  await Promise.all([
    mkdir(path.join(repository, 'objects')),
    mkdir(path.join(repository, 'refs')),
    writeFile(path.join(repository, 'HEAD'), 'ref: refs/heads/none\n'),
    writeFile(path.join(repository, 'config'), configuration(objects.format, tree === null)),
  ])
  const place = { repository, objects: objects.folder, tree }
  const environment = readerVariables(process.env, place)
  return {
    git: (args, input = '') =>
      runGit(args, input, { folder: tree ?? repository, environment, end: 'SIGKILL' }),
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
