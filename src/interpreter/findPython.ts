import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { Failure } from '../platform/failure.ts'
import { resolvedPython } from '../sandbox/pythonPlaces.ts'
import { type Isolation, unconfined } from '../sandbox/sandbox.ts'
import { untilDone } from './processGroup.ts'
import { passedOn } from './variables.ts'

const run = promisify(execFile)

/**
 * Asked of every candidate: where it really is, how old it is, and whether it has SQLMesh (without
 * importing it). A folder `sqlmesh` of the repository is no SQLMesh, so the current folder is left out.
 */
const QUESTION = [
  'import importlib.util, sys',
  'sys.path[:] = [entry for entry in sys.path if entry]',
  'print(sys.executable)',
  'print(*sys.version_info[:2])',
  'print(getattr(importlib.util.find_spec("sqlmesh"), "origin", None) is not None)',
].join('; ')

const SECONDS_TO_ANSWER = 60
/** What the scripts that run in the user's Python are written for. */
const OLDEST = [3, 9] as const

type Answer = {
  readonly executable: string
  readonly version: string
  readonly hasSqlmesh: boolean
  /** Why loaded code cannot be shown it; null where it can. */
  readonly whyHidden: string | null
}

/** Where to look, and with what. */
type Search = {
  /** Absolute folder of the user's checkout. */
  readonly workspace: string
  /** Project folders relative to it. */
  readonly projects: readonly string[]
  readonly environment: NodeJS.ProcessEnv
  readonly isolation: Isolation
}

/**
 * The interpreter that the input `python` names.
 *
 * @param command a path, or a command line that runs Python
 * @returns its absolute path
 * @throws Failure `environment` when it is none, is too old or has no SQLMesh
 */
export async function givenPython(command: string, search: Search): Promise<string> {
  const words = wordsOf(command, search.workspace)
  const first = words[0]
  if (first === undefined) throw new Failure('config', 'Input `python` is blank.')
  // A path is meant relative to the repository, whatever the folder of this process is.
  const program = first.includes('/') ? path.resolve(search.workspace, first) : first
  const answer = await ask([program, ...words.slice(1)], search, false)
  const problem = problemOf(answer)
  if (answer !== null && problem === null) return answer.executable
  if (answer === null) {
    throw new Failure('environment', `The input \`python\` (${command}) does not run as Python.`, {
      hint: 'Give the path of an interpreter, or a command line such as `uv run python`.',
    })
  }
  throw new Failure('environment', `The input \`python\` (${command}) ${problem}.`, {
    hint: adviceFor(answer),
  })
}

function adviceFor({ version, whyHidden }: Answer): string {
  if (isOld(version)) return `Point the input \`python\` to ${OLDEST.join('.')} or newer.`
  if (whyHidden !== null) return HIDDEN
  return 'Install the project’s requirements there, or point the input `python` elsewhere.'
}

const HIDDEN =
  'Loaded code is shown a Python only as a whole environment, and none in a hidden place (docs/isolation.md): point the input `python` to the interpreter of a virtual environment.'

/**
 * The first Python with SQLMesh: `VIRTUAL_ENV`, `.venv` in a project or in the repository's root,
 * then `python3` and `python` on PATH.
 *
 * @param suggestion an install command that would make one, for the error's hint
 * @returns its absolute path
 * @throws Failure `environment` that lists what was tried
 */
export async function findPython(search: Search, suggestion: string | null): Promise<string> {
  const { workspace, projects, environment } = search
  const folders = [...projects.map((project) => path.join(workspace, project)), workspace]
  const active = environment['VIRTUAL_ENV'] ? [environment['VIRTUAL_ENV']] : []
  const venvs = [...active, ...folders.map((folder) => path.join(folder, '.venv'))]
  const { found, tried } = await firstWithSqlmesh([...inVenvs(venvs), 'python3', 'python'], search)
  if (found !== null) return found
  const earlier =
    'Install the project’s requirements in an earlier step, or point the input `python` to the interpreter that has them.'
  throw new Failure('environment', `No Python with SQLMesh was found. Tried: ${tried}.`, {
    hint:
      suggestion === null
        ? earlier
        : `Let this action make the environment with the input \`install: ${suggestion}\`. ${earlier}`,
  })
}

/**
 * @param candidates programs in the order of preference
 * @returns `found`: absolute path of the first that will do; `tried`: what was wrong with the others
 */
