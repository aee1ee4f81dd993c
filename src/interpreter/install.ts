import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { promisify, stripVTControlCharacters } from 'node:util'
import { killOnExit } from '../platform/exit.ts'
import { Failure, type Side } from '../platform/failure.ts'
import type { Confine, Isolation } from '../sandbox/sandbox.ts'
import type { Printed } from './askProcess.ts'
import { barePython, firstWithSqlmesh, inVenvs } from './findPython.ts'
import { needsPip } from './installCommand.ts'
import type { InstallWatch } from './installObservation.ts'
import { captureTail, endGroup, untilDone, waitForExit } from './processGroup.ts'
import { redacted } from './redact.ts'
import {
  activated,
  type EnvironmentPlace,
  installEnvironment,
  keptBack,
  passedOn,
} from './variables.ts'

const run = promisify(execFile)

/** One environment to make. */
export type Installation = {
  readonly side: Side
  /** The input `install`: a shell command. */
  readonly command: string
  /** Absolute folder with the commit's files, where the command runs. */
  readonly tree: string
  /** Project folders relative to it. */
  readonly projects: readonly string[]
  readonly place: EnvironmentPlace
  readonly timeoutSeconds: number
  readonly inherited: NodeJS.ProcessEnv
  /** Names of the variables that the command may have. */
  readonly names: readonly string[]
  readonly isolation: Isolation
  /** Who sees what it reads, if anybody is to know. */
  readonly watch: InstallWatch | null
}

/** Lines of what a failed command printed that its message shows. */
const SHOWN_LINES = 12

/**
 * Makes the environment of one commit: a private virtual environment, then the user's command with
 * it activated, so that plain `pip install` fills it; uv, Poetry, Pipenv and PDM are told to use it.
 *
 * @param onPrinted gets the tail of what the command printed, if it fails
 * @returns absolute path of its Python, which has SQLMesh
 * @throws Failure that names the side: `install-failed`, `timeout`, `environment`
 */
export async function install(
  installation: Installation,
  onPrinted: (printed: Printed) => void,
): Promise<string> {
  const { place, command } = installation
  for (const folder of [place.home, place.cache, place.tmp]) {
    await mkdir(folder, { recursive: true })
  }
  const python = await makeVenv(installation, needsPip(command))
  await runCommand(installation, python, onPrinted)
  return await madePython(installation)
}

/**
 * @returns absolute path of the Python that it was made with; null where the runner has none: then the
 * command has to bring one, as uv can
 */
async function makeVenv(installation: Installation, pip: boolean): Promise<string | null> {
  const { side, place, inherited, isolation } = installation
  const { PATH, LD_LIBRARY_PATH } = passedOn(inherited)
  const python = await barePython({ workspace: place.home, environment: inherited, isolation })
  if (python === null) return null
  try {
    const command = ['-I', '-m', 'venv', ...(pip ? [] : ['--without-pip']), place.venv]
    const env = { PATH, LD_LIBRARY_PATH, HOME: place.home }
    await untilDone(run(python, command, { cwd: place.home, env }))
    return python
  } catch (cause) {
    throw new Failure('environment', `\`${python} -m venv\` failed: ${lastLines(cause)}`, {
      side,
      hint: 'Install the venv module (Debian and Ubuntu: python3-venv), or run actions/setup-python in an earlier step.',
      cause,
    })
  }
}

