import { realpathSync } from 'node:fs'
import { devNull } from 'node:os'
import { Failure } from '../platform/failure.ts'
import { type Bound, firstLine, type Git, runGit } from './gitCommand.ts'
import { repositoryVariables } from './gitEnvironment.ts'
import type { Objects } from './objectReader.ts'

/** The user's repository. Only finding and fetching commits is done in it; for the rest see objectReader.ts. */
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
    return await runGit(args, input, {
      folder,
      environment: repositoryVariables(process.env, remote),
      // A job container may run as another user than the one who owns the checkout.
      config: [...SETTINGS, `safe.directory=${folder}`],
      bound: remote ? bounds.remote : bounds.local,
    })
  }
}
