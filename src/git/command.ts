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

type Place = {
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** How git is ended when this process is: with SIGTERM it takes its lock files away. */
  readonly end: 'SIGTERM' | 'SIGKILL'
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
  { folder, environment, end }: Place,
): Promise<string> {
  if (args.some((arg) => arg.includes('\0'))) throw new GitError('a name has a NUL in it')
  const child = spawn('git', [...args], {
    cwd: folder,
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const outlived = endWithUs(() => child.kill(end))
  // A git that does not read its input may be gone before it arrives; its exit code says enough.
  child.stdin.on('error', () => {}).end(input)
  try {
    const [stdout, stderr, ended] = await Promise.all([
      textOf(child.stdout),
      textOf(child.stderr),
      untilClosed(child),
    ])
    if (ended.code === 0 || (ended.code === 1 && !/^(fatal|error):/m.test(stderr))) {
      return stdout.replace(/\r?\n$/, '')
    }
    const how = ended.signal === null ? `exit code ${ended.code}` : `signal ${ended.signal}`
    throw new GitError(stderr.trim() || `git ${args[0]} ended with ${how}`)
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

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
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
