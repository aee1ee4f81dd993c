import { randomUUID } from 'node:crypto'
import * as core from '@actions/core'
import type { Printed } from '../interpreter/askProcess.ts'
import { sanitizeOutput } from '../platform/sanitizeOutput.ts'

/**
 * One line for the log that the runner cannot take for a command. It reads `::x::` at the start of
 * a line and `##[x]` anywhere in one (actions/runner, `ActionCommand.TryParse`).
 */
export function logLine(text: string): void {
  core.info(inertLine(text))
}

/** What a failed load printed, in a group of its own. */
export function logPrinted(title: string, printed: Printed): void {
  for (const line of printedGroup(title, printed, randomUUID())) core.info(line)
}

/**
 * The lines of that group. Two things keep printed text from being a command: none of its lines reads
 * as one, and the runner is told to stop looking until it sees the token.
 *
 * @param token made after all of it was printed, so that nothing printed can know it
 */
export function printedGroup(title: string, printed: Printed, token: string): string[] {
  const lines = [printed.stdout, printed.stderr].flatMap(sanitizeOutput)
  return [
    `::group::${inertLine(title)}`,
    `::stop-commands::${token}`,
    ...lines.map((line) => `  ${inertLine(line)}`),
    `::${token}::`,
    '::endgroup::',
  ]
}

/** A line that reads as no command, wherever it is printed. */
export function inertLine(text: string): string {
  return text
    .replaceAll(/[\r\n\u{85}\u{2028}\u{2029}]+/gu, ' ')
    .replaceAll('##[', '##\u{200b}[')
    .replaceAll(/:(?=:)/g, ':\u{200b}')
}
