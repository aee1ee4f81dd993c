import type { DependencyFile } from '../../src/interpreter/dependencyFiles.ts'
import { readContents } from '../../src/interpreter/formats/formats.ts'

/** A dependency file as it is found in a project's folder. */
export function dependencyFile(path: string, text: string, distance = 1): DependencyFile {
  return { path, text, distance, contents: readContents(path, text, distance === 0) }
}
