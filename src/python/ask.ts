import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import { endWithUs } from '../ending.ts'
import { Failure, type FailureCode, type Side } from '../failure.ts'
import type { Confine } from '../isolation/isolation.ts'
import { endGroup, keepTail, untilGone } from './group.ts'
import { redacted, redactedFailure } from './redact.ts'

/** One question to one commit's code: a script of ours that runs in the user's Python. */
export type Question = {
  /** What the script does, as messages begin: `Loading base`. */
  readonly what: string
  readonly side: Side
  /** Absolute path of the interpreter. */
  readonly python: string
  /** Absolute path of the script. */
  readonly script: string
  /** Absolute folder that the script starts in. */
  readonly folder: string
  readonly environment: NodeJS.ProcessEnv
  /** Names of variables of the user's. Their values may be secret, and are shown to nobody. */
  readonly given: readonly string[]
  /** Keeps the script, and the user's code in it, to itself. */
  readonly confine: Confine
  /**
   * Goes to the script as JSON on its standard input, with the protocol and the nonce. While it is
   * only promised the script is running already, and may prepare itself.
   */
  readonly request: Request | Promise<Request>
  /** From the request on. */
  readonly timeoutSeconds: number
  /** Is told how far the script is, if the script tells (descriptor 4). Not to be trusted. */
  readonly onProgress?: (progress: Progress) => void
}

type Request = Readonly<Record<string, unknown>>

/** How many files are done, of those that are known of. */
export type Progress = { readonly done: number; readonly total: number }

/** What a load printed, kept for the log when it fails: the last part of each stream. */
export type Printed = { readonly stdout: string; readonly stderr: string }

/** The one document that a script writes: its answer, or why there is none. */
export type Answer =
  | { readonly nonce: string; readonly ok: true }
  | {
      readonly nonce: string
      readonly ok: false
      readonly error: {
        readonly code: FailureCode
        readonly message: string
        readonly file: string | null
        readonly hint: string | null
      }
    }

/** Version of what is said between us and our scripts; both are shipped together. */
export const PROTOCOL = 1

const envelope = { protocol: z.literal(PROTOCOL), nonce: z.string() }

/**
 * Path of a file inside the repository, with forward slashes. A path that leads out of it would make
 * a link of ours point elsewhere.
 */
export const repositoryPath = z
  .string()
  .refine(
    (path) => !path.split('/').some((part) => part === '' || part === '.' || part === '..'),
    'is not a path inside the repository',
  )

const refusal = z.strictObject({
  ...envelope,
  ok: z.literal(false),
  error: z.strictObject({
    /** `environment`: what the script needs cannot be imported. `config`: there is no such project. */
    code: z.enum(['environment', 'config', 'load-failed']),
    /** `ExceptionType: text`, absolute paths inside the tree made relative. */
    message: z.string(),
    file: repositoryPath.nullable(),
    hint: z.string().nullable(),
  }),
})

/**
 * Schema of the one document that a script writes: what it was asked for, or why there is none.
 *
 * @param shape what a successful answer holds besides its envelope
 */
export function answerOf<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const accepted = z.strictObject({ ...envelope, ok: z.literal(true), ...shape })
  return z.discriminatedUnion('ok', [accepted, refusal])
}

/** What the one document of a script has to look like. */
export type Schema<Document> = z.ZodType<Document>

type Accepted<Document> = Extract<Document, { readonly ok: true }>

const ANSWER_LIMIT = 256 * 1024 * 1024
/** The descriptor after those of the answer and of the progress. */
const NOTE = 5

/**
 * Runs a script in its own process and process group, bounded in time and bytes.
 *
 * Only a single, complete document with this question's nonce on the private pipe (descriptor 3) is
 * believed. What the user's code prints is never interpreted.
 *
 * @param schema of the one JSON document
 * @param onPrinted gets the tail of what the script printed, if it fails
 * @throws Failure that names the side: `timeout`, `protocol`, `environment`, `load-failed`, or the
 *   code of the script's own refusal
 */
export async function askPython<Document extends Answer>(
  question: Question,
  schema: z.ZodType<Document>,
  onPrinted: (printed: Printed) => void,
): Promise<Accepted<Document>> {
  const nonce = randomUUID()
  const ended = await run(question, nonce)
  try {
    return understand(ended, nonce, question, schema)
  } catch (error) {
    // A driver's message may hold the address that it was given, and a comment is read by many.
    const hide = (text: string) => redacted(text, question.given, question.environment)
    onPrinted({ stdout: hide(ended.printed.stdout), stderr: hide(ended.printed.stderr) })
    throw redactedFailure(error, hide)
  }
}

type Ended = {
  answer: Buffer
  /** Why nothing could be started, or what ended it; not from the user's code if that is confined. */
  note: string
  printed: Printed
  code: number | null
  signal: NodeJS.Signals | null
  stopped: 'timeout' | 'too-long' | null
}

