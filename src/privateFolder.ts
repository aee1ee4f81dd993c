import { rmSync } from 'node:fs'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Failure } from './failure.ts'

/** A folder that goes away with this object. */
export type PrivateFolder = AsyncDisposable & { readonly path: string }

/**
 * Makes a folder that only this check uses. It also goes away when the process is ended half-way:
 * the doors turn signals into an exit.
 *
 * @param parent where it is made
 * @param prefix how its name begins
 * @throws Failure `config` when there is no place for it
 */
export async function privateFolder(parent: string, prefix: string): Promise<PrivateFolder> {
  const folder = await mkdtemp(path.join(await neutralFolder(parent), prefix))
  const atExit = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', atExit)
  return {
    path: folder,
    [Symbol.asyncDispose]: async () => {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
      process.removeListener('exit', atExit)
    },
  }
}

/**
 * SQLMesh infers names from the first path segment called `models`, and takes code below
 * `site-packages` for a library's (`sqlmesh.utils.metaprogramming`): the folder must have neither.
 */
async function neutralFolder(parent: string): Promise<string> {
  for (const candidate of [parent, tmpdir(), '/tmp']) {
    const real = await realpath(candidate).catch(() => null)
    if (
      real !== null &&
      !real.split(path.sep).some((name) => /^(models|site-packages)$/.test(name))
    ) {
      return real
    }
  }
  throw new Failure('config', `There is no folder for temporary files: ${parent} cannot be used.`, {
    hint: 'Set TMPDIR to a folder whose path has no part called models or site-packages.',
  })
}