async function runCommand(
  installation: Installation,
  python: string | null,
  onPrinted: (printed: Printed) => void,
): Promise<void> {
  const { command, tree, place, timeoutSeconds, inherited, names } = installation
  // As the runner does for `run:` steps with `shell: bash`: a failing line ends the command.
  const [shell, ...options] = existsSync('/bin/bash')
    ? ['/bin/bash', '--noprofile', '--norc', '-eo', 'pipefail']
    : ['/bin/sh', '-e']
  const confine = await sandboxForInstall(installation, python)
  const line = (text: string, ...given: string[]) =>
    confine([shell as string, ...options, '-c', text, ...given], null)
  await installation.watch?.testBy(async (file) => {
    const [program, ...args] = line('read -r _ < "$0"', file)
    await run(program as string, args, { cwd: tree })
  })
  const [program, ...args] = line(command)
  const child = spawn(program as string, args, {
    cwd: tree,
    env: installEnvironment(inherited, names, place),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let late = false
  const timer = setTimeout(() => {
    late = true
    endGroup(child)
  }, timeoutSeconds * 1000)
  const outlived = killOnExit(() => endGroup(child))
  try {
    const stdout = captureTail(child.stdout as Readable)
    const stderr = captureTail(child.stderr as Readable)
    const { code, signal } = await waitForExit(child)
    if (code === 0 && !late) return
    const hide = (text: string) => redacted(text, names, inherited)
    const printed = { stdout: hide(stdout()), stderr: hide(stderr()) }
    onPrinted(printed)
    throw failed(installation, { code, signal, late, printed })
  } finally {
    clearTimeout(timer)
    outlived()
    endGroup(child)
  }
}

/**
 * It writes where environments are made, in its copy of the commit, and in caches that `env` names.
 * Base's environment is none of head's business.
 */
async function sandboxForInstall(
  { tree, place, inherited, names, isolation }: Installation,
  python: string | null,
): Promise<Confine> {
  const caches = names
    .filter((name) => name.endsWith('_CACHE_DIR'))
    .flatMap((name) => inherited[name] ?? [])
    .filter(path.isAbsolute)
  for (const cache of caches) await mkdir(cache, { recursive: true })
  const { own, other, tmp } = place
  // All in one, as installers link files from a cache to an environment.
  const write = [tree, path.dirname(own), ...caches]
  const searchPath = inherited['PATH'] ?? ''
  return isolation.sandbox({
    python,
    searchPath,
    hide: [other],
    read: [],
    write,
    tmp,
    network: true,
  })
}

type Ended = { code: number | null; signal: string | null; late: boolean; printed: Printed }

function failed(installation: Installation, { code, signal, late, printed }: Ended): Failure {
  const { side, command, timeoutSeconds } = installation
  const what = `\`${command}\` for ${side}`
  if (late) {
    return new Failure('timeout', `${what} took longer than ${timeoutSeconds} seconds.`, {
      side,
      hint: 'Raise the input `timeout`, or install less: SQLMesh and what the project imports is enough.',
    })
  }
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`
  const lines = shownLines(printed.stderr.trim() || printed.stdout.trim(), installation)
  return new Failure('install-failed', [`${what} ended with ${how}.`, ...lines].join('\n'), {
    side,
    hint: advice(`${printed.stdout}\n${printed.stderr}`, installation),
  })
}

/** The end of what was printed, without this machine's paths. */
function shownLines(text: string, { tree, place }: Installation): string[] {
  const shown = stripVTControlCharacters(text)
    .replaceAll(`${tree}/`, '')
    .replaceAll(path.dirname(place.venv), '…')
  return shown
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== '')
    .slice(-SHOWN_LINES)
    .map((line) => line.slice(0, 300))
}

function advice(printed: string, { inherited, names }: Installation): string {
  if (/setuptools[-_]scm|hatch-vcs|not a git repository/i.test(printed)) {
    return 'The copy of the commit has no .git. Leave the project itself out of the installation (`uv sync --no-install-project`, `poetry install --no-root`), or put SETUPTOOLS_SCM_PRETEND_VERSION=0 before the command.'
  }
  if (/no new privileges|Read-only file system/i.test(printed)) {
    return 'An installation that is isolated cannot use sudo, and writes to nothing but its copy of the commit, its environment, `~`, the folder for temporary files and caches that `env` names. Do in an earlier step what needs more.'
  }
  const kept = keptBack(inherited, names)
  const general =
    'The command runs in the root of a copy of that commit, with a private home and an allow-listed environment; the log shows more of what it printed.'
  if (kept.length === 0) return general
  return `${general} Kept back because they hold credentials: ${kept.join(', ')}. If the command needs one, name it in the input \`env\`.`
}

/** The environment that the command filled: ours, or a `.venv` that it made in the tree. */
async function madePython(installation: Installation): Promise<string> {
  const { side, command, tree, projects, place, inherited, isolation } = installation
  const folders = [...projects.map((project) => path.join(tree, project)), tree]
  const own = folders.map((folder) => path.join(folder, '.venv'))
  const environment = { ...inherited, ...activated(inherited['PATH'], place.venv) }
  const search = { workspace: tree, environment, isolation }
  const { found, tried } = await firstWithSqlmesh(inVenvs([place.venv, ...own]), search)
  if (found === null) {
    const message = `\`${command}\` for ${side} installed no SQLMesh. Looked at: ${tried.replaceAll(path.dirname(place.venv), '…')}.`
    throw new Failure('environment', message, {
      side,
      hint: 'Let the command install the project’s requirements, SQLMesh among them, into the active virtual environment.',
    })
  }
  const inTree = own.find((folder) => found.startsWith(`${folder}/`))
  if (inTree === undefined) return found
  // The tree is not always at the place where it is now, but the environment serves both commits.
  const kept = `${place.venv}-of-project`
  await rename(inTree, kept)
  return path.join(kept, path.relative(inTree, found))
}

function lastLines(thrown: unknown): string {
  const { stderr, stdout, message } = thrown as {
    stderr?: string
    stdout?: string
    message: string
  }
  return (stderr?.trim() || stdout?.trim() || message).split('\n').slice(-3).join(' ')
}
