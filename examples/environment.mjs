import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'

/** @typedef {{ executable: string, version: string }} Interpreter */
/** @typedef {(line: string) => void} Log */

const DEFAULT_CACHE = resolve(import.meta.dirname, '..', '.cache')
const OLDEST = [3, 9]
const COMMAND_TIMEOUT_MS = 15 * 60_000
/** No two commands that fill an environment take longer, so an older one without a marker is dead. */
const ABANDONED_AFTER_MS = 3 * COMMAND_TIMEOUT_MS

/** @type {Map<string, Promise<string>>} environments that this process has asked for, by folder */
const asked = new Map()

/**
 * A virtual environment with exactly these requirements, made on first use and then kept. Callers in
 * other processes may ask for the same one at the same time: each fills a folder of its own, and the
 * first complete one is everybody's from then on.
 *
 * @param {object} options
 * @param {string} options.name start of the folder's name, for people
 * @param {readonly string[]} options.requirements as pip takes them, such as `sqlmesh==0.236.4`
 * @param {string} [options.cacheDir] default: `.cache` of this repository
 * @param {Log} [options.log] is called only where there is something to wait for
 * @returns {Promise<string>} absolute path of the environment's python
 * @throws {Error} with the command that failed, its last lines and what to do
 */
export async function pythonEnvironment({
  name,
  requirements,
  cacheDir = DEFAULT_CACHE,
  log = () => {},
}) {
  const cache = resolve(cacheDir, 'python')
  const python = await findInterpreter()
  return await kept(keyedFolder(cache, name, requirements, python), async (venv) => {
    log(`Making a Python environment with ${requirements.join(', ')} (first run only) …`)
    const uv = await findUv(cache, python, log)
    if (uv === null || !(await filledByUv(uv, venv, python, requirements, log))) {
      await fillWithPip(venv, python, requirements)
    }
    await compileWhatIsImported(venv, requirements)
  })
}

/**
 * @param {string} cache
 * @param {string} name
 * @param {readonly string[]} requirements
 * @param {Interpreter} python
 */
function keyedFolder(cache, name, requirements, python) {
  const key = JSON.stringify([[...requirements].sort(), python.version])
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 16)
  return join(cache, `${name}-${hash}`)
}

/**
 * The complete environment in a folder; made by `fill` where there is none.
 *
 * @param {string} folder
 * @param {(venv: string) => Promise<void>} fill
 * @returns {Promise<string>} its python
 */
function kept(folder, fill) {
  const earlier = asked.get(folder)
  if (earlier !== undefined) return earlier
  const environment = findOrMake(folder, fill)
  asked.set(folder, environment)
  environment.catch(() => asked.delete(folder))
  return environment
}

/**
 * @param {string} folder
 * @param {(venv: string) => Promise<void>} fill
 */
async function findOrMake(folder, fill) {
  const existing = findComplete(folder)
  if (existing !== null) return existing
  mkdirSync(folder, { recursive: true })
  removeAbandoned(folder)
  // An environment's own path is baked into it, so it is filled where it will stay.
  const attempt = mkdtempSync(join(folder, 'env-'))
  try {
    await fill(join(attempt, 'venv'))
    const faster = findComplete(folder)
    if (faster === null) {
      writeFileSync(join(attempt, '.ready'), '')
      return pythonOf(attempt)
    }
    rmSync(attempt, { recursive: true, force: true })
    return faster
  } catch (error) {
    rmSync(attempt, { recursive: true, force: true })
    throw error
  }
}

/** @param {string} folder */
function attemptsIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .map((entry) => join(folder, entry))
}

/** @param {string} attempt */
function isComplete(attempt) {
  return existsSync(join(attempt, '.ready')) && existsSync(pythonOf(attempt))
}

/** @param {string} folder */
function findComplete(folder) {
  const complete = attemptsIn(folder).find(isComplete)
  return complete === undefined ? null : pythonOf(complete)
}

