import { realpathSync } from 'node:fs'
import { devNull } from 'node:os'
import { GitError as SimpleGitError, simpleGit } from 'simple-git'
import { killOnExit } from '../platform/exit.ts'
import { Failure } from '../platform/failure.ts'
import { type Bound, firstLine, type Git, GitError, limitOf, runGit } from './gitCommand.ts'
import { repositoryVariables } from './gitEnvironment.ts'
import type { Objects } from './objectReader.ts'

/** The user's repository. Only finding and fetching commits is done in it; for the rest see reader.ts. */
export type Repository = {
  readonly root: string
  readonly git: Git
  readonly objects: Objects
}

/**
 * Settings that keep the repository's own programs from running and its files from changing while
 * commits are found. What is said on the command line outdoes what the repository configures.
 */
const SETTINGS = [
  `core.hooksPath=${devNull}`,
  'core.fsmonitor=false',
  'core.askPass=',
  'core.alternateRefsCommand=true',
  'gc.auto=0',
  'maintenance.auto=false',
  // A remote that has stopped answering.
  'http.lowSpeedLimit=1',
  'http.lowSpeedTime=60',
]

/** What one command may take: finding commits, and fetching them from a remote that still answers. */
type Bounds = { readonly local: Bound; readonly remote: Bound }

const BYTES = 64 * 1024 * 1024
const BOUNDS: Bounds = {
  local: { bytes: BYTES, seconds: 300 },
  remote: { bytes: BYTES, seconds: 3600 },
}

/**
 * simple-git guards against settings and options by which a program could be named: SETTINGS names none,
 * and `--upload-pack` (commits.ts) git's own.
 */
const GUARDS_LIFTED = {
  allowUnsafeHooksPath: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeAskPass: true,
  allowUnsafePack: true,
}

/**
 * Opens the repository that holds `folder`.
 *
 * @throws Failure `git` when there is none, or git itself is missing
 */
export async function openRepository(folder: string): Promise<Repository> {
  const asked = ['--show-object-format', '--path-format=absolute', '--git-path', 'objects']
  let told: string[]
  try {
    told = (await gitIn(folder)(['rev-parse', '--show-toplevel', ...asked])).split('\n')
  } catch (cause) {
    throw new Failure('git', `${folder} is not a git repository: ${firstLine(cause)}`, {
      hint: 'In a workflow, run actions/checkout before this action. In a terminal, use --repo.',
      cause,
    })
  }
  const [root, format, objects] = told
  if (root === undefined || format === undefined || objects === undefined || told.length > 3) {
    throw new Failure('git', `The repository at ${folder} has a path that cannot be used.`, {
      hint: 'Put it where no folder has a line end in its name.',
    })
  }
  const place = realpathSync(root)
  return { root: place, git: gitIn(place), objects: { folder: objects, format } }
}

/** Git in a repository of the user's, such as a submodule's, to find and fetch commits. */
export function gitIn(folder: string, bounds = BOUNDS): Git {
  return async (args, input = '') => {
    const remote = args.some((word) => word === 'fetch' || word === 'ls-remote')
    const bound = remote ? bounds.remote : bounds.local
    const environment = repositoryVariables(process.env, remote)
    // A job container may run as another user than the one who owns the checkout.
    const config = [...SETTINGS, `safe.directory=${folder}`]
    if (input !== '') {
      // simple-git has no way to give a command input.
      const settings = config.flatMap((one) => ['-c', one])
      return await runGit([...settings, ...args], input, {
        folder,
        environment,
        end: 'SIGTERM',
        bound,
      })
    }
    const ending = new AbortController()
    const outlived = killOnExit(() => ending.abort())
    using limit = limitOf(args, bound, () => ending.abort())
    try {
      const client = simpleGit({
        baseDir: folder,
        config,
        allowEnvironment: Object.keys(environment),
        trimmed: true,
        abort: ending.signal,
        unsafe: GUARDS_LIFTED,
      })
      client.outputHandler((_, stdout, stderr) => {
        for (const stream of [stdout, stderr]) stream.on('data', limit.add)
      })
      return await client.env(environment).raw([...args])
    } catch (cause) {
      if (!(cause instanceof SimpleGitError)) throw cause
      throw limit.reached() ?? new GitError(cause.message, { cause })
    } finally {
      outlived()
    }
  }
}
