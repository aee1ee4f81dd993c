import { existsSync, type Stats, statSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import path from 'node:path'
import { isInside, names, real } from './comparePaths.ts'
import { findGitFolders, type GitFolders } from './gitFolders.ts'

/** Where the places that are hidden are looked for. */
export type Surroundings = {
  /** Environment of this process. */
  readonly environment: NodeJS.ProcessEnv
  /** Absolute root of the user's checkout. */
  readonly workspace: string
  /** Names of variables whose values the loaded code gets anyway. */
  readonly given: readonly string[]
  /** See `lookForGit`. */
  readonly gitFolders: GitFolders
}

/** Existing places that loaded code must not read: absolute, without links, sorted. */
export type Hidden = {
  /** Nothing of these is ever shown. */
  readonly sealed: readonly string[]
  /** What lies in these may be shown: an environment, a checkout, a folder of ours. */
  readonly covers: readonly string[]
}

/** Folders of programs in a home; everything else there that starts with a dot is hidden, but for environments. */
const PROGRAMS = ['.local', '.pyenv', '.cargo', '.asdf', '.rye']
const SECRETS_AMONG_PROGRAMS = [
  '.local/share/keyrings',
  '.local/share/python_keyring',
  '.local/share/uv/credentials',
  '.cargo/credentials',
  '.cargo/credentials.toml',
]

/** Sockets of daemons that would do what they are told, and what anybody leaves for a while. */
const SHARED = ['/run', '/var/run', '/var/tmp']

/** What only the superuser may read. */
const SYSTEM = [
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

/** Looks for git's folders wherever a job has checkouts, which takes a while where there are many files. */
export async function lookForGit({
  environment,
  workspace,
}: Pick<Surroundings, 'environment' | 'workspace'>): Promise<GitFolders> {
  const { GITHUB_WORKSPACE, RUNNER_TEMP } = environment
  return await findGitFolders([workspace, GITHUB_WORKSPACE ?? '', RUNNER_TEMP ?? ''])
}

/** The runner's own files, git's, and wherever credentials usually are. */
export function placesToHide(surroundings: Surroundings): Hidden {
  const { environment, gitFolders } = surroundings
  const all = homes(environment)
  const sealed = [
    ...filesOfVariables(surroundings),
    ...runnerFolders(environment).flatMap((folder) => within(folder, RUNNER_FILES)),
    ...gitFolders.found,
    ...all.flatMap((home) => within(home, SECRETS_AMONG_PROGRAMS)),
    ...SYSTEM,
  ]
  const covers = [
    environment['RUNNER_TEMP'] ?? '',
    ...gitFolders.unread,
    ...all.flatMap(dotted),
    ...SHARED,
  ]
  return { sealed: existing(sealed), covers: existing(covers) }
}

/**
 * Files that variables which the loaded code gets point to: it is meant to read them. Not what is never
 * anybody's to read, whatever points there.
 */
export function filesGiven(
  { environment, given }: Surroundings,
  { sealed }: Hidden,
): readonly string[] {
  const values = existing(given.map((name) => environment[name] ?? ''))
  const never = new Set(existing([environment['RUNNER_TEMP'] ?? '', '/tmp', ...SHARED]))
  return values.filter((file) => !never.has(file) && !sealed.some((place) => isInside(file, place)))
}

function existing(places: readonly string[]): readonly string[] {
  const found = places.filter(path.isAbsolute).map(real)
  return [...new Set(found.filter((place) => place !== null))].sort()
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
  const status = statusOf(file)
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

function dotted(home: string): string[] {
  const own = names(home).filter((name) => name.startsWith('.') && !PROGRAMS.includes(name))
  // Whoever makes a virtual environment has it run there.
  return within(home, ['.local/state', ...own]).filter(
    (place) => !existsSync(path.join(place, 'pyvenv.cfg')),
  )
}

function within(folder: string, files: readonly string[]): string[] {
  return files.map((file) => path.join(folder, file))
}

/** null where there is nothing, or nothing that this user may look at. */
function statusOf(file: string): Stats | null {
  try {
    return statSync(file)
  } catch {
    return null
  }
}
