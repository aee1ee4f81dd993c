import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unconfined } from '../../src/sandbox/sandbox.ts'
import { sqlmeshPython } from './sqlmeshPython.ts'

/** How this script is started, which is written to a folder of its own. */
export async function asking(script: string, folder: string) {
  const file = join(folder, 'script.py')
  await writeFile(file, script)
  return {
    python: sqlmeshPython,
    entry: [file],
    folder,
    environment: {},
    given: [],
    confine: unconfined,
    timeoutSeconds: 30,
  } as const
}
