import { createHash } from 'node:crypto'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

/** What each path holds; two are equal exactly when a clone is byte for byte as it was found. */
export type Snapshot = Readonly<Record<string, string>>

/**
 * Where commits that a check fetches may go: the object store, and git's list of where history was
 * cut off. Everything else (files, index, HEAD, refs, logs, configuration, worktrees) must stay.
 */
const OBJECT_STORE = [join('.git', 'objects'), join('.git', 'shallow')]

/** Reads a clone: `expect(await snapshot(clone)).toEqual(before)` names what was touched. */
export async function snapshot(folder: string): Promise<Snapshot> {
  const entries: [string, string][] = []
  const visit = async (path: string): Promise<void> => {
    if (OBJECT_STORE.includes(path)) return
    const file = join(folder, path)
    const stats = await lstat(file)
    if (!stats.isDirectory()) {
      const content = stats.isSymbolicLink() ? await readlink(file) : await readFile(file)
      const digest = createHash('sha256').update(content).digest('hex')
      entries.push([path, `${stats.mode.toString(8)} ${digest}`])
      return
    }
    entries.push([`${path}/`, stats.mode.toString(8)])
    for (const name of (await readdir(file)).sort()) await visit(join(path, name))
  }
  await visit('')
  return Object.fromEntries(entries)
}
