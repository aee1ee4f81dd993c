/** Characters that take two columns (Unicode, East Asian Width W and F; and emoji). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u

/** Columns that a text takes in a terminal. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const char of text.replaceAll(/\p{M}/gu, '')) columns += WIDE.test(char) ? 2 : 1
  return columns
}

/**
 * One line of text, broken at blanks. A word longer than a line stays whole, so that names and
 * paths can be copied.
 *
 * @param width columns of the terminal
 * @param indent blanks before the first line
 * @param hanging blanks before those after it
 */
export function wrap(text: string, width: number, indent = 0, hanging = indent): string {
  const lines: string[] = []
  let line = ' '.repeat(indent)
  let columns = indent
  let empty = true
  for (const word of text.split(' ')) {
    const needed = columnsOf(word)
    if (!empty && columns + 1 + needed > width) {
      lines.push(line)
      line = ' '.repeat(hanging)
      columns = hanging
      empty = true
    }
    line += empty ? word : ` ${word}`
    columns += needed + (empty ? 0 : 1)
    empty = false
  }
  return [...lines, line].join('\n')
}
