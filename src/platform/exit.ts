/**
 * Has something end when this process does, before whatever takes its files away.
 *
 * @param end ends it
 * @returns takes that back
 */
export function killOnExit(end: () => void): () => void {
  process.prependOnceListener('exit', end)
  return () => {
    process.removeListener('exit', end)
  }
}

/** What a person or a runner ends a job with. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Has a signal end this process at once, with a word and whatever `exit` listeners put in order:
 * first the children are ended, then their files are removed. It stays in force, so that a second
 * signal does not interrupt that.
 *
 * @param say gets the one line to print
 */
export function endOnSignals(exitCode: number, say: (line: string) => void): void {
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      say(`Cancelled (${signal}): the check was not finished.`)
      process.exit(exitCode)
    })
  }
}

/**
 * Ends this process once all that it has written has left it: a pipe takes 64 KiB at a time, and what still
 * waits is lost with the process. A reader that has gone wants no more.
 */
export async function endOnceWritten(exitCode: number): Promise<never> {
  const left = [process.stdout, process.stderr].map(
    (stream) =>
      new Promise<void>((resolve) => {
        stream.once('error', () => resolve())
        stream.write('', () => resolve())
      }),
  )
  await Promise.all(left)
  process.exit(exitCode)
}
