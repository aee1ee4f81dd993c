import * as core from '@actions/core'
import { check, type Outcome, refuse } from './check/check.ts'
import { collect } from './check/collect.ts'
import type { Ports } from './check/ports.ts'
import { connect, type GitHub } from './github/api/client.ts'
import { type Event, readComparison } from './github/event.ts'
import { locate, parentsOf, type ReportSource } from './github/findPullRequest.ts'
import { logLine, logPrinted } from './github/log.ts'
import { publish } from './github/publish.ts'
import { subjectsOf } from './github/pullRequest.ts'
import { type Runner, readEvent, readInputs, readRunner } from './github/runner.ts'
import { inputsForTelling, parseInputs, type Request } from './inputs/request.ts'
import { endOnceWritten, endOnSignals } from './platform/exit.ts'
import { plainProgress, timed } from './platform/progress.ts'
import type { Isolation } from './sandbox/sandbox.ts'

/** Door 1: the GitHub Action. */
async function main(): Promise<number> {
  const runner = readRunner(process.env)
  const { stage, summary } = timed(plainProgress(logLine))
  let request: Request | null = null
  let api: GitHub | null = null
  let source: ReportSource = { pullRequest: null, problems: [] }
  let outcomes: readonly Outcome[]
  let isolation: Isolation | null = null
  const onIsolation = (achieved: Isolation) => {
    isolation = achieved
    if (achieved.level === 'environment') core.notice(achieved.text, { title: 'Unsynced' })
    else logLine(achieved.text)
  }
  try {
    const inputs = readInputs()
    const event = readEvent(process.env)
    request = inputsForTelling(inputs)
    if (request !== null) {
      api = connection(request, runner)
      source = await locate(api, event, request.pullRequest, request.mode === 'report')
    }
    request = parseInputs(inputs)
    if (request.dagster?.token) core.setSecret(request.dagster.token)
    outcomes =
      request.mode === 'report'
        ? await collectReports(request, event, runner, api)
        : [await checkProject(request, event, runner, { stage, onIsolation })]
  } catch (thrown) {
    outcomes = [refuse(thrown)]
  }
  for (const { failure } of outcomes) if (failure !== null) core.debug(failure.stack ?? '')
  const found = { outcomes, request, runner, pullRequest: source.pullRequest, isolation }
  const conclusion = await stage('GitHub', 'Reporting', () => publish(found, api, source.problems))
  logLine(summary())
  return conclusion === 'success' ? 0 : 1
}

/** null when GitHub is not to be asked anything, or there is nothing to ask it with. */
function connection(request: Request, { apiUrl, repository }: Runner): GitHub | null {
  const token = core.getInput('github-token')
  return request.mode === 'compute' || token === '' ? null : connect({ token, apiUrl, repository })
}

async function checkProject(
  request: Request,
  event: Event,
  runner: Runner,
  told: Pick<Ports, 'stage' | 'onIsolation'>,
): Promise<Outcome> {
  return await check(request, {
    folder: runner.workspace,
    temporary: runner.temporary,
    environment: process.env,
    choose: (checkedOut) => readComparison(event, checkedOut, request),
    ...told,
    onPrinted: (what, printed) => logPrinted(`What ${what} printed`, printed),
  })
}

async function collectReports(
  request: Request,
  event: Event,
  runner: Runner,
  api: GitHub | null,
): Promise<readonly Outcome[]> {
  return await collect(request, {
    ...subjectsOf(event, request.head),
    folders: [runner.workspace, runner.temporary],
    parents: (commit) => parentsOf(api, commit),
  })
}

endOnSignals(1, logLine)

try {
  await endOnceWritten(await main())
} catch (error) {
  core.error(error instanceof Error ? error : String(error), { title: 'Unsynced' })
  await endOnceWritten(1)
}
