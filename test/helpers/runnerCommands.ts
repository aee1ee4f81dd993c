/**
 * How the runner finds commands in what a step prints, on either stream (actions/runner,
 * `ActionCommand` and `ActionCommandManager`): lines, two grammars, and tokens that stop it.
 */

export type Command = {
  readonly name: string
  readonly properties: ReadonlyMap<string, string>
  readonly data: string
}

/** Commands that the runner knows; any case. */
export const COMMANDS = [
  'internal-set-repo-path',
  'set-env',
  'set-output',
  'save-state',
  'add-path',
  'add-mask',
  'add-matcher',
  'remove-matcher',
  'debug',
  'warning',
  'error',
  'notice',
  'group',
  'endgroup',
  'echo',
  'stop-commands',
] as const

/** The commands that the runner carries out, in order. Stop and resume are not among them. */
export function commandsIn(printed: string): Command[] {
  const found: Command[] = []
  let token: string | null = null
  for (const line of printed.split(/\r\n|\r|\n/)) {
    const known = new Set<string>([...COMMANDS, ...(token === null ? [] : [token])])
    const command = newGrammar(line, known) ?? oldGrammar(line, known)
    if (command === null) continue
    if (token !== null) {
      if (command.name === token) token = null
    } else if (command.name === 'stop-commands') {
      token = stopToken(command.data)
    } else {
      found.push(command)
    }
  }
  return found
}

/** The runner refuses tokens that it would take for commands. */
function stopToken(data: string): string {
  const token = data.toLowerCase()
  const refused = ['', 'pause-logging', ...COMMANDS].includes(token)
  if (refused) throw new Error(`Invalid stop token '${data}'`)
  return token
}

/** `::name key=value,key=value::data`, after blanks. */
function newGrammar(line: string, known: ReadonlySet<string>): Command | null {
  // .NET's TrimStart takes what Unicode calls white space, which is not quite what JavaScript takes.
  const text = line.replace(/^[\p{White_Space}]+/u, '')
  const end = text.startsWith('::') ? text.indexOf('::', 2) : -1
  if (end < 0) return null
  const told = read(text.slice(2, end), known, ',', unescapeProperty)
  return told === null ? null : { ...told, data: unescapeData(text.slice(end + 2)) }
}

/** `##[name key=value;key=value]data`, anywhere in a line. */
function oldGrammar(line: string, known: ReadonlySet<string>): Command | null {
  const start = line.indexOf('##[')
  const end = start < 0 ? -1 : line.indexOf(']', start)
  if (end < 0) return null
  const told = read(line.slice(start + 3, end), known, ';', unescapeOld)
  return told === null ? null : { ...told, data: unescapeOld(line.slice(end + 1)) }
}

function read(
  text: string,
  known: ReadonlySet<string>,
  separator: string,
  decode: (value: string) => string,
) {
  const blank = text.indexOf(' ')
  const name = (blank < 0 ? text : text.slice(0, blank)).toLowerCase()
  if (!known.has(name)) return null
  const pairs = blank < 0 ? [] : text.slice(blank + 1).split(separator)
  const properties = pairs.flatMap((pair) => {
    const at = pair.indexOf('=')
    if (at < 0) return []
    return [[pair.slice(0, at).trim(), decode(pair.slice(at + 1))] as const]
  })
  return { name, properties: new Map(properties) }
}

const unescapeData = (text: string): string =>
  text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')

const unescapeProperty = (text: string): string =>
  unescapeData(text.replaceAll('%3A', ':').replaceAll('%2C', ','))

const unescapeOld = (text: string): string =>
  unescapeData(text.replaceAll('%3B', ';').replaceAll('%5D', ']'))
