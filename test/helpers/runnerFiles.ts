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

const decode = (text: string): string =>
  text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')

const decodeProperty = (text: string): string =>
  decode(text.replaceAll('%3A', ':').replaceAll('%2C', ','))

/** Reads `::error file=…,line=…,title=…::message` and its like; the runner looks for them in all output. */
export function parseAnnotations(text: string): Annotation[] {
  const commands = text.matchAll(/^\s*::(error|warning|notice)(?: (.*?))?::(.*)$/gim)
  return [...commands].map(([, level = '', properties = '', message = '']) => {
    const values = new Map(
      properties.split(',').map((property) => {
        const at = property.indexOf('=')
        return [property.slice(0, at).trim(), decodeProperty(property.slice(at + 1))]
      }),
    )
    const line = values.get('line')
    return {
      level: level.toLowerCase() as Annotation['level'],
      message: decode(message),
      title: values.get('title') ?? null,
      file: values.get('file') ?? null,
      line: line === undefined ? null : Number(line),
    }
  })
}