/** @param {string} folder */
function removeAbandoned(folder) {
  for (const attempt of attemptsIn(folder)) {
    const age = Date.now() - (statSync(attempt, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (!isComplete(attempt) && age > ABANDONED_AFTER_MS) {
      rmSync(attempt, { recursive: true, force: true })
    }
  }
}

/** @param {string} attempt */
function pythonOf(attempt) {
  return inVenv(join(attempt, 'venv'), 'python')
}

/**
 * @param {string} venv
 * @param {string} program
 */
function inVenv(venv, program) {
  return process.platform === 'win32'
    ? join(venv, 'Scripts', `${program}.exe`)
    : join(venv, 'bin', program)
}

/**
 * uv, which installs ten times faster than pip, from an environment of its own.
 *
 * @param {string} cache
 * @param {Interpreter} python
 * @param {Log} log
 * @returns {Promise<string | null>} null when it cannot be had
 */
async function findUv(cache, python, log) {
  try {
    const tools = await kept(keyedFolder(cache, 'tools', ['uv'], python), (venv) =>
      fillWithPip(venv, python, ['uv']),
    )
    return join(tools, '..', process.platform === 'win32' ? 'uv.exe' : 'uv')
  } catch {
    log('uv cannot be had; pip takes about half a minute …')
    return null
  }
}

/**
 * @param {string} uv
 * @param {string} venv
 * @param {Interpreter} python
 * @param {readonly string[]} requirements
 * @param {Log} log
 * @returns {Promise<boolean>} false when pip should try, which may know another package index
 */
async function filledByUv(uv, venv, python, requirements, log) {
  try {
    await run(uv, ['venv', '--quiet', '--python', python.executable, venv])
    await run(uv, ['pip', 'install', '--python', inVenv(venv, 'python'), ...requirements])
    return true
  } catch (error) {
    log(`${error instanceof Error ? error.message : error}\nTrying pip instead …`)
    rmSync(venv, { recursive: true, force: true })
    return false
  }
}

/**
 * @param {string} venv
 * @param {Interpreter} python
 * @param {readonly string[]} requirements
 */
async function fillWithPip(venv, python, requirements) {
  await run(
    python.executable,
    ['-m', 'venv', venv],
    'Install the package with the venv module (Debian and Ubuntu: python3-venv) and try again.',
  )
  await run(
    inVenv(venv, 'python'),
    ['-m', 'pip', 'install', '--disable-pip-version-check', ...requirements],
    'Check the network and the package index that pip is configured to use, and try again.',
  )
}

/** What SQLMesh and Dagster import only when they load a project. */
const IMPORTED_LATE = ['pandas', 'sqlmesh.cli.main', 'dagster._cli']

/**
 * Imports the packages once, so that Python keeps what it compiles: uv compiles nothing, and a load of a
 * project writes nothing, so that each would compile SQLMesh anew, which takes three times as long as
 * the rest of its import.
 *
 * @param {string} venv
 * @param {readonly string[]} requirements
 */
async function compileWhatIsImported(venv, requirements) {
  const names = requirements.map((one) => /^[\w-]*/.exec(one)?.[0].replaceAll('-', '_') ?? '')
  const script = `import importlib, sys
sys.dont_write_bytecode = False
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except Exception:
        pass  # Not each package has a module of its name.
`
  await run(inVenv(venv, 'python'), ['-c', script, ...names, ...IMPORTED_LATE])
}

/**
 * @returns {Promise<Interpreter>} the first Python on PATH that is new enough
 */
async function findInterpreter() {
  const seen = []
  for (const command of ['python3', 'python']) {
    const question = 'import platform, sys; print(platform.python_version()); print(sys.executable)'
    const answer = await run(command, ['-c', question]).catch(() => '')
    const [version = '', executable = ''] = answer.trim().split(/\r?\n/)
    if (isNewEnough(version)) return { version, executable }
    if (version !== '') seen.push(`${command} is ${version}`)
  }
  const oldest = OLDEST.join('.')
  const found = seen.length > 0 ? seen.join(', ') : 'neither python3 nor python is on PATH'
  throw new Error(`Python ${oldest} or newer is needed, but ${found}. Install it and try again.`)
}

/** @param {string} version */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} [advice] what to do when it fails
 * @returns {Promise<string>} its standard output
 */
function run(command, args, advice = '') {
  return new Promise((done, failed) => {
    const options = { timeout: COMMAND_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 }
    execFile(command, [...args], options, (error, stdout, stderr) => {
      if (error === null) return done(stdout)
      const output = `${stdout}${stderr}`.trim() || error.message
      const lines = output.split(/\r?\n/).slice(-12)
      const why = error.killed
        ? `did not end within ${COMMAND_TIMEOUT_MS / 60_000} minutes`
        : 'failed'
      const text = [`\`${command} ${args.join(' ')}\` ${why}:`, ...lines.map((line) => `  ${line}`)]
      failed(new Error([...text, ...(advice ? [advice] : [])].join('\n'), { cause: error }))
    })
  })
}
