import type { Printed } from './ask.ts'

/** Shorter values are words that mean nothing by themselves, and would be taken out of other words. */
const SHORTEST = 4

/** A text without the values of those variables, which may be secrets that a project was given. */
export function redacted(
  text: string,
  names: readonly string[],
  environment: NodeJS.ProcessEnv,
): string {
  return names
    .map((name) => environment[name] ?? '')
    .filter((value) => value.length >= SHORTEST)
    .reduce((rest, value) => rest.replaceAll(value, '***'), text)
}

/** The same of all that was printed. */
export function redactedPrint(
  { stdout, stderr }: Printed,
  names: readonly string[],
  environment: NodeJS.ProcessEnv,
): Printed {
  return {
    stdout: redacted(stdout, names, environment),
    stderr: redacted(stderr, names, environment),
  }
}
