import {
  type Answer,
  askPython,
  type Printed,
  type Progress,
  type Question,
  type Schema,
} from './ask.ts'

/** Where a question's work tells what happens. */
export type Listener = {
  /** Gets the tail of what it printed, if it fails. */
  readonly onPrinted: (printed: Printed) => void
  readonly onProgress?: (progress: Progress) => void
}

/** A script that runs and prepares itself, and has not been asked yet. */
export type Waiting<Document> = AsyncDisposable & {
  /** Asks the one question that a script answers. @throws Failure as `askPython` does */
  readonly ask: (
    request: Readonly<Record<string, unknown>>,
    listener: Listener,
  ) => Promise<Extract<Document, { readonly ok: true }>>
}

/**
 * Starts a script before it is known what to ask it: importing SQLMesh takes longer than most
 * questions, and need not wait for the commit's files. A script that is never asked is ended.
 *
 * @param start its `folder` has to be there already
 */
export function startWaiting<Document extends Answer>(
  start: Omit<Question, 'request' | 'onProgress'>,
  schema: Schema<Document>,
): Waiting<Document> {
  let listener: Listener | null = null
  let resolve: (request: Readonly<Record<string, unknown>>) => void = () => {}
  let reject: (reason: Error) => void = () => {}
  const request = new Promise<Readonly<Record<string, unknown>>>((...settle) => {
    ;[resolve, reject] = settle
  })
  const onProgress = (progress: Progress) => listener?.onProgress?.(progress)
  const onPrinted = (printed: Printed) => listener?.onPrinted(printed)
  const answer = askPython({ ...start, request, onProgress }, schema, onPrinted)
  // Whoever asks hears of a failure; if nobody does, nothing has failed.
  answer.catch(() => {})
  return {
    async ask(question, told) {
      listener = told
      resolve(question)
      return await answer
    },
    async [Symbol.asyncDispose]() {
      reject(new Error('nobody asked'))
      await answer.catch(() => {})
    },
  }
}
