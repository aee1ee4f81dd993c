import path from 'node:path'
import { parseArgs } from 'node:util'
import { Failure } from '../platform/failure.ts'
import { wrap } from '../report/terminal/wrap.ts'
import { INPUTS, type RawInputs } from './inputs.ts'
import { parseInputs, type Request } from './request.ts'

const FORMATS = ['text', 'markdown', 'json', 'html'] as const
export type Format = (typeof FORMATS)[number]

/** Inputs that say what to post on GitHub, of which there is nothing in a terminal. */
const ACTION_ONLY: readonly string[] = ['mode', 'reports']

const COLUMNS = 100

const INTRODUCTION = `Usage: unsynced [options] [BASE [HEAD]]
       unsynced doctor [--json] [options] [BASE [HEAD]]

Lists the Dagster assets that the SQLMesh changes between two commits will leave Unsynced. The doctor
looks at what that needs instead, and says what to fix.

  BASE               the commit to compare with (default: the merge-base with the default branch)
  HEAD               the commit to judge (default: the one that is checked out)

  --repo DIR         the repository (default: the current folder)
  --format FORMAT    ${FORMATS.join(', ')}, on standard output (default: text)
  --output FILE      also write the report there, as .txt, .md, .json or .html; may be given several times
  --help

Every input of the action is an option too; one that takes several lines may be given several times:
`

const STATUS = `Exit status: 0 accepted, 1 the policy says no, 2 could not tell. Of the doctor: 0 nothing to fix,
1 problems, 2 not understood.
`

/** What `--help` prints. */
export function usage(): string {
  const options = Object.entries(INPUTS).filter(([name]) => !ACTION_ONLY.includes(name))
  const inputs = options.map(([name, { default: value, text }]) => {
    const shown = value === '' ? '' : ` (default: ${value})`
    return `  --${name}\n${wrap(`${text.replaceAll('`', '')}${shown}`, COLUMNS, 6)}`
  })
  return `${INTRODUCTION}\n${inputs.join('\n')}\n\n${STATUS}`
}

/** What a command line asks for. */
export type Options = {
  readonly doctor: boolean
  readonly request: Request
  readonly folder: string
  readonly format: Format
  readonly outputs: readonly { readonly file: string; readonly format: Format }[]
}

/**
 * Reads the command line.
 *
 * @param line its words after the program's name
 * @throws Failure `config` that says what is wrong with it
 */
export function readOptions(line: readonly string[]): Options | 'help' {
  const doctor = line[0] === 'doctor'
  const args = doctor ? line.slice(1) : line
  const inputs = Object.fromEntries(
    Object.keys(INPUTS).map((name) => [name, { type: 'string', multiple: true } as const]),
  )
  let parsed: ReturnType<typeof parseArgs>
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...inputs,
        repo: { type: 'string', default: '.' },
        format: { type: 'string', default: 'text' },
        output: { type: 'string', multiple: true },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (cause) {
    const message = (cause as Error).message
    throw new Failure('config', message, { hint: 'See --help for the options.', cause })
  }
  const { repo, format, output, json, help, ...given } = parsed.values
  if (help === true) return 'help'
  const [base, head, ...rest] = parsed.positionals
  if (rest.length > 0) {
    throw new Failure('config', `There are ${parsed.positionals.length} commits, not two.`, {
      hint: 'Give BASE, or BASE and HEAD.',
    })
  }
  if (ACTION_ONLY.some((name) => name in given)) {
    throw new Failure('config', 'There is nothing to post in a terminal.', {
      hint: 'Leave out --mode and --reports; --format json gives the report.',
    })
  }
  const raw: RawInputs = Object.fromEntries(
    Object.entries(given).map(([name, values]) => [name, (values as string[]).join('\n')]),
  )
  if (doctor && output !== undefined) {
    throw new Failure('config', 'The doctor writes no files.', { hint: 'Leave out --output.' })
  }
  return {
    doctor,
    request: parseInputs({ ...raw, ...(base && { base }), ...(head && { head }) }),
    folder: path.resolve(String(repo)),
    format: json === true ? 'json' : formatNamed(String(format)),
    outputs: ((output ?? []) as string[]).map((file) => ({ file, format: formatOf(file) })),
  }
}

function formatNamed(name: string): Format {
  const format = FORMATS.find((known) => known === name)
  if (format !== undefined) return format
  throw new Failure('config', `There is no format ${name}.`, {
    hint: `Give one of ${FORMATS.join(', ')}.`,
  })
}

function formatOf(file: string): Format {
  switch (path.extname(file)) {
    case '.json':
      return 'json'
    case '.md':
      return 'markdown'
    case '.txt':
      return 'text'
    case '.html':
      return 'html'
    default:
      throw new Failure('config', `The ending of ${file} does not say what to write.`, {
        hint: 'Let --output end in .txt, .md, .json or .html.',
      })
  }
}
