import * as core from '@actions/core'
import { check, type Outcome, refuse } from './check.ts'
import { readComparison } from './event.ts'
import { logLine, logPrinted } from './github/log.ts'
import { publish } from './github/publish.ts'
import { readEvent, readInputs, readRunner } from './github/runner.ts'
import { parseInputs, type Request } from './inputs.ts'
import { plainProgress } from './progress.ts'

/** Door 1: the GitHub Action. */
async function main(): Promise<number> {
  const runner = readRunner(process.env)
  let request: Request | null = null
  let outcome: Outcome
  try {
    const read = parseInputs(readInputs())
    request = read
    const event = readEvent(process.env)
    outcome = await check(read, {
      folder: runner.workspace,
      temporary: runner.temporary,
      environment: process.env,
      choose: (checkedOut) => readComparison(event, checkedOut, read),
      stage: plainProgress(logLine),
      onPrinted: (what, printed) => logPrinted(`What ${what} printed`, printed),
    })
  } catch (thrown) {
    outcome = refuse(thrown)
  }
  if (outcome.failure !== null) core.debug(outcome.failure.stack ?? '')
  await publish(outcome, request, runner, core.getInput('github-token'))
  return outcome.report.conclusion === 'success' ? 0 : 1
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => process.exit(1))
}

try {
  process.exit(await main())
} catch (error) {
  core.error(error instanceof Error ? error : String(error), { title: 'Unsynced' })
  process.exit(1)
}
