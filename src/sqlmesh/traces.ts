import { lstat, utimes } from 'node:fs/promises'

/** Long before any file was written: an access moves it, also where the mount has `relatime` (mount(8)). */
const LONG_AGO = new Date(1000)

/** Which of the files and folders were read since this was made. */
export type Traces = () => Promise<readonly string[]>

/**
 * Sets the access times of files and folders back, so that it can be told which of them are read: by whatever
 * process, in whatever language. What is not there is left out.
 *
 * @param paths absolute
 */
export async function setTraces(paths: readonly string[]): Promise<Traces> {
  const there: string[] = []
  for (const path of paths) {
    const found = await lstat(path).catch(() => null)
    if (found === null || !(found.isFile() || found.isDirectory())) continue
    await utimes(path, LONG_AGO, found.mtime)
    there.push(path)
  }
  return async () => {
    const read: string[] = []
    for (const path of there) {
      // What a load has taken away it has had in its hands.
      const now = await lstat(path).catch(() => null)
      if (now?.atime.getTime() !== LONG_AGO.getTime()) read.push(path)
    }
    return read
  }
}
