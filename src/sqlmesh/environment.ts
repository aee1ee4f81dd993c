import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { Failure } from '../failure.ts'

const run = promisify(execFile)

/** Variables of the runner that a Python process needs to start and to talk in the user's language. */
const PASSED_ON = /^(PATH|LANG|LANGUAGE|LC_[A-Z]+|TZ|VIRTUAL_ENV|SYSTEMROOT|TMPDIR|TEMP|TMP)$/

/** Asked of every candidate: where it really is, and whether it has SQLMesh (without importing it). */
const QUESTION =
  'import importlib.util, sys; print(sys.executable); print(importlib.util.find_spec("sqlmesh") is not None)'

const SECONDS_TO_ANSWER = 60

/**
 * The interpreter in which the project loads (contract: which Python loads the project).
 *
 * @param command the input `python`, or null to look for one
 * @param workspace absolute folder of the user's checkout
 * @param projects project folders relative to it
 * @returns absolute path of a Python that has SQLMesh
 * @throws Failure `environment` that lists what was tried
 */
export async function findPython(
  command: string | null,
  workspace: string,
  projects: readonly string[],
): Promise<string> {
  if (command !== null) return await givenPython(command, workspace)
  const tried: string[] = []
  for (const candidate of candidates(workspace, projects)) {
    const answer = await ask([candidate], workspace)
    if (answer?.hasSqlmesh) return answer.executable
    tried.push(answer === null ? `${candidate} (does not run)` : `${candidate} (has no sqlmesh)`)
  }
  throw new Failure(
    'environment',
    `No Python with SQLMesh was found. Tried: ${tried.join(', ')}.`,
    {
      hint: 'Install the project’s requirements in an earlier step, or point the input `python` to the interpreter that has them.',
    },
  )
}

/** The environment of a load: what was allowed, nothing of the runner's tokens and settings. */
export function loadEnvironment(
  inherited: NodeJS.ProcessEnv,
  names: readonly string[],
  scratch: string,
): NodeJS.ProcessEnv {
  const passed = Object.entries(inherited).filter(
    ([name]) => PASSED_ON.test(name) || names.includes(name),
  )
  return {
    ...Object.fromEntries(passed),
    HOME: scratch,
    SQLMESH_HOME: path.join(scratch, 'sqlmesh'),
    SQLMESH__DISABLE_ANONYMIZED_ANALYTICS: 'true',
    // Sets used as constants in macros are hashed by their repr, whose order depends on this.
    PYTHONHASHSEED: '0',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUTF8: '1',
    TZ: 'UTC',
  }
}

function candidates(workspace: string, projects: readonly string[]): string[] {
  const folders = [...projects.map((project) => path.join(workspace, project)), workspace]
  const environments = [
    process.env['VIRTUAL_ENV'],
    ...folders.map((folder) => path.join(folder, '.venv')),
  ].filter((folder) => folder !== undefined && folder !== '')
  const interpreters = environments
    .map((folder) => path.join(folder as string, 'bin', 'python'))
    .filter((file) => existsSync(file))
  return [...new Set([...interpreters, 'python3', 'python'])]
}

async function givenPython(command: string, workspace: string): Promise<string> {
  const words = splitWords(command)
  const first = words[0]
  if (first === undefined) throw new Failure('config', 'Input `python` is blank.')
  // A path is meant relative to the repository, whatever the folder of this process is.
  const program = first.includes('/') ? path.resolve(workspace, first) : first
  const answer = await ask([program, ...words.slice(1)], workspace)
  if (answer === null) {
    throw new Failure('environment', `The input \`python\` (${command}) does not run as Python.`, {
      hint: 'Give the path of an interpreter, or a command line such as `uv run python`.',
    })
  }
  if (!answer.hasSqlmesh) {
    throw new Failure('environment', `SQLMesh is not installed in ${answer.executable}.`, {
      hint: 'Install the project’s requirements there, or point the input `python` elsewhere.',
    })
  }
  return answer.executable
}

async function ask(
  command: readonly string[],
  workspace: string,
): Promise<{ executable: string; hasSqlmesh: boolean } | null> {
  const [program, ...rest] = command
  try {
    const { stdout } = await run(program as string, [...rest, '-c', QUESTION], {
      cwd: workspace,
      timeout: SECONDS_TO_ANSWER * 1000,
      env: safeEnvironment(),
    })
    // Wrappers such as `uv run` may print lines of their own first.
    const [executable, has] = stdout.trim().split('\n').slice(-2)
    if (!executable || !path.isAbsolute(executable)) return null
    return { executable, hasSqlmesh: has === 'True' }
  } catch {
    // Not there, not runnable or not Python: the caller lists it as tried.
    return null
  }
}

/** Tools such as uv and Poetry need HOME for their caches; the runner's tokens they do not need. */
function safeEnvironment(): NodeJS.ProcessEnv {
  const secret = /^(GITHUB_|ACTIONS_|INPUT_|RUNNER_|STATE_)|TOKEN|SECRET|PASSWORD/i
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !secret.test(name)))
}

/** Words of a command line; quotes keep blanks together, as in a shell, and nothing is expanded. */
function splitWords(command: string): string[] {
  const words = command.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? []
  return words.map((word) => word.replace(/^(["'])(.*)\1$/, '$2'))
}
