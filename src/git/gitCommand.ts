import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
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
  /** How git is ended when this process is: with SIGTERM it takes its lock files away. */
  readonly end: 'SIGTERM' | 'SIGKILL'
  /** null where it waits for a network, or writes files. */
  readonly bound: Bound | null
}

/**
 * Runs git with exactly this environment. A command that finds nothing (exit code 1 without an error,
 * as `grep` and `merge-base` end) gives ''.
 *
 * @throws GitError with git's own words
 */
export async function runGit(
  args: readonly string[],
  input: string,
  place: Place,
): Promise<string> {
  return (await runGitRaw(args, input, place)).toString('utf8').replace(/\r?\n$/, '')
}

/**
 * The same, with the bytes as they are.
 *
 * @throws GitError also where the bound is reached
 */
export async function runGitRaw(
  args: readonly string[],
  input: string,
  { folder, environment, end, bound }: Place,
): Promise<Buffer> {
  if (args.some((arg) => arg.includes('\0'))) throw new GitError('a name has a NUL in it')
  const child = spawn('git', [...args], {
    cwd: folder,
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const outlived = killOnExit(() => child.kill(end))
  // A git that does not read its input may be gone before it arrives; its exit code says enough.
  child.stdin.on('error', () => {}).end(input)
  using limit = bound && limitOf(args, bound, () => child.kill('SIGKILL'))
  try {
    const [stdout, stderr, ended] = await Promise.all([
      bytesOf(child.stdout, limit),
      bytesOf(child.stderr, limit),
      untilClosed(child),
    ])
    const reached = limit?.reached() ?? null
    if (reached !== null) throw reached
    const said = stderr.toString('utf8')
    if (ended.code === 0 || (ended.code === 1 && !/^(fatal|error):/m.test(said))) return stdout
    const how = ended.signal === null ? `exit code ${ended.code}` : `signal ${ended.signal}`
    throw new GitError(said.trim() || `git ${nameOf(args)} ended with ${how}`)
  } finally {
    outlived()
  }
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
export function limitOf(
  args: readonly string[],
  { bytes, seconds }: Bound,
  stop: () => void,
): Limit {
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

async function bytesOf(stream: Readable, limit: Limit | null): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) {
    limit?.add(chunk)
    if (!limit?.reached()) chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function untilClosed(
  child: ChildProcess,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new GitError(`git could not be started: ${cause.message}`, { cause })),
    )
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
}
