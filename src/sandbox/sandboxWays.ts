import { execFile } from 'node:child_process'
import { closeSync, existsSync, openSync, readSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { PYTHON_FOLDER } from '../platform/shippedPython.ts'

const run = promisify(execFile)

const SCRIPT = path.join(PYTHON_FOLDER, 'sandbox', 'sandbox.py')

/** Neither variables, packages nor files near the workspace decide what it imports, and it leaves none. */
const FLAGS = ['-I', '-S', '-B']

const RULES = ['landlock', 'limits'] as const

/** As sudo.py has it. */
const SUDO = '/usr/bin/sudo'

const SECONDS_TO_TRY = 20

/**
 * How a sandbox is made: with namespaces by the superuser, in a user namespace of one's own, or by sudo; by
 * rules of the kernel alone; or not at all, with limits and without privileges to gain.
 */
export type Way = 'root' | 'user' | 'sudo' | 'landlock' | 'limits'

/** What works on this machine. */
export type Trial = {
  /** null where not even limits can be set. */
  readonly launcher: { readonly python: string; readonly way: Way } | null
  /** What was tried and did not work, with the reasons. */
  readonly tried: readonly string[]
}

/**
 * Finds out by trying which way a sandbox can be made in. Takes as long as a Python without packages takes
 * to start, and needs nothing of the repository, so that it can be started before anything else.
 *
 * @returns never rejects
 */
export async function tryWays(environment: NodeJS.ProcessEnv): Promise<Trial> {
  if (process.platform !== 'linux') {
    return { launcher: null, tried: [`namespaces (there are none on ${process.platform})`] }
  }
  const ways = waysToTry(environment)
  const tried: string[] = []
  for (const python of launchers(environment['PATH'] ?? '')) {
    const found = await tryWith(python, ways, environment)
    if (typeof found === 'string') {
      tried.push(`${python} (${found})`)
      continue
    }
    for (const [way, problem] of found) {
      if (problem === '') return { launcher: { python, way }, tried }
      tried.push(`${NAMES[way]} (${problem})`)
    }
    // Another Python would not be allowed more.
    return { launcher: null, tried }
  }
  return { launcher: null, tried: [...tried, 'a Python to start it with (none was found)'] }
}

/**
 * Only a runner is asked for its superuser's help: on people's machines sudo asks, or tells somebody. And
 * that help comes last, as a user namespace does without it.
 */
function waysToTry(environment: NodeJS.ProcessEnv): readonly Way[] {
  const mayAsk = environment['GITHUB_ACTIONS'] === 'true' && existsSync(SUDO)
  const first: Way[] = process.getuid?.() === 0 ? ['root', 'user'] : ['user']
  return [...first, ...(mayAsk && !first.includes('root') ? (['sudo'] as const) : []), ...RULES]
}

const NAMES = {
  root: 'namespaces as the superuser',
  user: 'a user namespace',
  sudo: 'sudo without a password',
  landlock: 'Landlock',
  limits: 'limits',
} satisfies Record<Way, string>

/** Each way's problem, '' for the one that works; or why this Python cannot tell. */
async function tryWith(
  python: string,
  ways: readonly Way[],
  environment: NodeJS.ProcessEnv,
): Promise<[Way, string][] | string> {
  try {
    const { stdout } = await run(python, [...FLAGS, SCRIPT, 'try', '--', ...ways], {
      timeout: SECONDS_TO_TRY * 1000,
      // Not in the checkout: an empty entry of LD_LIBRARY_PATH means the current folder.
      cwd: '/',
      env: libraryPath(environment),
    })
    const lines = stdout.split('\n').filter((line) => line !== '')
    return lines.map((line) => line.split('\t') as [Way, string])
  } catch (error) {
    return (error as Error).message.trim().split('\n').at(-1) ?? 'does not run'
  }
}

/** A Python that actions/setup-python brings may need it to find its own library. */
function libraryPath({ LD_LIBRARY_PATH }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH }
}

/** The system's Python, as nothing in a job changes it; else the first on PATH that is a program. */
function launchers(searchPath: string): string[] {
  const folders = ['/usr/bin', '/usr/local/bin', ...searchPath.split(path.delimiter)]
  const found = folders
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => programAt(path.join(folder, 'python3')))
    .filter((program) => program !== null)
  return [...new Set(found)]
}

/** Real path of an executable in ELF; null for scripts, such as pyenv's shims, and for nothing. */
function programAt(file: string): string | null {
  try {
    const real = realpathSync(file)
    const descriptor = openSync(real, 'r')
    try {
      const start = Buffer.alloc(4)
      readSync(descriptor, start)
      return start.toString('latin1') === '\u007fELF' ? real : null
    } finally {
      closeSync(descriptor)
    }
  } catch {
    // Not there, or not to be read: it starts nothing.
    return null
  }
}

/** What a sandbox is like, beside what every sandbox is like. */
export type MountPlan = {
  /** Absolute folders and files that must not be seen. */
  readonly hide: readonly string[]
  /** What must be seen although something above it is hidden. */
  readonly show: readonly string[]
  /** Folders that may be written to; nothing else may, but a private /tmp. */
  readonly write: readonly string[]
  /** A folder to be /tmp; null = /tmp is in memory. */
  readonly tmp: string | null
  readonly network: boolean
  /** Descriptor on which it is said why nothing could be started; null = standard error. */
  readonly note: number | null
}

/** The command line that runs `command` in a sandbox. */
export function commandLine(
  { python, way }: NonNullable<Trial['launcher']>,
  { hide, show, write, tmp, network, note }: MountPlan,
  command: readonly string[],
): string[] {
  const options = [
    ...hide.map((file) => `hide=${file}`),
    ...show.map((file) => `show=${file}`),
    ...write.map((file) => `write=${file}`),
    ...(tmp === null ? [] : [`tmp=${tmp}`]),
    ...(network ? ['network=on'] : []),
    ...(note === null ? [] : [`note=${note}`]),
  ]
  return [python, ...FLAGS, SCRIPT, way, ...options, '--', ...command]
}
