import { visible } from '../../platform/text.ts'
import { code, shorten } from '../markdown/markdown.ts'

/** How words that stand out are written, so that markdown and a terminal share their sentences. */
export type TextStyle = {
  /** Names, paths, and whatever else comes from the project. */
  readonly code: (text: string) => string
  readonly strong: (text: string) => string
}

/** No sentence gets out of hand because of one name in it. */
const MOST_CHARACTERS = 300

export const MARKDOWN: TextStyle = {
  code: (text) => code(shorten(text, MOST_CHARACTERS)),
  strong: (text) => `**${text}**`,
}

export const PLAIN: TextStyle = {
  code: (text) => visible(shorten(text, MOST_CHARACTERS)),
  strong: (text) => text,
}

/** The first firstFew of a list, and how many more there are. */
export function firstFew(items: readonly string[], most: number): string {
  const shown = items.slice(0, most)
  const rest = items.length - shown.length
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`
  const last = shown.at(-1) ?? ''
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`
}