export async function firstWithSqlmesh(
  candidates: readonly string[],
  place: Omit<Search, 'projects'>,
): Promise<{ found: string | null; tried: string }> {
  const tried: string[] = []
  for (const candidate of new Set(candidates)) {
    const answer = await ask([candidate], place, true)
    const problem = problemOf(answer)
    if (answer !== null && problem === null) return { found: answer.executable, tried: '' }
    tried.push(`${relativeTo(place.workspace, candidate)} (${problem})`)
  }
  return { found: null, tried: tried.join(', ') || 'nothing, there is no Python' }
}

/** The first Python on PATH that is new enough, whatever it has installed; null if there is none. */
export async function barePython(place: Omit<Search, 'projects'>): Promise<string | null> {
  for (const candidate of ['python3', 'python']) {
    const answer = await ask([candidate], place, true)
    if (answer !== null && !isOld(answer.version)) return answer.executable
  }
  return null
}

/** Interpreters of those folders that are virtual environments. */
export function inVenvs(folders: readonly string[]): string[] {
  return folders
    .map((folder) => path.join(folder, 'bin', 'python'))
    .filter((file) => existsSync(file))
}

/** What a failure says of a candidate; null when it will do. */
function problemOf(answer: Answer | null): string | null {
  if (answer === null) return 'does not run'
  if (isOld(answer.version)) {
    return `is Python ${answer.version}, but ${OLDEST.join('.')} or newer is needed`
  }
  if (answer.whyHidden !== null) return `cannot be used, because ${answer.whyHidden}`
  return answer.hasSqlmesh ? null : 'has no sqlmesh'
}

/** Reports hold no absolute path of the checkout. */
function relativeTo(workspace: string, program: string): string {
  return program.startsWith(`${workspace}/`) ? path.relative(workspace, program) : program
}

function isOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
}

/** @param found a path is that of an environment which was found, so that nothing else will do */
async function ask(
  command: readonly string[],
  { workspace, environment, isolation }: Omit<Search, 'projects'>,
  found: boolean,
): Promise<Answer | null> {
  const [first = ''] = command
  // A path may lead to what the pull request brings. Other words are the workflow's own, as a step's are,
  // and such a tool may have to fetch something.
  const own = passedOn(environment)
  const isPath = command.length === 1 && path.isAbsolute(first)
  // A sandbox has the folder that it starts in only if that is shown: a commit's files lie in a hidden one.
  const needs = { read: [workspace], write: [], tmp: null, network: false }
  const confine = isPath
    ? isolation.sandbox({ python: first, unasked: true, ...needs })
    : unconfined
  const [program, ...rest] = confine([...command, '-c', QUESTION], null)
  try {
    const env = isPath
      ? { ...own, HOME: environment['HOME'] }
      : { ...withoutSecrets(environment), ...own }
    const options = { cwd: workspace, timeout: SECONDS_TO_ANSWER * 1000, env }
    const { stdout } = await untilDone(run(program as string, rest, options))
    // Wrappers such as `uv run` may print lines of their own first.
    const [executable, version, has] = stdout.trim().split('\n').slice(-3)
    if (!executable || !version || !path.isAbsolute(executable)) return null
    const asked = found && isPath ? first : null
    return {
      // A name says nothing of where it leads: `…/.git/../bin/python`.
      executable: resolvedPython(executable) ?? executable,
      version: version.replace(' ', '.'),
      hasSqlmesh: has === 'True',
      whyHidden: isolation.whyHidden(executable, asked)?.replaceAll(`${workspace}/`, '') ?? null,
    }
  } catch {
    // Not there, not runnable or not Python: the caller lists it as tried.
    return null
  }
}

/** Tools such as uv and Poetry need HOME for their caches; the runner's tokens they do not need. */
function withoutSecrets(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const secret = /^(GITHUB_|ACTIONS_|INPUT_|RUNNER_|STATE_)|TOKEN|SECRET|PASSWORD/i
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !secret.test(name)))
}

/** The words of a command line; a path that is there is one word, whatever blanks it holds. */
function wordsOf(command: string, workspace: string): string[] {
  const isPath = command.includes('/') && existsSync(path.resolve(workspace, command))
  return isPath ? [command] : splitWords(command)
}

/** Quotes keep blanks together, as in a shell, and nothing is expanded. */
function splitWords(command: string): string[] {
  const words = command.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? []
  return words.map((word) => word.replace(/^(["'])(.*)\1$/, '$2'))
}
