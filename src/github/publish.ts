import { createHash } from 'node:crypto'
import * as core from '@actions/core'
import type { Outcome } from '../check.ts'
import type { Request } from '../inputs.ts'
import { renderComment } from '../report/comment.ts'
import { markerFor } from '../report/marker.ts'
import { keyText, type Links, type Presentation, rowsOf } from '../report/presentation.ts'
import type { Report } from '../report/report.ts'
import { headline, whyItFails } from '../report/sentences.ts'
import { renderSummary } from '../report/summary.ts'
import { commentsApi, statusOf } from './client.ts'
import { type Posted, postComment } from './comment.ts'
import { logLine } from './log.ts'
import { type Runner, writeReport, writeSummary } from './runner.ts'

/** GitHub shows the first ten annotations of a step, and drops the rest in silence. */
const MOST_ANNOTATIONS = 10

/**
 * Tells everyone: job summary, comment, annotations, outputs. The verdict is settled by now, and
 * nothing that goes wrong here changes it.
 *
 * @param request null when the inputs were wrong; there is no comment then
 */
export async function publish(
  outcome: Outcome,
  request: Request | null,
  runner: Runner,
  token: string,
): Promise<void> {
  const presentation = present(outcome, request, runner)
  const name = createHash('sha256')
    .update(request?.commentKey ?? '')
    .digest('hex')
    .slice(0, 8)
  const json = `${JSON.stringify(outcome.report, null, 2)}\n`
  const file = await writeReport(runner.temporary, name, json)
  await writeSummary(renderSummary(presentation))
  const posted =
    request === null ? null : await comment(presentation, outcome, request, runner, token)
  annotate(presentation)
  setOutputs(outcome.report, file, posted?.url ?? '')
}

function present(outcome: Outcome, request: Request | null, runner: Runner): Presentation {
  const { report, verdict, comparison } = outcome
  return {
    report,
    verdict,
    failOn: request?.failOn ?? [],
    links: linksOf(report, comparison?.headFile ?? null, runner),
  }
}

function linksOf(report: Report, headFile: string | null, runner: Runner): Links {
  const repository = `${runner.serverUrl}/${runner.repository.owner}/${runner.repository.name}`
  return {
    repository,
    run: `${repository}/actions/runs/${runner.run.id}`,
    // The merge commit of a pull request is gone after the merge; its head stays.
    head: headFile ?? report.head.sha ?? 'HEAD',
    base: report.base.sha ?? 'HEAD',
  }
}

async function comment(
  presentation: Presentation,
  outcome: Outcome,
  request: Request,
  runner: Runner,
  token: string,
): Promise<Posted | null> {
  const pullRequest = outcome.comparison?.pullRequest ?? request.pullRequest
  if (request.comment === 'never' || pullRequest === null) return null
  if (token === '') {
    core.warning('There is no comment, because the input `github-token` is empty.')
    return null
  }
  const { report } = presentation
  const document = renderComment(presentation)
  const marker = markerFor(presentation, document, request.commentKey, runner.run)
  const somethingToSay = report.error !== null || report.assets.length > 0
  const create = request.comment === 'always' || somethingToSay
  try {
    const api = commentsApi(token, runner.repository, pullRequest, runner.apiUrl)
    const posted = await postComment(api, marker, document, create)
    logLine(`Comment on pull request ${pullRequest}: ${posted.action}`)
    return posted
  } catch (error) {
    core.warning(explainComment(error))
    return null
  }
}

function explainComment(error: unknown): string {
  const status = statusOf(error)
  const message = error instanceof Error ? error.message : String(error)
  const said = `The comment could not be posted${status === null ? '' : ` (HTTP ${status})`}: ${message}`
  if (status === 403 || status === 404) {
    return `${said}. The token needs the permission \`pull-requests: write\`, which pull requests from forks and from Dependabot never get. The report is in the job summary; the verdict is not affected.`
  }
  return `${said}. The report is in the job summary; the verdict is not affected.`
}

/** The dearest changes, on the files of their models. */
function annotate(presentation: Presentation): void {
  const { report, verdict } = presentation
  if (report.error !== null) {
    const { message, file } = report.error
    const properties = { title: 'Unsynced: could not compare', ...(file === null ? {} : { file }) }
    core.error(message, properties)
    return
  }
  const fails = verdict?.conclusion === 'failure'
  for (const row of rowsOf(report, 'unsynced').slice(0, MOST_ANNOTATIONS)) {
    const causes = row.causes.map((cause) => `${cause.kind}: ${cause.detail}`)
    const reasons = row.reasons.includes('dependencies') ? [...causes, 'dependencies'] : causes
    const text = `Will become unsynced: ${reasons.join('; ')}`
    const properties = {
      title: keyText(row.key),
      ...(row.path === null ? {} : { file: row.path, startLine: 1 }),
    }
    if (fails) core.warning(text, properties)
    else core.notice(text, properties)
  }
  if (fails) core.error(`${headline(report)} ${whyItFails(presentation)}`)
}

function setOutputs(report: Report, file: string, commentUrl: string): void {
  const { counts } = report
  // An unknown count is empty: 0 would read as "nothing changes".
  const outputs: Readonly<Record<string, string | number>> = {
    result: report.result,
    conclusion: report.conclusion,
    'unsynced-count': counts?.unsynced ?? '',
    'after-upstream-count': counts?.afterUpstream ?? '',
    'new-count': counts?.new ?? '',
    'removed-count': counts?.removed ?? '',
    'formatting-only-count': counts?.formattingOnly ?? '',
    fingerprint: report.fingerprint,
    report: file,
    'comment-url': commentUrl,
  }
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value)
}
