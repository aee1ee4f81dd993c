import { code, shorten, visible } from './markdown.ts'

/** How words that stand out are written, so that markdown and a terminal share their sentences. */
export type Pen = {
  /** Names, paths, and whatever else comes from the project. */
  readonly code: (text: string) => string
  readonly strong: (text: string) => string
}

/** No sentence gets out of hand because of one name in it. */
const MOST_CHARACTERS = 300

export const MARKDOWN: Pen = {
  code: (text) => code(shorten(text, MOST_CHARACTERS)),
  strong: (text) => `**${text}**`,
}

export const PLAIN: Pen = {
  code: (text) => visible(shorten(text, MOST_CHARACTERS)),
  strong: (text) => text,
}

/** The first few of a list, and how many more there are. */
export function few(items: readonly string[], most: number): string {
  const shown = items.slice(0, most)
  const rest = items.length - shown.length
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`
  const last = shown.at(-1) ?? ''
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`
}
