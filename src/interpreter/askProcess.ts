import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { killOnExit } from '../platform/exit.ts'
import { Failure, type Side } from '../platform/failure.ts'
import type { Confine } from '../sandbox/sandbox.ts'
import {
  type About,
  type AcceptedAnswer,
  ANSWER_LIMIT,
  type Answer,
  answerAfterExit,
  type Ended,
  PROTOCOL,
  parseAnswer,
  type Schema,
} from './answerEnvelope.ts'
import { captureTail, endGroup, waitForExit } from './processGroup.ts'
import { redacted, redactedFailure } from './redact.ts'

/** How a script of ours is started in the user's Python, to be asked about a commit's code. */
export type ProcessStart = {
  /** Absolute path of the interpreter. */
  readonly python: string
  /** What the interpreter runs: an entry point of ours. */
  readonly entry: readonly string[]
  /** Absolute folder that the script starts in, which has to be there already. */
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  /** Names of variables of the user's. Their values may be secret, and are shown to nobody. */
  readonly given: readonly string[]
  /** Keeps the script, and the user's code in it, to itself. */
  readonly confine: Confine
  /** For each question. */
  readonly timeoutSeconds: number
}

/** One question. */
export type ProcessQuestion = About & {
  /** Goes to the script as a line of JSON, with the protocol and a nonce. */
  readonly request: Readonly<Record<string, unknown>>
}

/** Where a question's work tells what happens. */
export type Listener = {
  /** Gets the tail of what was printed, if it fails. */
  readonly onPrinted: (printed: Printed) => void
  /** Is told how far the script is, if the script tells (descriptor 4). Not to be trusted. */
  readonly onProgress?: (progress: Progress) => void
}

/** How many files are done, of those that are known of. */
export type Progress = { readonly done: number; readonly total: number }

/** What a load printed, kept for the log when it fails: the last part of each stream. */
export type Printed = { readonly stdout: string; readonly stderr: string }

/** A script that runs, and prepares itself until it is asked. It ends with this object. */
export type Script = AsyncDisposable & {
  /**
   * Asks it, one question after the other.
   *
   * Only a single, complete document with the question's nonce on the private pipe (descriptor 3) is
   * believed: a line, or all that the script has written when it ends well. What the user's code prints
   * is never interpreted.
   *
   * @param schema of the one JSON document
   * @throws Failure that names the side: `timeout`, `protocol`, `environment`, `load-failed`, or the
   *   code of the script's own refusal
   */
  readonly ask: <Document extends Answer>(
    question: ProcessQuestion,
    schema: Schema<Document>,
    listener: Listener,
  ) => Promise<AcceptedAnswer<Document>>
}

/** The descriptor after those of the answer and of the progress. */
const NOTE = 5

/**
 * Starts a script in its own process and process group, bounded in time and bytes. Importing SQLMesh takes
 * longer than most questions, and need not wait until it is known what to ask.
 */
