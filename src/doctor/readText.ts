import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Failure } from '../platform/failure.ts'

/**
 * The text of a file that the doctor looks into.
 *
 * @param file relative to `root`, with forward slashes
 * @returns null where there is no such file
 * @throws Failure that names the file, where it is there and cannot be read: nothing is known of it then
 */
export async function readText(root: string, file: string): Promise<string | null> {
  try {
    return await readFile(path.join(root, file), 'utf8')
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw new Failure('config', `It is there, but cannot be read (${code}).`, {
      file,
      hint: 'Make it a file that can be read, or take it away.',
      cause,
    })
  }
}
