import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs'
import { homedir, userInfo } from 'node:os'
import path from 'node:path'

/** Where the places that are hidden are looked for. */
export type Surroundings = {
  /** Environment of this process. */
  readonly environment: NodeJS.ProcessEnv
  /** Absolute root of the user's checkout. */
  readonly workspace: string
  /** Names of variables whose values the loaded code gets anyway. */
  readonly given: readonly string[]
}

/** Folders of programs in a home; everything else there that starts with a dot is hidden. */
const PROGRAMS = ['.local', '.pyenv', '.cargo', '.asdf', '.rye']
const SECRETS_AMONG_PROGRAMS = [
  '.local/share/keyrings',
  '.local/share/python_keyring',
  '.local/share/uv/credentials',
  '.local/state',
  '.cargo/credentials',
  '.cargo/credentials.toml',
]

/** Sockets of daemons that would do what they are told, and what only the superuser may read. */
const SYSTEM = [
  '/run',
  '/var/run',
  '/var/tmp',
  '/etc/shadow',
  '/etc/gshadow',
  '/etc/sudoers',
  '/etc/sudoers.d',
  '/etc/ssh',
  '/etc/krb5.keytab',
  '/etc/kubernetes',
  '/etc/docker',
  '/var/lib/docker',
  '/var/lib/cloud',
  '/var/lib/kubelet',
  '/sys/kernel/debug',
  '/sys/kernel/tracing',
]

const RUNNER_FILES = ['.credentials', '.credentials_rsaparams', '.runner', '.env', '_diag']

/** Variables whose files everybody may read: certificates to trust, and settings of installers. */
const HARMLESS = /^((SSL|REQUESTS|CURL|NODE)_|(PIP|UV|POETRY|PIPENV|PDM)_(?!.*(TOKEN|SECRET)))/

/**
 * Existing folders and files that loaded code must not read: the runner's own, git's, and wherever
 * credentials usually are.
 *
 * @returns absolute paths without links, sorted
 */
export function placesToHide(surroundings: Surroundings): readonly string[] {
  const { environment, workspace } = surroundings
  const checkouts = [workspace, environment['GITHUB_WORKSPACE'] ?? workspace]
  const found = [
    ...(environment['RUNNER_TEMP'] ? [environment['RUNNER_TEMP']] : []),
    ...filesOfVariables(surroundings),
    ...runnerFolders(environment).flatMap((folder) => within(folder, RUNNER_FILES)),
    ...checkouts.flatMap(gitFolders),
    ...homes(environment).flatMap(secretsOfHome),
    ...SYSTEM,
  ]
  return [...new Set(found.map(real).filter((place) => place !== null))].sort()
}

/** Files that variables which the loaded code gets point to: it is meant to read them. */
export function filesGiven({ environment, given }: Surroundings): readonly string[] {
  const values = given.map((name) => environment[name] ?? '').filter(path.isAbsolute)
  return values.map(real).filter((file) => file !== null)
}

/**
 * Where a Python's own files are. Its path may be the pull request's to choose, so that only folders
 * with Python's library in them count, beside the one that it lies in.
 */
export function placesOfPython(python: string): readonly string[] {
  const above = (file: string) => path.dirname(path.dirname(file))
  const bases = [real(python) ?? python, path.join(homeOfVenv(above(python)), 'python')].map(above)
  return [above(python), ...bases.filter(hasLibrary).flatMap((base) => real(base) ?? [])]
}

/** The `home` of pyvenv.cfg: the folder of the Python that a virtual environment was made with. */
function homeOfVenv(venv: string): string {
  try {
    const text = readFileSync(path.join(venv, 'pyvenv.cfg'), 'utf8')
    return /^home\s*=\s*(\/.*?)\s*$/m.exec(text)?.[1] ?? venv
  } catch {
    // It is no virtual environment.
    return venv
  }
}

function hasLibrary(base: string): boolean {
  return ['lib', 'lib64'].some((lib) =>
    names(path.join(base, lib)).some(
      (name) => /^python3/.test(name) && existsSync(path.join(base, lib, name, 'os.py')),
    ),
  )
}

/**
 * google-github-actions/auth leaves its key in the workspace; others in files of their own. What a
 * harmless variable points to stays, whatever else points there: AWS_CA_BUNDLE is often SSL_CERT_FILE.
 */
function filesOfVariables({ environment, given }: Surroundings): string[] {
  const files = Object.entries(environment)
    .map(([name, value]) => [name, value?.replace(/^unix:\/\//, '') ?? ''] as const)
    .filter(([, value]) => path.isAbsolute(value) && isPlainFile(value))
  const needed = new Set(
    files.filter(([name]) => HARMLESS.test(name)).map(([, file]) => real(file)),
  )
  return files
    .filter(([name, file]) => !given.includes(name) && !needed.has(real(file)))
    .map(([, file]) => file)
}

/** A file that is no program, or a socket. */
function isPlainFile(file: string): boolean {
  const status = statusOf(file, statSync)
  if (status === null || status.isDirectory()) return false
  return status.isSocket() || (status.mode & 0o111) === 0
}

/** The runner's folder has its credentials; `node` lies in `externals/node24/bin` of it. */
function runnerFolders(environment: NodeJS.ProcessEnv): string[] {
  const [root] = process.execPath.split(`${path.sep}externals${path.sep}`)
  const work = environment['RUNNER_TEMP'] ?? ''
  const above = [path.dirname(work), path.dirname(path.dirname(work))]
  return [...(root && root !== process.execPath ? [root] : []), ...(work === '' ? [] : above)]
}

/** A checkout's `.git`, and those of checkouts that lie in it. */
function gitFolders(checkout: string): string[] {
  return ['.', ...names(checkout)].flatMap((folder) => gitFolder(path.join(checkout, folder)))
}

/** In a linked worktree or a submodule `.git` is a file that says where the folder is. */
function gitFolder(folder: string): string[] {
  const place = path.join(folder, '.git')
  const status = statusOf(place, lstatSync)
  if (status === null) return []
  if (!status.isFile()) return [place]
  const target = /^gitdir: (.*)$/m.exec(readFileSync(place, 'utf8'))?.[1]
  if (target === undefined) return [place]
  const own = path.resolve(folder, target)
  const common = path.join(own, 'commondir')
  const shared = existsSync(common) ? path.resolve(own, readFileSync(common, 'utf8').trim()) : own
  return [place, own, shared]
}

function homes(environment: NodeJS.ProcessEnv): string[] {
  return [...new Set([environment['HOME'] || homedir(), userHome()])].filter((home) => home !== '')
}

function userHome(): string {
  try {
    return userInfo().homedir
  } catch {
    // In a container this user may have no entry in /etc/passwd, and so no home.
    return ''
  }
}

function secretsOfHome(home: string): string[] {
  const own = names(home).filter((name) => name.startsWith('.') && !PROGRAMS.includes(name))
  return within(home, [...own, ...SECRETS_AMONG_PROGRAMS])
}

function within(folder: string, files: readonly string[]): string[] {
  return files.map((file) => path.join(folder, file))
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // Not there, no folder, or not to be read: then the loaded code cannot read it either.
    return []
  }
}

/** null where there is nothing, or nothing that this user may look at. */
function statusOf(file: string, read: (file: string) => Stats): Stats | null {
  try {
    return read(file)
  } catch {
    return null
  }
}

/** Where a path leads to; null where it leads nowhere. */
function real(file: string): string | null {
  try {
    return realpathSync(file)
  } catch {
    return null
  }
}