export function startScript(start: ProcessStart): Script {
  const { python, given, environment, timeoutSeconds } = start
  const child = spawnScript(start)
  const outlived = killOnExit(() => endGroup(child))
  let stopped: Ended['stopped'] = null
  const stop = (why: NonNullable<Ended['stopped']>) => {
    stopped ??= why
    endGroup(child)
  }
  const pipe = (descriptor: number) => (child.stdio as readonly unknown[])[descriptor] as Readable
  const [stdout, stderr, note] = [
    captureTail(pipe(1)),
    captureTail(pipe(2)),
    captureTail(pipe(NOTE)),
  ]
  const answers = linesOf(pipe(3), ANSWER_LIMIT, () => stop('too-long'))
  const follow = followerOf(pipe(4))
  const gone = waitForExit(child)
  // Whoever asks hears of it; if nobody does, nothing has failed.
  gone.catch(() => {})
  const whenGone = async (side: Side) => {
    return await gone.catch((cause) => {
      const message = `${python} could not be started: ${cause.message}`
      const hint = `Run \`${python} --version\` where the check runs, and name a Python that answers with the input \`python\`.`
      throw new Failure('environment', message, { side, hint, cause })
    })
  }

  const answerTo = async ({ side, what, request }: ProcessQuestion): Promise<[Buffer, string]> => {
    const nonce = randomUUID()
    const timer = setTimeout(() => stop('timeout'), timeoutSeconds * 1000)
    try {
      child.stdin?.write(`${JSON.stringify({ protocol: PROTOCOL, nonce, ...request })}\n`)
      const line = await Promise.race([answers.next(), whenGone(side).then(() => null)])
      if (line !== null) return [line, nonce]
      const ended = { ...(await whenGone(side)), rest: answers.rest(), note: note(), stopped }
      return [answerAfterExit(ended, { what, side, timeoutSeconds }), nonce]
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    async ask(question, schema, { onPrinted, onProgress }) {
      follow(onProgress)
      // What was printed to earlier questions is not this one's.
      for (const earlier of [stdout, stderr]) earlier()
      try {
        const [answer, nonce] = await answerTo(question)
        return parseAnswer(answer, nonce, question, schema)
      } catch (error) {
        // A driver's message may hold the address that it was given, and a comment is read by many.
        const hide = (text: string) => redacted(text, given, environment)
        onPrinted({ stdout: hide(stdout()), stderr: hide(stderr()) })
        throw redactedFailure(error, hide)
      }
    },
    async [Symbol.asyncDispose]() {
      endGroup(child)
      await gone.catch(() => {})
      outlived()
    },
  }
}

/** Starts a script and asks it one question. */
export async function askPython<Document extends Answer>(
  start: ProcessStart,
  question: ProcessQuestion,
  schema: Schema<Document>,
  listener: Listener,
): Promise<AcceptedAnswer<Document>> {
  await using script = startScript(start)
  return await script.ask(question, schema, listener)
}

function spawnScript({ confine, python, entry, folder, environment }: ProcessStart): ChildProcess {
  const [program, ...args] = confine([python, ...entry], NOTE)
  const child = spawn(program as string, args, {
    cwd: folder,
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    // Its own process group, so that everything it started can be ended with it.
    detached: true,
  })
  // A script that ends before it reads is reported by how it ended, not by the broken pipe.
  child.stdin.on('error', () => {})
  return child
}

/**
 * The lines of a stream, without their ends.
 *
 * @param limit of the bytes that nobody has taken
 */
function linesOf(stream: Readable, limit: number, onTooLong: () => void) {
  let chunks: Buffer[] = []
  let size = 0
  let heard = () => {}
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > limit) return onTooLong()
    chunks.push(chunk)
    if (chunk.includes('\n')) heard()
  })
  return {
    async next(): Promise<Buffer> {
      if (!chunks.some((chunk) => chunk.includes('\n'))) {
        await new Promise<void>((resolve) => {
          heard = resolve
        })
      }
      const all = Buffer.concat(chunks)
      const end = all.indexOf('\n')
      const rest = all.subarray(end + 1)
      chunks = [rest]
      size = rest.length
      return all.subarray(0, end)
    },
    /** What is no whole line. */
    rest: () => Buffer.concat(chunks),
  }
}

/**
 * Reads `=12;` for files to come and `+` for each that is done, in any order and mixture.
 *
 * @returns has the count begin anew, and told to somebody else
 */
function followerOf(stream: Readable): (onProgress: Listener['onProgress']) => void {
  let [pending, done, total] = ['', 0, 0]
  let tell: Listener['onProgress']
  stream.on('data', (chunk: Buffer) => {
    const text = pending + chunk.toString('latin1')
    const end = Math.max(text.lastIndexOf(';'), text.lastIndexOf('+')) + 1
    pending = text.slice(end).slice(0, 20)
    for (const [sign, count] of text.slice(0, end).matchAll(/\+|=(\d{1,9});/g)) {
      if (sign === '+') done += 1
      else total += Number(count)
    }
    tell?.({ done, total })
  })
  return (onProgress) => {
    ;[done, total] = [0, 0]
    tell = onProgress
  }
}
