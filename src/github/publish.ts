import * as core from '@actions/core'
import { digest } from '../report/fingerprint.ts'
import { renderHtml } from '../report/html/htmlReport.ts'
import { prose } from '../report/markdown/markdown.ts'
import { renderComments, renderSummaries } from '../report/markdown/several.ts'
import { findingDigest, type Marker, type ReadMarker } from '../report/marker.ts'
import { reportJson, reportsJson } from '../report/writeReport.ts'
import { annotate } from './annotate.ts'
import type { GitHub } from './api/client.ts'
import { ApiError } from './api/retry.ts'
import { type CommentPlace, keyOf, placeOf } from './comment/commentPlace.ts'
import { asksAcceptance, type Conclusion, decideConclusion } from './comment/decideConclusion.ts'
import { type Draft, type Posted, postComment } from './comment/postComment.ts'
import type { RunResult } from './comment/runResult.ts'
import { readThread, type View } from './comment/thread.ts'
import { logLine } from './log.ts'
import { setOutputs, writeReport, writeSummary } from './runner.ts'

/**
 * Tells everyone: job summary, JSON report, outputs, annotations, comment. Only an acceptance that
 * can be read may still change how the check ends; nothing else that goes wrong here does.
 *
 * @param api null when GitHub is not to be asked, or there is no token to ask it with
 * @param problems what went wrong so far without being an error
 */
export async function publish(
  found: RunResult,
  api: GitHub | null,
  problems: readonly string[] = [],
): Promise<Conclusion['conclusion']> {
  const place = placeOf(found)
  const seen =
    api !== null && place !== null && asksAcceptance(found) ? await lookNow(api, place) : UNSEEN
  const settled = decideConclusion(found, seen.view, descriptionFor(found, api, seen.trouble))
  const written = await writeReports(settled, found)
  const { isolation } = found
  const isolated = isolation === null ? '' : `\n\n<sub>${prose(isolation.text)}</sub>`
  await writeSummary(`${renderSummaries(settled.presentations)}${isolated}`)
  annotate(settled)
  setOutputs({ ...outputsOf(settled, written), isolation: isolation?.level ?? '' })
  const posted =
    api === null || place === null ? UNPOSTED : await comment(api, place, found, settled, seen)
  setOutputs({ 'comment-url': posted.url ?? '' })
  const troubles = [seen.trouble, posted.trouble].filter((trouble) => trouble !== null)
  warn([
    ...problems,
    ...(tokenMissing(found, api) ? [NO_TOKEN] : []),
    ...(posted.shared ? [SHARED] : []),
    ...explain(troubles),
    ...(seen.trouble !== null && settled.conclusion === 'failure' ? [NO_ACCEPTANCE] : []),
  ])
  return settled.conclusion
}

/** Paths of files. */
type Written = { readonly json: string; readonly html: string }

/** What became of the comment; `shared`: another job of this run writes the same one. */
type Said = {
  readonly url: string | null
  readonly trouble: ApiError | null
  readonly shared: boolean
}

type Seen = { readonly view: View | null; readonly trouble: ApiError | null }

const UNSEEN: Seen = { view: null, trouble: null }
const UNPOSTED: Said = { url: null, trouble: null, shared: false }

const NO_ACCEPTANCE = 'Whether the change set is accepted could not be read, so it is not'
const SHARED =
  'Another job of this run writes the same comment, which says what the last of them found. Give each its own `comment-key`'
const NO_TOKEN = 'There is no comment, because the input `github-token` is empty'

function tokenMissing({ request, pullRequest }: RunResult, api: GitHub | null): boolean {
  const wanted = pullRequest?.queued === false && request?.comment !== 'never'
  return api === null && wanted && request?.mode !== 'compute'
}

async function lookNow(api: GitHub, place: CommentPlace): Promise<Seen> {
  try {
    const view = await readThread(api, place)
    return { view, trouble: view.trouble }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { view: null, trouble: error }
  }
}

