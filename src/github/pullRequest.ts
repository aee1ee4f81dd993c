import { z } from 'zod'
import type { Event } from './event.ts'

/** The pull request that a run is about. */
export type PullRequest = {
  readonly number: number
  /** Its head as this run knows it; null = whatever it is. */
  readonly head: string | null
  /** As of the event; the live one may be another by now. */
  readonly description: string | null
  /** In a merge queue its acceptance counts, but there is nothing to say on it any more. */
  readonly queued: boolean
}

/** A workflow run whose pull request only the API can name: for forks the payload has none. */
export type WorkflowRun = {
  readonly headSha: string
  /** `owner:branch` */
  readonly head: string | null
  readonly repository: number | null
  /** What started that run, e.g. `pull_request`. */
  readonly event: string
}

const sha = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/)

const pullRequestPayload = z.object({
  pull_request: z.object({
    number: z.int().positive(),
    head: z.object({ sha }),
    body: z.string().nullish(),
  }),
})
const mergeGroupPayload = z.object({
  merge_group: z.object({ head_ref: z.string().optional() }),
})
const workflowRunPayload = z.object({
  workflow_run: z.object({
    event: z.string(),
    head_sha: sha,
    head_branch: z.string().nullish(),
    head_repository: z.object({ id: z.int(), owner: z.object({ login: z.string() }) }).nullish(),
  }),
})

/** GitHub names a queue's branches `gh-readonly-queue/<base branch>/pr-<number>-<SHA>`. */
const QUEUE = /^refs\/heads\/gh-readonly-queue\/.+\/pr-(\d{1,9})-[0-9a-f]{40,64}$/

/**
 * The pull request that an event names; null if it names none.
 *
 * @param asked the input `pull-request`
 */
export function pullRequestOf(event: Event, asked: number | null): PullRequest | null {
  const named = fromEvent(event)
  if (asked === null || asked === named?.number) return named
  return { number: asked, head: null, description: null, queued: false }
}

/** The run that a `workflow_run` event is about; null for every other event. */
export function workflowRunOf(event: Event): WorkflowRun | null {
  if (event.name !== 'workflow_run') return null
  const parsed = workflowRunPayload.safeParse(event.payload)
  if (!parsed.success) return null
  const run = parsed.data.workflow_run
  const owner = run.head_repository?.owner.login
  return {
    headSha: run.head_sha,
    head: owner !== undefined && run.head_branch ? `${owner}:${run.head_branch}` : null,
    repository: run.head_repository?.id ?? null,
    event: run.event,
  }
}

function fromEvent(event: Event): PullRequest | null {
  if (event.name === 'pull_request') {
    const parsed = pullRequestPayload.safeParse(event.payload)
    if (!parsed.success) return null
    const { number, head, body } = parsed.data.pull_request
    const description = body ?? ''
    return { number, head: head.sha, description, queued: false }
  }
  if (event.name === 'merge_group') {
    const parsed = mergeGroupPayload.safeParse(event.payload)
    const [, number] =
      QUEUE.exec(parsed.data?.merge_group.head_ref ?? '') ?? QUEUE.exec(event.ref) ?? []
    if (number === undefined) return null
    return {
      number: Number(number),
      head: null,
      description: null,
      queued: true,
    }
  }
  return null
}

/** Commits that a report of an earlier job may be about, by what GitHub says of the event alone. */
export type Subjects = {
  readonly heads: readonly string[]
  /** Merge commits of this one will do too: those a `workflow_run` event does not name. */
  readonly mergedHead: string | null
}

/** @param asked the input `head` */
export function subjectsOf(event: Event, asked: string | null): Subjects {
  const run = workflowRunOf(event)
  if (run !== null) {
    const mergedHead = run.event === 'pull_request' ? run.headSha : null
    return { heads: [run.headSha], mergedHead }
  }
  const commits = [event.sha, fromEvent(event)?.head, asked]
  return {
    heads: commits.filter((commit) => sha.safeParse(commit).success) as string[],
    mergedHead: null,
  }
}
