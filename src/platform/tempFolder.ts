import { mkdtempSync, rmSync } from 'node:fs'
import { lstat, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Failure } from './failure.ts'

/** A folder that goes away with this object. */
export type TempFolder = AsyncDisposable & { readonly path: string }

/**
 * Makes a folder that only this check uses. It also goes away when the process is ended half-way:
 * the entries turn signals into an exit.
 *
 * @param parent where it is made
 * @param name what its own name begins with, after `unsynced-`
 * @throws Failure `config` when there is no place for it
 */
export async function tempFolder(parent: string, name: string): Promise<TempFolder> {
  const place = await neutralFolder(parent)
  await removeForgotten(place)
  // At once, so that no signal comes between the folder and its removal.
  const folder = mkdtempSync(path.join(place, `${PREFIX}${name}`))
  const atExit = () => removeAtExit(folder)
  process.once('exit', atExit)
  return {
    path: folder,
    [Symbol.asyncDispose]: async () => {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
      process.removeListener('exit', atExit)
    },
  }
}

const PREFIX = 'unsynced-'
const OURS = /^unsynced-([a-z]+-)?[A-Za-z0-9]{6}$/

/** No check leaves its folder alone for longer. */
const FORGOTTEN_AFTER_MS = 2 * 24 * 60 * 60 * 1000

/** Where this process has looked for what others left: a check makes several folders in one place. */
const tidied = new Set<string>()

/** A process that was killed outright removes nothing, so a later one does. */
async function removeForgotten(parent: string): Promise<void> {
  if (tidied.has(parent)) return
  tidied.add(parent)
  const before = Date.now() - FORGOTTEN_AFTER_MS
  const names = await readdir(parent).catch(() => [])
  for (const name of names.filter((one) => OURS.test(one))) {
    const folder = path.join(parent, name)
    const there = await lstat(folder).catch(() => null)
    const own = there?.isDirectory() === true && there.uid === process.getuid?.()
    // What cannot be removed is not in the way.
    if (own && there.mtimeMs < before) await rm(folder, { recursive: true }).catch(() => {})
  }
}

/** What was ended a moment ago may still finish a write. */
function removeAtExit(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
  } catch {
    // The other listeners have to be heard too, and a later check removes it.
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