/** The event's description is old news on a re-run; it only counts where the live one cannot be read. */
function descriptionFor(
  { pullRequest }: RunResult,
  api: GitHub | null,
  trouble: Seen['trouble'],
): string {
  const mayNot = api === null || trouble?.trouble === 'refused' || trouble?.trouble === 'gone'
  return mayNot ? (pullRequest?.description ?? '') : ''
}

async function comment(
  api: GitHub,
  place: CommentPlace,
  found: RunResult,
  settled: Conclusion,
  seen: Seen,
): Promise<Said> {
  const { request, pullRequest, runner } = found
  if (request === null || request.comment === 'never' || pullRequest?.queued !== false) {
    return UNPOSTED
  }
  const finding = findingDigest(settled.reports)
  let shared = false
  const draw = (view: View, atMost: Draft['tier']): Draft => {
    shared ||= view.ours.some(({ marker }) => isAnotherJobs(marker, runner.run, finding))
    const now = decideConclusion(found, view, descriptionFor(found, api, view.trouble))
    const rendered = renderComments(now.presentations, { atMost })
    const starts = request.comment === 'always' || now.starts
    return { ...rendered, fingerprint: now.fingerprint, memory: now.memory, starts }
  }
  const post = {
    place: asksAcceptance(found) ? place : { ...place, label: null },
    run: runner.run,
    finding,
    runUrl: settled.presentations[0]?.links?.run ?? null,
    head: pullRequest.head,
    draw,
  }
  try {
    const posted: Posted = await postComment(api, post, seen.view)
    logLine(`Comment on pull request ${pullRequest.number}: ${posted.action}`)
    return { url: posted.url, trouble: null, shared }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { url: null, trouble: error, shared }
  }
}

/** Whether another job or step of this very run wrote it: what this one writes is of its own finding. */
function isAnotherJobs({ older, run, finding }: ReadMarker, own: Marker['run'], mine: string) {
  return !older && run.id === own.id && run.attempt === own.attempt && finding !== mine
}

/** The JSON report, of one project as it is, of several together; and the page for people. */
async function writeReports(settled: Conclusion, found: RunResult): Promise<Written> {
  const [only, ...more] = settled.reports
  const json =
    only !== undefined && more.length === 0
      ? reportJson(only)
      : reportsJson(settled, settled.reports)
  const name = digest(found.request === null ? '' : keyOf(found.request))
  const folder = found.runner.temporary
  return {
    json: await writeReport(folder, name, '.json', json),
    html: await writeReport(folder, name, '.html', renderHtml(settled.presentations)),
  }
}

function outputsOf({ result, conclusion, counts, fingerprint }: Conclusion, written: Written) {
  // An unknown count is empty: 0 would read as "nothing changes".
  return {
    result,
    conclusion,
    'unsynced-count': counts?.unsynced ?? '',
    'after-upstream-count': counts?.afterUpstream ?? '',
    'new-count': counts?.new ?? '',
    'removed-count': counts?.removed ?? '',
    'formatting-only-count': counts?.formattingOnly ?? '',
    fingerprint,
    report: written.json,
    'report-html': written.html,
  } as const
}

/** What kept the comment or the acceptance from GitHub; each reason once. */
function explain(troubles: readonly ApiError[]): readonly string[] {
  return [...new Set(troubles.map(explainOne))]
}

function explainOne({ status, message }: ApiError): string {
  const said = `The pull request could not be read or commented on${status === null ? '' : ` (HTTP ${status})`}: ${message}`
  switch (status) {
    case 401:
      return `${said}. The token is not valid; check the input \`github-token\``
    case 403:
    case 404:
      return `${said}. The token needs the permission \`pull-requests: write\`, which pull requests from forks and from Dependabot never get`
    default:
      return said
  }
}

/** One warning at most: several about one cause would only hide it. */
function warn(problems: readonly string[]): void {
  if (problems.length === 0) return
  const text = problems.map((problem) => problem.replace(/[.\s]+$/, '')).join('. ')
  core.warning(`${text}. The report is in the job summary; a comment changes no verdict.`)
}
