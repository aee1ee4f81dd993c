import { visible } from '../../platform/text.ts'
import { wrap } from './wrap.ts'

/** How the report may look where it is printed. */
export type Terminal = {
  readonly colour: boolean
  /** Columns. */
  readonly width: number
}

/** Writes lines for one terminal: broken at its width, and painted if it shows colours. */
export type Page = {
  /** Text of one or more lines, each broken on its own. */
  readonly text: (words: string, indent?: number, hanging?: number) => string
  readonly bold: (words: string) => string
  readonly dim: (words: string) => string
  /** Text after a word that says what it is, so that no colour has to. */
  readonly labelled: (level: 'info' | 'warning' | 'error', words: string) => string
}

const LABELS = { info: 'note', warning: 'warning', error: 'error' } as const

/** Starting and ending code of each style (ECMA-48, SGR). */
const STYLES = { bold: [1, 22], dim: [2, 22], yellow: [33, 39], red: [31, 39] } as const

const LABEL_STYLES = { info: 'dim', warning: 'yellow', error: 'red' } as const

export function pageFor({ colour, width }: Terminal): Page {
  const paint = (style: keyof typeof STYLES, painted: string) => {
    const [start, end] = STYLES[style]
    return colour && painted !== '' ? `\u001b[${start}m${painted}\u001b[${end}m` : painted
  }
  const text = (words: string, indent = 0, hanging = indent) =>
    words
      .split('\n')
      .map((line, index) => wrap(visible(line), width, index === 0 ? indent : hanging, hanging))
      .join('\n')
  return {
    text,
    bold: (words) => paint('bold', text(words)),
    dim: (words) => paint('dim', text(words)),
    labelled: (level, words) => {
      const label = LABELS[level]
      return paint(LABEL_STYLES[level], label) + text(`${label} ${words}`, 0, 2).slice(label.length)
    },
  }
}
