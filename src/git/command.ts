import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { endWithUs } from '../ending.ts'

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
  const outlived = endWithUs(() => child.kill(end))
  // A git that does not read its input may be gone before it arrives; its exit code says enough.
  child.stdin.on('error', () => {}).end(input)
  let tooMuch: string | null = null
  const stop = (what: string) => {
    tooMuch = what
    child.kill('SIGKILL')
  }
  const timer = bound && setTimeout(() => stop(`${bound.seconds} seconds`), bound.seconds * 1000)
  const most = bound === null ? Number.POSITIVE_INFINITY : bound.bytes
  try {
    const [stdout, stderr, ended] = await Promise.all([
      bytesOf(child.stdout, most, () => stop(`${most} bytes`)),
      bytesOf(child.stderr, most, () => stop(`${most} bytes`)),
      untilClosed(child),
    ])
    if (tooMuch !== null) throw new GitError(`git ${nameOf(args)} took more than ${tooMuch}`)
    const said = stderr.toString('utf8')
    if (ended.code === 0 || (ended.code === 1 && !/^(fatal|error):/m.test(said))) return stdout
    const how = ended.signal === null ? `exit code ${ended.code}` : `signal ${ended.signal}`
    throw new GitError(said.trim() || `git ${nameOf(args)} ended with ${how}`)
  } finally {
    if (timer !== null) clearTimeout(timer)
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

async function bytesOf(stream: Readable, most: number, onMore: () => void): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > most) onMore()
    else chunks.push(chunk)
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
