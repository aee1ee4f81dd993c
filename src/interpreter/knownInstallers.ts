import path from 'node:path'
import { requirement } from './formats/requirement.ts'
import {
  type CommitFiles,
  contentsOf,
  hasTable,
  type InstallReading,
  inside,
  mustBeRemote,
  NotUnderstood,
  optionsOf,
  type Reads,
  readInstallText,
  refuseLocal,
  tool,
  upwards,
} from './installReads.ts'
import { plainCommands } from './shellCommand.ts'
import { leadsInstallersAstray } from './variables.ts'

/** More files than this are not followed. */
const MOST_FILES = 200

/**
 * What the input `install` reads. Only a few installers are known, with the options with which they read
 * nothing but what is listed here: anything else runs programs of the commit, and so does whatever
 * builds a package of the repository.
 *
 * @param environment of this process
 * @param names variables that the input `env` lets through
 */
export async function readsOf(
  command: string,
  { environment, names }: { environment: NodeJS.ProcessEnv; names: readonly string[] },
  source: CommitFiles,
): Promise<Reads> {
  const reading = {
    source,
    files: new Map<string, string | null>(),
    requirements: new Set<string>(),
  }
  try {
    const steering = leadsInstallersAstray(environment, names)
    if (steering !== null) throw new NotUnderstood(`the variable ${steering} is set`)
    const commands = plainCommands(command)
    if (commands === null) throw new NotUnderstood('it is more than a list of plain commands')
    let folder = '.'
    for (const words of commands) folder = await step(words, folder, reading)
  } catch (thrown) {
    if (!(thrown instanceof NotUnderstood)) throw thrown
    return { kind: 'anything', because: thrown.message }
  }
  return { kind: 'files', files: reading.files, requirements: reading.requirements }
}

/** One command, run in a folder. @returns the folder of the next */
async function step(
  words: readonly string[],
  folder: string,
  reading: InstallReading,
): Promise<string> {
  const [program = '', verb = ''] = words
  if (program === 'cd' && words.length === 2) return inside(folder, verb)
  if (/^pip3?$/.test(program) && verb === 'install') {
    await pipInstall(words.slice(2), folder, reading)
  } else if (program === 'uv' && verb === 'pip' && words[2] === 'install') {
    await uvSettings(folder, reading)
    await pipInstall(words.slice(3), folder, reading)
  } else if (program === 'uv' && verb === 'sync') {
    await uvSync(words.slice(2), folder, reading)
  } else if (program === 'poetry' && verb === 'install') {
    await poetryInstall(words.slice(2), folder, reading)
  } else if (/^python3?$/.test(program) && words.slice(1, 4).join(' ') === '-m pip install') {
    await refuseModules(folder, reading)
    await pipInstall(words.slice(4), folder, reading)
  } else {
    throw new NotUnderstood(`\`${words.slice(0, 2).join(' ')}\` may read any file`)
  }
  return folder
}

/** pip, also uv's: requirement files and those that they include. */
async function pipInstall(
  words: readonly string[],
  folder: string,
  reading: InstallReading,
): Promise<void> {
  const options = optionsOf(words, {
    flags:
      /^(-q+|--quiet|-v+|--verbose|-U|--upgrade|--pre|--no-deps|--no-cache(-dir)?|--no-input|--prefer-binary|--require-hashes|--disable-pip-version-check|--no-warn-script-location|--no-python-version-warning|--no-color|--no-progress|--no-index)$/,
    values:
      /^(-r|--requirements?|-c|--constraints?|-i|--index-url|--default-index|--index|--extra-index-url|--trusted-host|--only-binary|--no-binary|--upgrade-strategy|--progress-bar|--root-user-action|--retries|--timeout|--resolution|--prerelease|--index-strategy|--link-mode)$/,
  })
  for (const [name, value] of options.values) {
    if (/index/.test(name) || name === '-i') mustBeRemote(value)
    if (/^(-[rc]|--(requirement|constraint)s?)$/.test(name)) {
      await follow(inside(folder, value), folder, reading)
    }
  }
  for (const word of options.words) refuseLocal(word, requirement(word))
}

/** A requirement file, and what it includes. */
async function follow(file: string, folder: string, reading: InstallReading): Promise<void> {
  if (reading.requirements.has(file)) return
  reading.requirements.add(file)
  if (reading.requirements.size > MOST_FILES) throw new NotUnderstood('there are too many files')
  if (/\.(toml|py|cfg|lock)$/.test(file)) throw new NotUnderstood(`${file} is no requirements file`)
  const { includes } = await contentsOf(file, true, reading)
  const own = path.posix.dirname(file)
  for (const other of includes) await follow(inside(own, other), folder, reading)
}

