import { readdirSync, realpathSync } from 'node:fs'

/** Whether a path is a folder's, or the folder itself. Both absolute, without links. */
export function isInside(place: string, folder: string): boolean {
  return place === folder || place.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
}

/** Where a path leads to; null where it leads nowhere. */
export function real(file: string): string | null {
  try {
    return realpathSync(file)
  } catch {
    return null
  }
}

/** What lies in a folder, by name. */
export function names(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // Not there, no folder, or not to be read: then the loaded code cannot read it either.
    return []
  }
}
