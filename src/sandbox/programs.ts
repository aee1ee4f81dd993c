import { statSync } from 'node:fs'
import path from 'node:path'
import { isInside } from './comparePaths.ts'

/**
 * Folders that a command needs to find its programs: those of `searchPath` that lie below a hidden place,
 * such as a tool's in `/tmp` or in a folder of `~` that starts with a dot. Of `…/tool/bin` the tool's own
 * folder, because a program needs what lies beside it, unless that is hidden itself or holds what is.
 *
 * @param searchPath value of PATH: the workflow's, which no pull request decides
 * @param hidden absolute places that are hidden
 */
export function foldersOfPrograms(searchPath: string, hidden: readonly string[]): string[] {
  const below = (place: string) => hidden.some((one) => isBelow(place, one))
  const folders = searchPath.split(path.delimiter).filter(path.isAbsolute).map(withoutSlash)
  return folders
    .filter((folder) => below(folder) && isFolder(folder))
    .map((folder) => {
      const tool = path.dirname(folder)
      return below(tool) && !hidden.some((one) => isBelow(one, tool)) ? tool : folder
    })
}

function withoutSlash(folder: string): string {
  return path.join('/', path.relative('/', folder))
}

function isBelow(place: string, folder: string): boolean {
  return place !== folder && isInside(place, folder)
}

function isFolder(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() === true
}
