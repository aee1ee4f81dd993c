import { z } from 'zod'
import type { Comparison } from '../git/comparison.ts'
import { Failure } from '../platform/failure.ts'

/** What the runner says of the event that started the workflow. */
export type Event = {
  /** `GITHUB_EVENT_NAME` */
  readonly name: string
  /** Parsed `GITHUB_EVENT_PATH` */
  readonly payload: unknown
  /** `GITHUB_SHA`: for `pull_request` the merge commit */
  readonly sha: string
  /** `GITHUB_REF`, e.g. `refs/pull/7/merge` */
  readonly ref: string
}

const sha = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'is not a full commit SHA')

const pullRequestPayload = z.object({
  /** Only with the action `edited`, and only what was edited. */
  changes: z.object({ base: z.unknown().optional() }).optional(),
  pull_request: z.object({
    number: z.int().positive(),
    base: z.object({ sha, ref: z.string() }),
    head: z.object({ sha, ref: z.string() }),
  }),
})
const account = z.object({ login: z.string() }).nullish()
/** A fork that was deleted has no `repo` any more. */
const whosePayload = z.object({
  repository: z.object({ id: z.int() }),
  sender: account,
  pull_request: z.object({
    user: account,
    head: z.object({ repo: z.object({ id: z.int() }).nullable() }),
  }),
})
const mergeGroupPayload = z.object({
  merge_group: z.object({ head_sha: sha, base_sha: sha, base_ref: z.string().optional() }),
})
const pushPayload = z.object({ before: sha, after: sha, ref: z.string() })
const repositoryPayload = z.object({
  repository: z.object({ default_branch: z.string().min(1) }).optional(),
})

const SUPPORTED = 'pull_request, merge_group, push, workflow_dispatch and schedule'

/** Commits that the inputs name; null = what the event says. */
type CommitInputs = { readonly base: string | null; readonly head: string | null }

/**
 * Decides which commits an event is about (contract: what is compared). Every action of an event is
 * compared, also one that changes no file, such as another label: a check that did not look would
 * have to know that an earlier one did, and on what.
 *
 * @param checkedOut SHA of the commit that the workspace has checked out
 * @throws Failure `refused-event` for events that run with the base repository's rights,
 *   `config` for payloads and events that say too little
 */
export function readComparison(event: Event, checkedOut: string, given: CommitInputs): Comparison {
  refusePrivileged(event.name)
  const commits = overridden(given, checkedOut) ?? fromEvent(event, checkedOut, given)
  return { ...commits, foreign: isForeign(event) }
}

type CommitsAsked = Omit<Comparison, 'foreign'>

/** Whose pull request it is; where the payload does not tell, it is a stranger's. */
function isForeign(event: Event): boolean {
  if (!event.name.startsWith('pull_request')) return false
  const parsed = whosePayload.safeParse(event.payload)
  if (!parsed.success) return true
  const { pull_request: pull, repository, sender } = parsed.data
  const people = [pull.user?.login, sender?.login]
  return pull.head.repo?.id !== repository.id || people.includes('dependabot[bot]')
}

/** The commits to compare in a terminal: BASE and HEAD, by default what the branch adds. */
export function localComparison(checkedOut: string, given: CommitInputs): Comparison {
  const commits = overridden(given, checkedOut)
  if (commits !== null) return { ...commits, foreign: false }
  return {
    foreign: false,
    head: given.head ?? checkedOut,
    base: { kind: 'default-branch', name: null },
    headRef: given.head,
    baseRef: null,
    headFetchRef: null,
    headFile: null,
  }
}

/** Loading a SQLMesh project runs its Python, so it must never happen with a privileged token. */
function refusePrivileged(name: string): void {
  if (name !== 'pull_request_target' && name !== 'workflow_run') return
  throw new Failure(
    'refused-event',
    `The event ${name} runs with the base repository's token and secrets, and loading a SQLMesh project runs the pull request's own Python.`,
    { hint: 'Use the event pull_request instead. It needs no secrets here, also for forks.' },
  )
}

function overridden(given: CommitInputs, checkedOut: string): CommitsAsked | null {
  if (given.base === null) return null
  return {
    head: given.head ?? checkedOut,
    base: { kind: 'commit', revision: given.base },
    headRef: given.head,
    baseRef: given.base,
    headFetchRef: null,
    headFile: null,
  }
}

function fromEvent(event: Event, checkedOut: string, given: CommitInputs): CommitsAsked {
  switch (event.name) {
    case 'pull_request':
      return fromPullRequest(event, checkedOut, given)
    case 'merge_group': {
      const group = parsePayload(mergeGroupPayload, event).merge_group
      const baseRef = group.base_ref?.replace(/^refs\/heads\//, '') ?? null
      return {
        head: given.head ?? group.head_sha,
        base: { kind: 'commit', revision: group.base_sha },
        headRef: event.ref,
        baseRef,
        headFetchRef: event.ref,
        headFile: null,
      }
    }
    case 'push': {
      const push = parsePayload(pushPayload, event)
      if (isZero(push.after)) {
        throw new Failure('config', 'This push deleted a branch, so there is nothing to compare.', {
          hint: 'Run this action only on pushes of commits.',
        })
      }
      return {
        head: given.head ?? push.after,
        base: isZero(push.before)
          ? { kind: 'first-parent' }
          : { kind: 'commit', revision: push.before },
        headRef: push.ref,
        baseRef: null,
        headFetchRef: push.ref,
        headFile: null,
      }
    }
    case 'workflow_dispatch':
    case 'schedule': {
      const name = parsePayload(repositoryPayload, event).repository?.default_branch ?? null
      return {
        head: given.head ?? checkedOut,
        base: { kind: 'default-branch', name },
        headRef: given.head ?? event.ref,
        baseRef: name,
        headFetchRef: null,
        headFile: null,
      }
    }
    default:
      throw new Failure(
        'config',
        `The event ${event.name} does not say which commits to compare.`,
        {
          hint: `Use ${SUPPORTED}, or give the inputs \`base\` and \`head\`.`,
        },
      )
  }
}

function fromPullRequest(event: Event, checkedOut: string, given: CommitInputs): CommitsAsked {
  const { pull_request: pull, changes } = parsePayload(pullRequestPayload, event)
  const merged = `refs/pull/${pull.number}/merge`
  // The merge commit's first parent is what the base branch is *now*; base.sha may be older.
  // Right after the pull request was pointed to another branch, that commit still merges into the old.
  const retargeted = changes?.base !== undefined
  if (given.head === null && checkedOut === event.sha && event.ref === merged && !retargeted) {
    return {
      head: event.sha,
      base: { kind: 'first-parent' },
      headRef: merged,
      baseRef: pull.base.ref,
      headFetchRef: merged,
      headFile: pull.head.sha,
    }
  }
  return {
    head: given.head ?? pull.head.sha,
    base: { kind: 'merge-base', with: pull.base.sha },
    headRef: given.head ?? pull.head.ref,
    baseRef: pull.base.ref,
    headFetchRef: `refs/pull/${pull.number}/head`,
    headFile: null,
  }
}

function parsePayload<T>(schema: z.ZodType<T>, event: Event): T {
  const parsed = schema.safeParse(event.payload)
  if (parsed.success) return parsed.data
  throw new Failure(
    'config',
    `The payload of the event ${event.name} is not what GitHub documents:\n${z.prettifyError(parsed.error)}`,
    { hint: 'Check GITHUB_EVENT_PATH, or give the inputs `base` and `head`.', cause: parsed.error },
  )
}

function isZero(commit: string): boolean {
  return /^0+$/.test(commit)
}
