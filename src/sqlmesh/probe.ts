import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import { Failure, type Side } from '../failure.ts'
import { type Manifest, PROTOCOL, probeAnswer } from './manifest.ts'

/** One commit's load. */
export type Load = {
  readonly side: Side
  /** Absolute path of the interpreter. */
  readonly python: string
  /** Absolute folder with the commit's files. */
  readonly tree: string
  /** Project folders relative to `tree`. */
  readonly projects: readonly string[]
  /** The user's checkout: imports that lead there are led to `tree` instead. */
  readonly workspace: string
  readonly gateway: string | null
  readonly timeoutSeconds: number
  readonly environment: NodeJS.ProcessEnv
  /** Names of the variables that the project was given; no value in the answer shows theirs. */
  readonly given: readonly string[]
}

/** What a load printed, kept for the log when it fails: the last part of each stream. */
export type Printed = { readonly stdout: string; readonly stderr: string }

const ANSWER_LIMIT = 256 * 1024 * 1024
const PRINTED_LIMIT = 64 * 1024
/** How long an ended load's descendants may keep its pipes open. */
const GRACE_MS = 2000

/** Lies beside this file, and beside the bundle. */
const PROBE = path.join(import.meta.dirname, 'probe.py')

/**
 * Loads one commit's SQLMesh project in its own process.
 *
 * Only a single, complete document with this run's nonce on the private pipe is believed. What the
 * project prints is never interpreted.
 *
 * @param onPrinted gets the tail of what the load printed, if it fails
 * @throws Failure that names the side: `load-failed`, `environment`, `config`, `timeout`, `protocol`
 */
export async function loadManifest(
  load: Load,
  onPrinted: (printed: Printed) => void,
): Promise<Manifest> {
  const nonce = randomUUID()
  await mkdir(load.environment['SQLMESH_HOME'] as string, { recursive: true })
  const ended = await run(load, nonce)
  try {
    return understand(ended, nonce, load)
  } catch (error) {
    onPrinted(ended.printed)
    throw error
  }
}

type Ended = {
  answer: Buffer
  printed: Printed
  code: number | null
  signal: NodeJS.Signals | null
  stopped: 'timeout' | 'too-long' | null
}

async function run(load: Load, nonce: string): Promise<Ended> {
  const projects = load.projects.map((project) => path.join(load.tree, project))
  const child = spawn(load.python, [PROBE], {
    cwd: projects[0],
    env: load.environment,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    // Its own process group, so that everything it started can be ended with it.
    detached: true,
  })
  let stopped: Ended['stopped'] = null
  const stop = (why: NonNullable<Ended['stopped']>) => {
    stopped ??= why
    endGroup(child)
  }
  const timer = setTimeout(() => stop('timeout'), load.timeoutSeconds * 1000)
  const endWithUs = () => endGroup(child)
  process.once('exit', endWithUs)
  try {
    const answer = collect(child.stdio[3] as Readable, ANSWER_LIMIT, () => stop('too-long'))
    const stdout = keepTail(child.stdout as Readable)
    const stderr = keepTail(child.stderr as Readable)
    const exit = waitForExit(child, load)
    send(child, { protocol: PROTOCOL, nonce, projects, ...requestOf(load) })
    const { code, signal } = await exit
    const printed = { stdout: stdout(), stderr: stderr() }
    return { answer: answer(), printed, code, signal, stopped }
  } finally {
    clearTimeout(timer)
    process.removeListener('exit', endWithUs)
    endGroup(child)
  }
}

function requestOf(load: Load) {
  return { tree: load.tree, workspace: load.workspace, gateway: load.gateway, env: load.given }
}

function send(child: ChildProcess, request: object): void {
  // A load that ends before it reads is reported by how it ended, not by the broken pipe.
  child.stdin?.on('error', () => {})
  child.stdin?.end(JSON.stringify(request))
}

async function waitForExit(
  child: ChildProcess,
  load: Load,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return await new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      const message = `${load.python} could not be started: ${cause.message}`
      reject(new Failure('environment', message, { side: load.side, cause }))
    })
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

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Already gone, which is what was wanted.
  }
}

function collect(stream: Readable, limit: number, onTooLong: () => void): () => Buffer {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > limit) onTooLong()
    else chunks.push(chunk)
  })
  return () => Buffer.concat(chunks)
}

function keepTail(stream: Readable): () => string {
  let tail = Buffer.alloc(0)
  stream.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk])
    if (tail.length > PRINTED_LIMIT) tail = tail.subarray(-PRINTED_LIMIT)
  })
  return () => tail.toString('utf8')
}

function understand(ended: Ended, nonce: string, load: Load): Manifest {
  const { side } = load
  const hint = 'The log of this run shows the last lines that the load printed.'
  if (ended.stopped === 'timeout') {
    throw new Failure(
      'timeout',
      `Loading ${side} took longer than ${load.timeoutSeconds} seconds.`,
      {
        side,
        hint: 'Raise the input `timeout`, or find out what the project waits for while it loads.',
      },
    )
  }
  if (ended.stopped === 'too-long') {
    throw new Failure(
      'protocol',
      `Loading ${side} gave an answer of more than ${ANSWER_LIMIT} bytes.`,
      { side },
    )
  }
  if (ended.code !== 0) {
    const how = ended.signal === null ? `exit code ${ended.code}` : `signal ${ended.signal}`
    throw new Failure('load-failed', `Loading ${side} ended early with ${how}.`, { side, hint })
  }
  const answer = parseAnswer(ended.answer, side, hint)
  if (answer.nonce !== nonce) {
    throw new Failure('protocol', `Loading ${side} gave an answer to another question.`, {
      side,
      hint,
    })
  }
  if (answer.ok) return answer.manifest
  const { code, message, file } = answer.error
  throw new Failure(code, message, { side, file, hint: answer.error.hint ?? hint })
}

function parseAnswer(bytes: Buffer, side: Side, hint: string): z.infer<typeof probeAnswer> {
  if (bytes.length === 0) {
    throw new Failure('protocol', `Loading ${side} ended without an answer.`, { side, hint })
  }
  let document: unknown
  try {
    document = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    const message = `Loading ${side} gave an answer that is not one JSON document.`
    throw new Failure('protocol', message, { side, hint, cause })
  }
  const parsed = probeAnswer.safeParse(document)
  if (parsed.success) return parsed.data
  const problem = z.prettifyError(parsed.error)
  const message = `Loading ${side} gave an answer of the wrong shape: ${problem.slice(0, 500)}`
  throw new Failure('protocol', message, { side, hint, cause: parsed.error })
}
