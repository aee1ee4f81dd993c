import path from 'node:path'
import { readCondaEnvironment } from './conda.ts'
import { type Contents, contents } from './fileContents.ts'
import { readLock, readPipfile, readPipfileLock } from './lockFiles.ts'
import { readHatchFile, readPyproject, readUvFile } from './pyproject.ts'
import { readRequirements } from './requirementsFile.ts'
import { readSetupCfg } from './setupCfg.ts'

/** One format of dependency files. */
type Format = {
  /** Base names of its files. */
  readonly names: RegExp
  /** @throws Error with what is wrong */
  readonly read: (text: string) => Contents
}

/** In the order in which one decides over another of the same folder. */
const FORMATS: readonly Format[] = [
  { names: /^uv\.lock$/, read: readLock },
  { names: /^poetry\.lock$/, read: readLock },
  { names: /^pdm\.lock$/, read: readLock },
  { names: /^pylock(\..+)?\.toml$/, read: readLock },
  { names: /^Pipfile\.lock$/, read: readPipfileLock },
  { names: /^requirements\.txt$/, read: readRequirements },
  { names: /^requirements.*\.(txt|in)$/, read: readRequirements },
  { names: /^constraints.*\.(txt|in)$/, read: readRequirements },
  { names: /^pyproject\.toml$/, read: readPyproject },
  { names: /^Pipfile$/, read: readPipfile },
  { names: /^setup\.cfg$/, read: readSetupCfg },
  { names: /^(conda|environment)[^/]*\.ya?ml$/, read: readCondaEnvironment },
  { names: /^uv\.toml$/, read: readUvFile },
  { names: /^hatch\.toml$/, read: readHatchFile },
  { names: /^(poetry\.toml|\.python-versions?|\.tool-versions)$/, read: () => contents({}) },
  { names: /^setup\.py$/, read: () => contents({ unread: 'only running it tells' }) },
]

/** Whether a file of this base name says what an environment consists of. */
export function isDependencyFile(name: string): boolean {
  return FORMATS.some(({ names }) => names.test(name))
}

/** `requirements/prod.txt` is a requirements file too: a usual place in larger projects. */
export function isInRequirements(file: string): boolean {
  return /(^|\/)requirements\/[^/]+\.(txt|in)$/.test(file)
}

/** A file with a lower number decides over one with a higher one. */
export function formatRank(file: string): number {
  const name = isInRequirements(file) ? 'requirements-of-folder.txt' : path.posix.basename(file)
  const found = FORMATS.findIndex(({ names }) => names.test(name))
  return found === -1 ? FORMATS.length : found
}

/**
 * What a file says.
 *
 * @param included whether pip reads it because a command or another file says so, whatever its name is
 */
export function readContents(file: string, text: string, included: boolean): Contents {
  const format = FORMATS.find(({ names }) => names.test(path.posix.basename(file)))
  try {
    if (included || isInRequirements(file)) return readRequirements(text)
    // Scripts and the like, which an install command names, are not read.
    return format === undefined ? contents({}) : format.read(text)
  } catch (thrown) {
    return contents({ unread: (thrown as Error).message })
  }
}
