import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { check, type Outcome, refuse } from './check/check.ts'
import type { Ports } from './check/ports.ts'
import { examine } from './doctor/doctor.ts'
import { doctorJson, doctorText, isHealthy } from './doctor/doctorText.ts'
import { localComparison } from './github/event.ts'
import { type Format, type Options, readOptions, usage } from './inputs/commandLine.ts'
import type { Request } from './inputs/request.ts'
import { endOnceWritten, endOnSignals } from './platform/exit.ts'
import { liveProgress, plainProgress, timed } from './platform/progress.ts'
import { sanitizeOutput } from './platform/sanitizeOutput.ts'
import { renderHtml } from './report/html/htmlReport.ts'
import { renderComment } from './report/markdown/commentBody.ts'
import type { Presentation } from './report/presentation.ts'
import { renderTerminal } from './report/terminal/terminal.ts'
import type { Terminal } from './report/terminal/terminalPage.ts'
import { reportJson } from './report/writeReport.ts'

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
    stdout.write(usage())
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
