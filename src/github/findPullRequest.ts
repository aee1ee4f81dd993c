import { Failure } from '../platform/failure.ts'
import type { Pull } from './api/apiAnswers.ts'
import type { GitHub } from './api/client.ts'
import { ApiError } from './api/retry.ts'
import type { Event } from './event.ts'
import { type PullRequest, pullRequestOf, type WorkflowRun, workflowRunOf } from './pullRequest.ts'

/** The pull request to tell, and what stood in the way of finding one. */
export type ReportSource = {
  readonly pullRequest: PullRequest | null
  readonly problems: readonly string[]
}

/**
 * Which pull request a run is about: by its event, or by the run that started this one.
 *
 * @param asked the input `pull-request`
 * @param reporting whether earlier jobs have made the comparison
 */
export async function locate(
  api: GitHub | null,
  event: Event,
  asked: number | null,
  reporting: boolean,
): Promise<ReportSource> {
  const run = reporting ? workflowRunOf(event) : null
  if (run === null) return { pullRequest: pullRequestOf(event, asked), problems: [] }
  if (run.event !== 'pull_request' || api === null) return { pullRequest: null, problems: [] }
  try {
    return await pullRequestOfRun(api, run, asked)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return none(`The pull request of the run could not be looked up: ${error.message}`)
  }
}

/**
 * The open pull request whose head the run had: by commit *and* repository, because a fork's branch
 * can have any name and a commit can be on many branches.
 *
 * @param asked number that the workflow gives; it is held to the same
 */
async function pullRequestOfRun(
  api: GitHub,
  run: WorkflowRun,
  asked: number | null,
): Promise<ReportSource> {
  const has = ({ head }: Pull) =>
    head?.sha === run.headSha && head.repository !== null && head.repository === run.repository
  const open =
    asked !== null
      ? [await api.pull(asked)]
      : run.head === null
        ? []
        : await api.openPulls(run.head)
  const [pull, another] = open.filter(has)
  if (pull === undefined) {
    return none(
      asked === null
        ? `No open pull request has the commit ${run.headSha} as its head any more`
        : `The commit ${run.headSha} is not the head of pull request ${asked}`,
    )
  }
  if (another !== undefined) {
    return none('Several pull requests have this head; name one with the input `pull-request`')
  }
  const { number } = pull
  return {
    pullRequest: { number, head: run.headSha, description: null, queued: false },
    problems: [],
  }
}

/**
 * SHAs of a commit's parents.
 *
 * @throws Failure `report` when GitHub does not tell
 */
export async function parentsOf(api: GitHub | null, commit: string): Promise<readonly string[]> {
  const hint = 'Give the input `github-token` a token with the permission `contents: read`.'
  if (api === null)
    throw new Failure('report', 'There is no token to look up commits with.', { hint })
  try {
    return await api.parents(commit)
  } catch (cause) {
    if (!(cause instanceof ApiError)) throw cause
    const message = `GitHub does not say what the commit ${commit} is: ${cause.message}`
    throw new Failure('report', message, { hint, cause })
  }
}

function none(problem: string): ReportSource {
  return { pullRequest: null, problems: [problem] }
}
