/**
 * What a shell text is made of where it does nothing but name programs and their arguments: the signs of
 * `plain` mean themselves, and in double quotes nothing is looked for.
 */
const TOKEN =
  /(?<end>\n|;|&&)|(?<blank>[ \t]+|(?<![^\s;&])#[^\n]*)|"(?<double>[^"$`\\\n]*)"|'(?<single>[^'\n]*)'|(?<plain>(?:[\w@%+=:,./^-]|(?<=\w)~)+)/y

/**
 * The commands of a shell text that does nothing but run one after the other, each as its words.
 *
 * @returns null where the text has anything else in it: a variable, a pipe, a pattern, a redirection
 */
export function plainCommands(command: string): readonly (readonly string[])[] | null {
  const text = command.replaceAll('\\\n', ' ')
  const commands: string[][] = [[]]
  let inWord = false
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const { end, blank, double, single, plain } = TOKEN.exec(text)?.groups ?? {}
    const part = double ?? single ?? plain
    const words = commands.at(-1) as string[]
    if (end !== undefined) commands.push([])
    else if (part !== undefined) words.push(inWord ? `${words.pop()}${part}` : part)
    else if (blank === undefined) return null
    inWord = part !== undefined
  }
  return commands.filter((words) => words.length > 0)
}
