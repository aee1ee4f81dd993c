import path from 'node:path'
import type { DependencyFile } from './dependencyFiles.ts'

/** Options of pip whose value is a path, but not one of a package to copy. */
const PATH_OPTIONS =
  /^(-[ecrftip]|--(editable|constraint|requirement|find-links|target|index-url|python|prefix|root|src|log|cache-dir))$/

/** Words of the install command that could be paths inside the repository, normalized. */
export function pathsIn(command: string): string[] {
  const words = wordsOf(command).map((word) => word.replace(/^--?[\w-]+=/, ''))
  const paths = words.map((word) => path.posix.normalize(word).replace(/(?<=.)\/$/, ''))
  return [...new Set(paths)].filter(
    (word) => word !== '.' && !/^[-/$~]|^\.\.(\/|$)|[*?:]/.test(word),
  )
}

/**
 * True if the environment will hold a copy of the commit's own code, so that it serves no other
 * commit: `pip install .`, a local package in a lock, `--no-editable`. A linked package (`-e`, and
 * what uv and Poetry do by themselves) serves both commits, since both lie at the same path in turn.
 */
export function copiesSources(command: string, files: readonly DependencyFile[]): boolean {
  const commands = command.split(/&&|\|\||[;|\n]/)
  const installs = commands.filter((one) => /\bpip3?\s+install\b/.test(one))
  return (
    /--no-editable\b/.test(command) ||
    installs.some((one) => namesLocalPackage(one)) ||
    files.some(copiesLocalPackage)
  )
}

function copiesLocalPackage({ path: file, text }: DependencyFile): boolean {
  if (/\.(txt|in)$/.test(file)) {
    return text.split('\n').some((line) => namesLocalPackage(line.replace(/(^|\s)#.*/, '')))
  }
  // uv writes `source = { directory = "lib" }`, Poetry `type = "directory"`.
  return /\.lock$/.test(file) && /^(source = \{ directory =|type = "directory")/m.test(text)
}

function namesLocalPackage(line: string): boolean {
  const words = wordsOf(line)
  return words.some((word, index) => {
    if (PATH_OPTIONS.test(words[index - 1] ?? '') || word.includes('://')) return false
    return /^\.{1,2}(\/|\[|$)|^\/|.\/(\[|$)|^file:/.test(word)
  })
}

/** True unless the command only runs tools that bring their own installer. */
export function needsPip(command: string): boolean {
  return !/^\s*(uv|poetry)\s[^;&|\n]*$/.test(command)
}

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

function wordsOf(command: string): string[] {
  return command.split(/[\s;&|()"'<>]+/).filter((word) => word !== '')
}

/** A path as one word of a shell command. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
