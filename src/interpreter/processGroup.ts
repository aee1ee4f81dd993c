import type { ChildProcess, PromiseWithChild } from 'node:child_process'
import type { Readable } from 'node:stream'
import { killOnExit } from '../platform/exit.ts'

const PRINTED_LIMIT = 64 * 1024
/** How long an ended process's descendants may keep its pipes open. */
const GRACE_MS = 2000

/**
 * Waits for a process that leads its own group (`detached`), and ends what it leaves behind.
 *
 * @throws Error when the process could not be started
 */
export async function waitForExit(
  child: ChildProcess,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      // A descendant may hold the pipes open for ever; what it still writes does not count.
      endGroup(child)
      const grace = setTimeout(() => resolve({ code, signal }), GRACE_MS)
      child.once('close', () => {
        clearTimeout(grace)
        resolve({ code, signal })
      })
    })
  })
}

/** Waits for a short command of execFile's, which ends when this process does. */
export async function untilDone<Result>(running: PromiseWithChild<Result>): Promise<Result> {
  const outlived = killOnExit(() => running.child.kill('SIGKILL'))
  try {
    return await running
  } finally {
    outlived()
  }
}

/** Ends a process and everything it started, at once. */
export function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Already gone, which is what was wanted.
  }
}

/** Collects the last part of a stream. @returns gives what came since it was asked last */
export function captureTail(stream: Readable): () => string {
  let tail = Buffer.alloc(0)
  stream.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk])
    if (tail.length > PRINTED_LIMIT) tail = tail.subarray(-PRINTED_LIMIT)
  })
  return () => {
    const taken = tail.toString('utf8')
    tail = Buffer.alloc(0)
    return taken
  }
}
