import { existsSync } from 'node:fs'
import path from 'node:path'

/** The folder `python/` of this repository: beside `dist/`, and beside `src/`. */
export const PYTHON_FOLDER = folderAbove(import.meta.dirname)

/** Words of a command line, after the interpreter, that run one of our entry points: `manifest`. */
export function entryPoint(name: string): readonly string[] {
  return [path.join(PYTHON_FOLDER, 'unsynced'), name]
}

function folderAbove(folder: string): string {
  const found = path.join(folder, 'python')
  if (existsSync(path.join(found, 'unsynced', '__main__.py'))) return found
  const above = path.dirname(folder)
  if (above === folder) throw new Error('The folder python/ is not beside dist/.')
  return folderAbove(above)
}
