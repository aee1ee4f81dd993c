import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { devNull } from 'node:os'
import { basename, join, resolve } from 'node:path'

const examples = import.meta.dirname

/** The project's folder in the sample repository. */
export const SAMPLE_PROJECT = 'warehouse'

/** What SQLMesh, Python and DuckDB leave behind where somebody ran the sample in place. */
const LEFT_BEHIND = /^(\.cache|\.venv|logs|__pycache__|.*\.duckdb(\.wal)?|\.DS_Store)$/

/**
 * Builds a git repository with the shop warehouse as one commit on `main` and the pull request on
 * top of it as one commit on `pull-request`, which is checked out. The same files always give the
 * same commit ids, whatever the user's git is configured to do.
 *
 * @param {string} dir absent or empty folder
 * @returns {{ dir: string, base: string, head: string }} absolute folder and the two commit ids
 * @throws {Error} when the folder holds something, or git is missing or fails
 */
export function buildSampleRepository(dir) {
  const folder = resolve(dir)
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new Error(`${folder} is not empty: name another folder for the sample repository`)
  }
  mkdirSync(folder, { recursive: true })
  const project = join(folder, SAMPLE_PROJECT)

  git(folder, '2026-03-02T09:00:00Z', ['init', '--quiet', '--template=', '--initial-branch=main'])
  copy(join(examples, 'warehouse'), project)
  const base = commit(folder, '2026-03-02T09:00:00Z', 'Shop warehouse')

  git(folder, '2026-03-03T09:00:00Z', ['checkout', '--quiet', '-b', 'pull-request'])
  const overlay = join(examples, 'pull-request')
  copy(overlay, project, ['REMOVED'])
  for (const path of removedPaths(overlay)) rmSync(join(project, path))
  const head = commit(
    folder,
    '2026-03-03T09:00:00Z',
    'Count refunds and leave out cancelled orders',
  )

  return { dir: folder, base, head }
}

/**
 * @param {string} from
 * @param {string} to
 * @param {readonly string[]} except
 */
function copy(from, to, except = []) {
  cpSync(from, to, {
    recursive: true,
    filter: (source) => !LEFT_BEHIND.test(basename(source)) && !except.includes(basename(source)),
  })
}

/**
 * @param {string} overlay
 * @returns {string[]} files that the pull request deletes, relative to the project
 */
function removedPaths(overlay) {
  return readFileSync(join(overlay, 'REMOVED'), 'utf8').split(/\r?\n/).filter(Boolean)
}

/**
 * @param {string} folder
 * @param {string} date
 * @param {string} message
 */
function commit(folder, date, message) {
  git(folder, date, ['add', '--all'])
  git(folder, date, ['commit', '--quiet', '--message', message])
  return git(folder, date, ['rev-parse', 'HEAD']).trim()
}

/**
 * Runs git with nothing of the user's: no configuration, hooks, templates or GIT_* variables.
 *
 * @param {string} folder
 * @param {string} date
 * @param {readonly string[]} args
 */
function git(folder, date, args) {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))
  const env = {
    ...Object.fromEntries(own),
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Sample',
    GIT_AUTHOR_EMAIL: 'sample@example.com',
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: 'Sample',
    GIT_COMMITTER_EMAIL: 'sample@example.com',
    GIT_COMMITTER_DATE: date,
  }
  const settings = {
    'core.autocrlf': 'false',
    'core.fileMode': 'false',
    // Without these git reads ~/.config/git/{ignore,attributes} even where there is no configuration.
    'core.excludesFile': devNull,
    'core.attributesFile': devNull,
  }
  const config = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  try {
    return execFileSync('git', [...config, ...args], {
      cwd: folder,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (error) {
    const missing = /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT'
    const message = missing ? 'git is not installed or not on PATH' : `git ${args.join(' ')} failed`
    throw new Error(`${message}; the sample repository needs git 2.28 or newer`, { cause: error })
  }
}
