import { stripVTControlCharacters } from 'node:util'
import { visible } from './text.ts'

/**
 * Lines of what the user's code printed, for people: without colours and cursor movements, and with
 * every other control character shown instead of obeyed. Empty lines are left out.
 */
export function sanitizeOutput(text: string): string[] {
  return stripVTControlCharacters(text)
    .split(/\r\n|[\r\n\u{85}\u{2028}\u{2029}]/u)
    .map(visible)
    .filter((line) => line.trim() !== '')
}
