import { Failure } from '../platform/failure.ts'

/** Shorter values are words that mean nothing by themselves, and would be taken out of other words. */
const SHORTEST = 4

/** A text without the values of those variables, which may be secrets that a project was given. */
export function redacted(
  text: string,
  names: readonly string[],
  environment: NodeJS.ProcessEnv,
): string {
  return (
    names
      .map((name) => environment[name] ?? '')
      .filter((value) => value.length >= SHORTEST)
      // The rest of a longer one would stay if it holds a shorter one.
      .sort((one, other) => other.length - one.length)
      .reduce((rest, value) => rest.replaceAll(value, '***'), text)
  )
}

/** The same failure with its texts as `hide` leaves them; whatever else was thrown as it is. */
export function redactedFailure(thrown: unknown, hide: (text: string) => string): unknown {
  if (!(thrown instanceof Failure)) return thrown
  const { code, message, side, hint, file, cause } = thrown
  return new Failure(code, hide(message), {
    ...(side === null ? {} : { side }),
    ...(hint === null ? {} : { hint: hide(hint) }),
    file: file === null ? null : hide(file),
    cause,
  })
}
