import { constants, copyFile, lstat, rm, utimes } from 'node:fs/promises'

/** Long before any file was written: a read moves it, also where the mount has `relatime` (mount(8)). */
const LONG_AGO = new Date(1000)

/** Which of the files and folders were read since this was made. */
export type Accessed = () => Promise<readonly string[]>

/**
 * Sets the access times of files and folders back, so that it can be told which of them are read: by whatever
 * process, in whatever language. What is not there is left out.
 *
 * @param paths absolute
 */
export async function watchAccess(paths: readonly string[]): Promise<Accessed> {
  const there = new Map<string, bigint | null>()
  for (const path of paths) {
    const found = await statusOf(path)
    if (found === null || !(found.isFile() || found.isDirectory())) continue
    await utimes(path, LONG_AGO, found.mtime)
    // Whoever sets a file's times, or writes to it, moves this one. A folder's moves with the names in it.
    there.set(path, found.isFile() ? ((await statusOf(path))?.ctimeNs ?? null) : null)
  }
  return async () => {
    const read: string[] = []
    for (const [path, changed] of there) {
      // What is gone was in somebody's hands.
      const now = await statusOf(path)
      const kept = changed === null || now?.ctimeNs === changed
      if (now?.atime.getTime() !== LONG_AGO.getTime() || !kept) read.push(path)
    }
    return read
  }
}

/**
 * Whether programs such as `cp` can copy a file without reading it, as btrfs and XFS let them: that moves no access
 * time.
 *
 * @param path of a file; beside it there is another for a moment
 */
export async function canClone(path: string): Promise<boolean> {
  const clone = `${path}-clone`
  try {
    await copyFile(path, clone, constants.COPYFILE_FICLONE_FORCE)
    return true
  } catch {
    return false
  } finally {
    await rm(clone, { force: true })
  }
}

async function statusOf(path: string) {
  return await lstat(path, { bigint: true }).catch(() => null)
}