async function run(question: Question, nonce: string): Promise<Ended> {
  const [program, ...args] = question.confine([question.python, question.script], NOTE)
  const child = spawn(program as string, args, {
    cwd: question.folder,
    env: question.environment,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    // Its own process group, so that everything it started can be ended with it.
    detached: true,
  })
  let stopped: Ended['stopped'] = null
  const stop = (why: NonNullable<Ended['stopped']>) => {
    stopped ??= why
    endGroup(child)
  }
  let timer: NodeJS.Timeout | undefined
  const outlived = endWithUs(() => endGroup(child))
  try {
    const answer = collect(child.stdio[3] as Readable, ANSWER_LIMIT, () => stop('too-long'))
    const stdout = keepTail(child.stdout as Readable)
    const stderr = keepTail(child.stderr as Readable)
    const note = keepTail((child.stdio as readonly unknown[])[NOTE] as Readable)
    const exit = untilGone(child).catch((cause) => {
      const { python, side } = question
      const message = `${python} could not be started: ${cause.message}`
      throw new Failure('environment', message, { side, cause })
    })
    if (question.onProgress) follow(child.stdio[4] as Readable, question.onProgress)
    else (child.stdio[4] as Readable).resume()
    const request = await Promise.race([question.request, exit.then(() => null)])
    if (request !== null) {
      timer = setTimeout(() => stop('timeout'), question.timeoutSeconds * 1000)
      send(child, { protocol: PROTOCOL, nonce, ...request })
    }
    const { code, signal } = await exit
    const printed = { stdout: stdout(), stderr: stderr() }
    return { answer: answer(), note: note(), printed, code, signal, stopped }
  } finally {
    clearTimeout(timer)
    outlived()
    endGroup(child)
  }
}

function send(child: ChildProcess, request: object): void {
  // A load that ends before it reads is reported by how it ended, not by the broken pipe.
  child.stdin?.on('error', () => {})
  child.stdin?.end(JSON.stringify(request))
}

/** Reads `=12;` for files to come and `+` for each that is done, in any order and mixture. */
function follow(stream: Readable, onProgress: (progress: Progress) => void): void {
  let pending = ''
  let done = 0
  let total = 0
  stream.on('data', (chunk: Buffer) => {
    const text = pending + chunk.toString('latin1')
    const end = Math.max(text.lastIndexOf(';'), text.lastIndexOf('+')) + 1
    pending = text.slice(end).slice(0, 20)
    for (const [sign, count] of text.slice(0, end).matchAll(/\+|=(\d{1,9});/g)) {
      if (sign === '+') done += 1
      else total += Number(count)
    }
    onProgress({ done, total })
  })
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

function understand<Document extends Answer>(
  ended: Ended,
  nonce: string,
  { what, side, timeoutSeconds }: Question,
  schema: z.ZodType<Document>,
): Accepted<Document> {
  const hint = 'The log of this run shows the last lines that the load printed.'
  if (ended.stopped === 'timeout') {
    throw new Failure('timeout', `${what} took longer than ${timeoutSeconds} seconds.`, {
      side,
      hint: 'Raise the input `timeout`, or find out what the project waits for while it loads.',
    })
  }
  if (ended.stopped === 'too-long') {
    const message = `${what} gave an answer of more than ${ANSWER_LIMIT} bytes.`
    throw new Failure('protocol', message, { side })
  }
  const noted = /^(environment|load-failed) (.*)\n$/.exec(ended.note)
  if (noted !== null) {
    throw new Failure(noted[1] as FailureCode, `${what} was given up. ${noted[2]}`, { side, hint })
  }
  if (ended.code !== 0) {
    const how = ended.signal === null ? `exit code ${ended.code}` : `signal ${ended.signal}`
    throw new Failure('load-failed', `${what} ended early with ${how}.`, { side, hint })
  }
  const answer = parseAnswer(ended.answer, schema, { what, side, hint })
  if (answer.nonce !== nonce) {
    throw new Failure('protocol', `${what} gave an answer to another question.`, { side, hint })
  }
  if (answer.ok) return answer as Accepted<Document>
  const { code, message, file } = answer.error
  throw new Failure(code, message, { side, file, hint: answer.error.hint ?? hint })
}

function parseAnswer<Document>(
  bytes: Buffer,
  schema: z.ZodType<Document>,
  { what, side, hint }: { what: string; side: Side; hint: string },
): Document {
  if (bytes.length === 0) {
    throw new Failure('protocol', `${what} ended without an answer.`, { side, hint })
  }
  let document: unknown
  try {
    document = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    const message = `${what} gave an answer that is not one JSON document.`
    throw new Failure('protocol', message, { side, hint, cause })
  }
  const parsed = schema.safeParse(document)
  if (parsed.success) return parsed.data
  const problem = z.prettifyError(parsed.error)
  const message = `${what} gave an answer of the wrong shape: ${problem.slice(0, 500)}`
  throw new Failure('protocol', message, { side, hint, cause: parsed.error })
}
