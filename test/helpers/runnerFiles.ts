import { commandsIn } from './runnerCommands.ts'

/** How the runner reads what an action tells it: file commands and workflow commands. */

export type Annotation = {
  readonly level: 'error' | 'warning' | 'notice'
  readonly message: string
  readonly title: string | null
  readonly file: string | null
  readonly line: number | null
}

/** Reads `GITHUB_OUTPUT`: `name=value`, or `name<<END` up to the line `END`. The last one wins. */
export function parseOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {}
  const lines = text.split(/\r?\n/)
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    if (line === '') continue
    const [, name = '', operator, rest = ''] = /^(.*?)(=|<<)(.*)$/.exec(line) ?? []
    if (operator === undefined) throw new Error(`Invalid format '${line}'`)
    if (operator === '=') {
      outputs[name] = rest
      continue
    }
    const end = lines.indexOf(rest, index + 1)
    if (end < 0) throw new Error(`Invalid value. Matching delimiter not found '${rest}'`)
    outputs[name] = lines.slice(index + 1, end).join('\n')
    index = end
  }
  return outputs
}

/** The annotations among the commands that the runner finds in all output. */
export function parseAnnotations(text: string): Annotation[] {
  return commandsIn(text)
    .filter(({ name }) => /^(error|warning|notice)$/.test(name))
    .map(({ name, properties, data }) => {
      const line = properties.get('line')
      return {
        level: name as Annotation['level'],
        message: data,
        title: properties.get('title') ?? null,
        file: properties.get('file') ?? null,
        line: line === undefined ? null : Number(line),
      }
    })
}
