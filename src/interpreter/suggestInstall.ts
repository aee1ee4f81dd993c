import path from 'node:path'
import type { DependencyFile } from './dependencyFiles.ts'

/**
 * The input `install` that fits a commit's dependency files, for a hint.
 *
 * @param files in the order in which they decide
 * @returns null where none of them mentions SQLMesh
 */
export function suggestInstall(files: readonly DependencyFile[]): string | null {
  for (const { path: file, text } of files) {
    if (!/(?<![\w-])sqlmesh(?![\w-])/i.test(text)) continue
    const folder = path.posix.dirname(file)
    const command = commandFor(path.posix.basename(file), quoted(file), folder)
    if (command !== null) return command
  }
  return null
}

function commandFor(name: string, file: string, folder: string): string | null {
  const here = folder === '.'
  const inFolder = (option: string) => (here ? '' : ` ${option} ${quoted(folder)}`)
  if (name === 'uv.lock') return `uv sync --frozen${inFolder('--project')}`
  if (name === 'poetry.lock') return `poetry install${inFolder('--directory')}`
  if (name === 'pdm.lock') return `pdm sync${inFolder('--project')}`
  if (name === 'Pipfile.lock') return here ? 'pipenv sync' : `cd ${quoted(folder)} && pipenv sync`
  if (/\.txt$/.test(name) && !name.startsWith('constraints')) return `pip install -r ${file}`
  if (/^(pyproject\.toml|setup\.(py|cfg))$/.test(name)) {
    return `pip install -e ${here ? '.' : quoted(`./${folder}`)}`
  }
  return null
}

/** A path as one word of a shell command. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