/** uv reads its settings from the folder, or from one above it. They could name folders of packages. */
async function uvSettings(folder: string, reading: InstallReading): Promise<void> {
  for (const above of upwards(folder)) {
    const [settings, project] = ['uv.toml', 'pyproject.toml'].map((name) => inside(above, name))
    for (const name of ['.python-version', '.python-versions']) {
      await readInstallText(inside(above, name), reading)
    }
    const text = await readInstallText(project as string, reading)
    if ((await readInstallText(settings as string, reading)) !== null || hasTable(text, 'uv')) {
      throw new NotUnderstood(`${inside(above, '')} has settings for uv`)
    }
  }
}

/** With `--frozen` uv reads the lock and the project's pyproject.toml, and builds what is in the repository. */
async function uvSync(
  words: readonly string[],
  start: string,
  reading: InstallReading,
): Promise<void> {
  const options = optionsOf(words, {
    flags:
      /^(--frozen|--no-install-project|--no-dev|--dev|--all-groups|--no-default-groups|--all-extras|-q|--quiet|-v|--verbose|--no-progress|--no-cache|--compile-bytecode|--inexact|--exact|--no-python-downloads)$/,
    values:
      /^(--project|--directory|--group|--only-group|--no-group|--extra|--no-extra|--python|-p|--link-mode)$/,
  })
  if (options.words.length > 0) throw new NotUnderstood(`\`uv sync ${options.words[0]}\``)
  if (!options.flags.has('--frozen'))
    throw new NotUnderstood('`uv sync` without `--frozen` may lock anew')
  const places = options.values.filter(([name]) => /^--(project|directory)$/.test(name))
  const folder = places.reduce((found, [, value]) => inside(found, value), start)
  if (places.length > 1) throw new NotUnderstood('`uv sync` has two folders')
  const project = await readInstallText(inside(folder, 'pyproject.toml'), reading)
  if (project === null) throw new NotUnderstood(`${inside(folder, 'pyproject.toml')} is not there`)
  if (hasTable(project, 'uv', 'workspace')) throw new NotUnderstood('it is a workspace of uv')
  const { local } = await contentsOf(inside(folder, 'uv.lock'), false, reading)
  const isBuilt = (package_: string) =>
    package_ !== '.' || !options.flags.has('--no-install-project')
  const built = local.find(isBuilt)
  if (built !== undefined)
    throw new NotUnderstood(`it builds a package of the repository: ${built}`)
  for (const name of ['uv.toml', '.python-version', '.python-versions']) {
    await readInstallText(inside(folder, name), reading)
  }
  // A folder above may hold the workspace that this project belongs to, and settings.
  const [above] = upwards(folder).slice(1)
  if (above !== undefined) await uvSettings(above, reading)
}

/** Poetry reads its three files. Without `--no-root` it also links the project, by what its folder holds. */
async function poetryInstall(
  words: readonly string[],
  start: string,
  reading: InstallReading,
): Promise<void> {
  const options = optionsOf(words, {
    flags:
      /^(--no-root|--sync|-n|--no-interaction|--no-ansi|-q|--quiet|-v+|--all-extras|--all-groups|--compile|--no-cache)$/,
    values: /^(--directory|-C|--with|--without|--only|--extras|-E)$/,
  })
  if (options.words.length > 0) throw new NotUnderstood(`\`poetry install ${options.words[0]}\``)
  const places = options.values.filter(([name]) => /^(--directory|-C)$/.test(name))
  if (places.length > 1) throw new NotUnderstood('`poetry install` has two folders')
  const folder = places.reduce((found, [, value]) => inside(found, value), start)
  const project = await readInstallText(inside(folder, 'pyproject.toml'), reading)
  if (project === null) throw new NotUnderstood(`${inside(folder, 'pyproject.toml')} is not there`)
  if (hasTable(project, 'poetry', 'requires-plugins')) throw new NotUnderstood('Poetry has plugins')
  const isPackage =
    !options.flags.has('--no-root') && tool(project, 'poetry', 'package-mode') !== false
  if (isPackage)
    throw new NotUnderstood('Poetry installs the project itself, as without `--no-root`')
  const lock = inside(folder, 'poetry.lock')
  refuseLocal(lock, await contentsOf(lock, false, reading))
  await readInstallText(inside(folder, 'poetry.toml'), reading)
}

/** `python -m` looks into the current folder first: `json.py` there would be run. */
async function refuseModules(folder: string, { source }: InstallReading): Promise<void> {
  for (const name of await source.list(folder)) {
    const isModule = /\.(py|pyc|so|pyd)$/.test(name)
    const inner = isModule ? [] : await source.list(inside(folder, name))
    if (isModule || inner.some((one) => one.startsWith('__init__.'))) {
      throw new NotUnderstood(`\`python -m pip\` may import ${inside(folder, name)}`)
    }
  }
}
