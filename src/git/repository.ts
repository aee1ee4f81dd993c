import { realpathSync } from 'node:fs'
import { devNull } from 'node:os'
import { GitError, simpleGit } from 'simple-git'
import { Failure } from '../failure.ts'

/** Runs one git command in the user's repository and gives its trimmed output. */
export type Git = (args: readonly string[], options?: { index?: string }) => Promise<string>

/**
 * Settings that keep the repository's own programs (hooks, filters, monitors) from running and its
 * files from changing while we read it. Command-line scope beats what the repository configures.
 */
const SETTINGS = [
  `core.hooksPath=${devNull}`,
  'core.fsmonitor=false',
  'filter.lfs.smudge=',
  'filter.lfs.process=',
  'filter.lfs.required=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
  'protocol.ext.allow=never',
]

/**
 * Opens the repository that holds `folder`.
 *
 * @throws Failure `git` when there is none, or git itself is missing
 */
export async function openRepository(folder: string): Promise<{ root: string; git: Git }> {
  const git = gitIn(folder)
  let root: string
  try {
    root = await git(['rev-parse', '--show-toplevel'])
  } catch (cause) {
    throw new Failure('git', `${folder} is not a git repository: ${firstLine(cause)}`, {
      hint: 'In a workflow, run actions/checkout before this action. In a terminal, use --repo.',
      cause,
    })
  }
  return { root: realpathSync(root), git: gitIn(root) }
}

/** First line of what git said, for messages. */
export function firstLine(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.find((line) => /^(fatal|error):/.test(line)) ?? lines[0] ?? 'git failed'
}

function gitIn(folder: string): Git {
  // Inherited git settings, editors and pagers are not ours, and simple-git refuses them.
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(GIT_.*|SSH_ASKPASS|EDITOR|VISUAL|PAGER|PREFIX)$/i.test(name),
  )
  const environment = {
    ...Object.fromEntries(inherited),
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_OPTIONAL_LOCKS: '0',
  }
  return async (args, options = {}) => {
    const variables: NodeJS.ProcessEnv = options.index
      ? { ...environment, GIT_INDEX_FILE: options.index }
      : environment
    const client = simpleGit({
      baseDir: folder,
      // A job container may run as another user than the one who owns the checkout.
      config: [...SETTINGS, `safe.directory=${folder}`],
      allowEnvironment: Object.keys(variables),
      trimmed: true,
      // Each of these lifts simple-git's guard for a setting that SETTINGS turns *off*.
      unsafe: {
        allowUnsafeHooksPath: true,
        allowUnsafeFsMonitor: true,
        allowUnsafeFilter: true,
        allowUnsafeProtocolOverride: true,
      },
    }).env(variables)
    return await client.raw([...args])
  }
}

/** True for an error that git itself reported, as opposed to a defect. */
export function isGitError(thrown: unknown): boolean {
  return thrown instanceof GitError
}
