import { z } from 'zod'
import { Failure, type FailureCode, type Side } from '../platform/failure.ts'

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

/** A successful one. */
export type AcceptedAnswer<Document> = Extract<Document, { readonly ok: true }>

/** How a script has ended before it gave an answer. */
export type Ended = {
  /** What it wrote nevertheless. */
  readonly rest: Buffer
  /** Why nothing could be started, or what ended it; not from the user's code if that is confined. */
  readonly note: string
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stopped: 'timeout' | 'too-long' | null
}

/** A question, for messages about its answer. */
export type About = {
  /** What the script does, as messages begin: `Loading base`. */
  readonly what: string
  readonly side: Side
}

/** How many bytes an answer may have. */
export const ANSWER_LIMIT = 256 * 1024 * 1024
const HINT = 'The log of this run shows the last lines that the load printed.'

/**
 * What a script has answered, if that is one whole document with the question's nonce.
 *
 * @throws Failure `protocol`, or the code of the script's own refusal
 */
export function parseAnswer<Document extends Answer>(
  bytes: Buffer,
  nonce: string,
  about: About,
  schema: Schema<Document>,
): AcceptedAnswer<Document> {
  const { what, side } = about
  const answer = parseDocument(bytes, schema, about)
  if (answer.nonce !== nonce) {
    const message = `${what} gave an answer to another question.`
    throw new Failure('protocol', message, { side, hint: HINT })
  }
  if (answer.ok) return answer as AcceptedAnswer<Document>
  const { code, message, file, hint } = answer.error
  throw new Failure(code, message, { side, file, hint: hint ?? HINT })
}

/**
 * The answer that a script left when it ended: none, unless it ended well.
 *
 * @throws Failure `timeout`, `protocol`, `environment`, `load-failed`
 */
export function answerAfterExit(
  ended: Ended,
  { what, side, timeoutSeconds }: About & { readonly timeoutSeconds: number },
): Buffer {
  if (ended.stopped === 'timeout') {
    throw new Failure('timeout', `${what} took longer than ${timeoutSeconds} seconds.`, {
      side,
      hint: 'Raise the input `timeout`, or find out what the project waits for while it loads.',
    })
  }
  if (ended.stopped === 'too-long') {
    const message = `${what} gave an answer of more than ${ANSWER_LIMIT} bytes.`
    throw new Failure('protocol', message, {
      side,
      hint: 'Check fewer projects at once with the input `project`. If it is one, report its size: none is known that says so much.',
    })
  }
  const noted = /^(environment|load-failed) (.*)\n$/.exec(ended.note)
  if (noted !== null) {
    const message = `${what} was given up. ${noted[2]}`
    throw new Failure(noted[1] as FailureCode, message, { side, hint: HINT })
  }
  if (ended.code !== 0) {
    const how = ended.signal === null ? `exit code ${ended.code}` : `signal ${ended.signal}`
    throw new Failure('load-failed', `${what} ended early with ${how}.`, { side, hint: HINT })
  }
  return ended.rest
}

function parseDocument<Document>(
  bytes: Buffer,
  schema: z.ZodType<Document>,
  { what, side }: About,
): Document {
  if (bytes.length === 0) {
    throw new Failure('protocol', `${what} ended without an answer.`, { side, hint: HINT })
  }
  let document: unknown
  try {
    document = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    const message = `${what} gave an answer that is not one JSON document.`
    throw new Failure('protocol', message, { side, hint: HINT, cause })
  }
  const parsed = schema.safeParse(document)
  if (parsed.success) return parsed.data
  const problem = z.prettifyError(parsed.error)
  const message = `${what} gave an answer of the wrong shape: ${problem.slice(0, 500)}`
  throw new Failure('protocol', message, { side, hint: HINT, cause: parsed.error })
}
