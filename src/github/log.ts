import * as core from '@actions/core'
import type { Printed } from '../python/ask.ts'

/**
 * One line for the log that the runner cannot take for a command. It reads `::x::` at the start of
 * a line and `##[x]` anywhere in one (actions/runner, `ActionCommand.TryParse`).
 */
export function logLine(text: string): void {
  core.info(inertLine(text))
}

/** What a failed load printed, in a group of its own. */
export function logPrinted(title: string, printed: Printed): void {
  core.startGroup(inertLine(title))
  try {
    for (const text of [printed.stdout, printed.stderr]) {
      for (const line of text.trimEnd().split(/\r\n|\r|\n/)) {
        if (line !== '') core.info(`  ${inertLine(line)}`)
      }
    }
  } finally {
    core.endGroup()
  }
}

function inertLine(text: string): string {
  return text
    .replaceAll(/[\r\n\u2028\u2029]+/g, ' ')
    .replaceAll('##[', '##\u{200b}[')
    .replaceAll('::', ':\u{200b}:')
}
