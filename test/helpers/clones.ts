import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canClone } from '../../src/interpreter/accessTimes.ts'
import { temporaryFolder } from './temporary.ts'

/** Whether files are copied here without being read, as on btrfs and XFS: an installation cannot be observed there. */
export async function clonesFiles(): Promise<boolean> {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'file')
  await writeFile(file, 'x')
  return await canClone(file)
}
