import { type SimpleGit, GitError as SimpleGitError, simpleGit } from 'simple-git'
import { killOnExit } from '../platform/exit.ts'

/**
 * Runs one git command and gives what it printed, without the last line end.
 *
 * @param input goes to its standard input
 */
export type Git = (args: readonly string[], input?: string) => Promise<string>

/** What git said when it failed. */
export class GitError extends Error {}

/** What one command may take before it is ended. */
export type Bound = { readonly bytes: number; readonly seconds: number }

type Place = {
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** Settings that outdo those of the repository. */
  readonly config: readonly string[]
  /** null where it writes files. */
  readonly bound: Bound | null
}

/**
 * simple-git guards against settings, variables and options by which a program could be named. Ours name none
 * (repository.ts, gitEnvironment.ts), or git's own (`--upload-pack` in commits.ts).
 */
const GUARDS_LIFTED = {
  allowUnsafeHooksPath: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeAskPass: true,
  allowUnsafeConfigPaths: true,
  allowUnsafePack: true,
}

/**
 * Runs git with exactly this environment. A command that finds nothing (exit code 1 without an error,
 * as `grep` and `merge-base` end) gives ''.
 *
 * @throws GitError with git's own words, and where the bound is reached
 */
export async function runGit(
  args: readonly string[],
  input: string,
  place: Place,
): Promise<string> {
  const printed = await runBounded(args, input, place, (client) => client.raw([...args]))
  return printed.replace(/\r?\n$/, '')
}

/** The bytes of blobs, as `git cat-file --batch` gives them. @throws GitError as above */
export async function readBlobs(blobs: readonly string[], place: Place): Promise<Buffer> {
  if (blobs.length === 0) return Buffer.alloc(0)
  const input = blobs.map((blob) => `${blob}\n`).join('')
  return await runBounded(['cat-file'], input, place, (client) => client.binaryCatFile(['--batch']))
}

async function runBounded<T>(
  args: readonly string[],
  input: string,
  { folder, environment, config, bound }: Place,
  run: (client: SimpleGit) => Promise<T>,
): Promise<T> {
  if (args.some((arg) => arg.includes('\0'))) throw new GitError('a name has a NUL in it')
  const ending = new AbortController()
  const outlived = killOnExit(() => ending.abort())
  using limit = bound && limitOf(args, bound, () => ending.abort())
  try {
    const client = simpleGit({
      baseDir: folder,
      config: [...config],
      allowEnvironment: Object.keys(environment),
      abort: ending.signal,
      unsafe: GUARDS_LIFTED,
      input: () => input,
      errors: (_, { exitCode, stdErr }) => failureOf(args, exitCode, String(Buffer.concat(stdErr))),
    })
    client.outputHandler((_, stdout, stderr) => {
      for (const stream of [stdout, stderr]) stream.on('data', (chunk) => limit?.add(chunk))
    })
    const printed = await run(client.env(environment))
    // It may have ended by itself before it could be stopped.
    const reached = limit?.reached() ?? null
    if (reached !== null) throw reached
    return printed
  } catch (cause) {
    if (!(cause instanceof SimpleGitError)) throw cause
    throw limit?.reached() ?? new GitError(cause.message, { cause })
  } finally {
    outlived()
  }
}

/** @param exitCode null after a signal, whatever simple-git's type says */
function failureOf(args: readonly string[], exitCode: number | null, said: string) {
  if (exitCode === 0 || (exitCode === 1 && !/^(fatal|error):/m.test(said))) return undefined
  const how = exitCode === null ? 'a signal' : `exit code ${exitCode}`
  return Buffer.from(said.trim() || `git ${nameOf(args)} ended with ${how}`)
}

/** First line of what git said, for messages. */
export function firstLine(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.find((line) => /^(fatal|error):/.test(line)) ?? lines[0] ?? 'git failed'
}

/** The command's name, which stands after settings. */
function nameOf(args: readonly string[]): string {
  return args.find((word, at) => word !== '-c' && args[at - 1] !== '-c') ?? ''
}

type Limit = Disposable & {
  /** Counts what was printed. */
  readonly add: (chunk: Buffer | string) => void
  /** What to throw once a command has taken more than it may; null until then. */
  readonly reached: () => GitError | null
}

/** @param stop ends the command that has taken more than it may */
function limitOf(args: readonly string[], { bytes, seconds }: Bound, stop: () => void): Limit {
  let reached: GitError | null = null
  const reach = (what: string) => {
    reached = new GitError(`git ${nameOf(args)} took more than ${what}`)
    stop()
  }
  const timer = setTimeout(() => reach(`${seconds} seconds`), seconds * 1000)
  let size = 0
  return {
    add(chunk) {
      size += chunk.length
      if (size > bytes) reach(`${bytes} bytes`)
    },
    reached: () => reached,
    [Symbol.dispose]: () => clearTimeout(timer),
  }
}
