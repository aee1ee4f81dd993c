import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { check, type Outcome, refuse } from './check/check.ts'
import type { Ports } from './check/ports.ts'
import { examine } from './doctor/doctor.ts'
import { doctorJson, doctorText, isHealthy } from './doctor/doctorText.ts'
import { localComparison } from './github/event.ts'
import { DEFAULTS, type InputName, parseInputs, type Request } from './inputs/inputs.ts'
import { endOnceWritten, endOnSignals } from './platform/exit.ts'
import { Failure } from './platform/failure.ts'
import { liveProgress, plainProgress, timed } from './platform/progress.ts'
import { sanitizeOutput } from './platform/sanitizeOutput.ts'
import { renderHtml } from './report/html/htmlReport.ts'
import { renderComment } from './report/markdown/commentBody.ts'
import type { Presentation } from './report/presentation.ts'
import { renderTerminal } from './report/terminal/terminal.ts'
import type { Terminal } from './report/terminal/terminalPage.ts'
import { reportJson } from './report/writeReport.ts'

const FORMATS = ['text', 'markdown', 'json', 'html'] as const
type Format = (typeof FORMATS)[number]

const USAGE = `Usage: unsynced [options] [BASE [HEAD]]
       unsynced doctor [--json] [options] [BASE [HEAD]]

Lists the Dagster assets that the SQLMesh changes between two commits will leave Unsynced. The doctor
looks at what that needs instead, and says what to fix.

  BASE               the commit to compare with (default: the merge-base with the default branch)
  HEAD               the commit to judge (default: the one that is checked out)

  --repo DIR         the repository (default: the current folder)
  --format FORMAT    ${FORMATS.join(', ')}, on standard output (default: text)
  --output FILE      also write the report there, as .txt, .md, .json or .html; may be given several times
  --help

Every input of the action is an option too, among them:

  --project DIR      SQLMesh project folder relative to the repository (default: .)
  --gateway NAME     the gateway that the Dagster code location uses
  --python COMMAND   the interpreter in which the project loads
  --install COMMAND  what makes the environment of one commit, e.g. 'uv sync --frozen'
  --integration NAME auto, dg-sqlmesh, dagster-sqlmesh or custom
  --definitions PATH file or module of your Dagster definitions, to ask Dagster itself
  --fail-on RULES    unsynced, incremental, formatting, dependencies, removed

Exit status: 0 accepted, 1 the policy says no, 2 could not tell. Of the doctor: 0 nothing to fix,
1 problems, 2 not understood.
`

type Options = {
  readonly doctor: boolean
  readonly request: Request
  readonly folder: string
  readonly format: Format
  readonly outputs: readonly { readonly file: string; readonly format: Format }[]
}

/** Reads the command line. @throws Failure `config` that says what is wrong with it */
function readOptions(line: readonly string[]): Options | 'help' {
  const doctor = line[0] === 'doctor'
  const args = doctor ? line.slice(1) : line
  const inputs = Object.fromEntries(
    Object.keys(DEFAULTS).map((name) => [name, { type: 'string', multiple: true } as const]),
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
  if (given['mode'] !== undefined || given['reports'] !== undefined) {
    throw new Failure('config', 'There is nothing to post in a terminal.', {
      hint: 'Leave out --mode and --reports; --format json gives the report.',
    })
  }
  const raw: Partial<Record<InputName, string>> = Object.fromEntries(
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

function render(
  outcome: Outcome,
  request: Request | null,
  format: Format,
  terminal: Terminal,
): string {
  const { report, verdict, sources } = outcome
  const presentation: Presentation = {
    report,
    verdict,
    failOn: request?.failOn ?? [],
    acceptLabel: request?.acceptLabel ?? '',
    acceptance: null,
    previous: null,
    sources,
    links: null,
  }
  switch (format) {
    case 'json':
      return reportJson(report)
    case 'markdown':
      return `${renderComment(presentation).document}\n`
    case 'html':
      return renderHtml([presentation])
    case 'text':
      return renderTerminal(presentation, terminal)
  }
}

/** Columns where nothing says how many there are, as in a pipe. */
const COLUMNS = 80

const PLAIN_TERMINAL: Terminal = { colour: false, width: COLUMNS }

/** Colour only for people (no-color.org), unless `FORCE_COLOR` insists, as it does in CI logs. */
function terminalOf({ isTTY, columns }: { isTTY?: boolean; columns?: number }): Terminal {
  const { NO_COLOR: no, FORCE_COLOR: force } = process.env
  const asked = force !== undefined && force !== '0' && force !== 'false'
  return {
    colour: asked || (isTTY === true && !no && force === undefined),
    width: columns || COLUMNS,
  }
}

/** Door 2: the terminal. */
async function main(): Promise<number> {
  const { stdout, stderr } = process
  const asksForJson = /(^| )(--format[ =]json|--json)( |$)/.test(process.argv.slice(2).join(' '))
  let options: Options | 'help'
  try {
    options = readOptions(process.argv.slice(2))
  } catch (thrown) {
    const outcome = refuse(thrown)
    stderr.write(render(outcome, null, 'text', terminalOf(stderr)))
    if (asksForJson) stdout.write(render(outcome, null, 'json', PLAIN_TERMINAL))
    return 2
  }
  if (options === 'help') {
    stdout.write(USAGE)
    return 0
  }
  const { request, folder, format, outputs, doctor } = options
  const progress = stderr.isTTY
    ? liveProgress((text) => stderr.write(text))
    : plainProgress((line) => stderr.write(`${line}\n`))
  const { stage, summary } = timed(progress)
  const ports: Ports = {
    folder,
    temporary: tmpdir(),
    environment: process.env,
    choose: (checkedOut) => localComparison(checkedOut, request),
    stage,
    onIsolation: ({ level, text }) => {
      if (level === 'environment') stderr.write(`${text}\n`)
    },
    onPrinted: (what, printed) => {
      const lines = [printed.stdout, printed.stderr].flatMap(sanitizeOutput)
      stderr.write(`${[`What ${what} printed:`, ...lines].join('\n')}\n`)
    },
  }
  if (doctor) {
    const findings = await examine(request, ports)
    stdout.write(
      format === 'json' ? doctorJson(findings) : doctorText(findings, terminalOf(stdout)),
    )
    return isHealthy(findings) ? 0 : 1
  }
  const outcome = await check(request, ports)
  for (const output of outputs) {
    writeFileSync(output.file, render(outcome, request, output.format, PLAIN_TERMINAL))
  }
  stderr.write(`${summary()}\n`)
  stdout.write(render(outcome, request, format, terminalOf(stdout)))
  if (outcome.report.error !== null) return 2
  return outcome.report.conclusion === 'success' ? 0 : 1
}

endOnSignals(2, (line) => process.stderr.write(`\n${line}\n`))

try {
  await endOnceWritten(await main())
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  await endOnceWritten(2)
}
