import { lstat, readdir, readFile, realpath } from 'node:fs/promises'
import path from 'node:path'
import type { CommitFiles } from './installReads.ts'

/** A lock of thousands of packages has 5 MB. */
const LARGEST = 16 * 1024 * 1024

/**
 * The files of a commit that was written to a folder.
 *
 * @param tree not trusted, so no link is followed out of it
 */
export async function treeSource(tree: string): Promise<CommitFiles> {
  const root = await realpath(tree)
  const isInside = (real: string) => real === root || real.startsWith(`${root}${path.sep}`)
  return {
    list: async (folder) => {
      const real = await realpath(path.join(root, folder)).catch(() => null)
      return real !== null && isInside(real) ? await readdir(real).catch(() => []) : []
    },
    read: async (file) => {
      const place = path.join(root, file)
      if ((await lstat(place).catch(() => null)) === null) return null
      const real = await realpath(place).catch(() => null)
      if (real === null || !isInside(real)) throw new Error('it is a link that leads out')
      const status = await lstat(real)
      // A folder of that name is no such file.
      if (status.isDirectory()) return null
      if (!status.isFile()) throw new Error('it is no regular file')
      if (status.size > LARGEST) throw new Error(`it has more than ${LARGEST} bytes`)
      return decodeText(await readFile(real))
    },
  }
}

/** @throws Error where it is not what every tool reads: UTF-8, perhaps with a mark at its start */
export function decodeText(bytes: Uint8Array): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Error('it is not UTF-8')
  }
  if (text.includes('\0')) throw new Error('it has a NUL in it')
  return text
}
