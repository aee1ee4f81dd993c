import type { MergeGroup, PullRequest } from './git.ts'

/** An event as the runner tells an action of it. */
export type ActionEvent = {
  /** `GITHUB_EVENT_NAME` */
  readonly name: string
  /** `GITHUB_SHA` */
  readonly sha: string
  /** `GITHUB_REF` */
  readonly ref: string
  /** `GITHUB_BASE_REF` and `GITHUB_HEAD_REF`; only pull requests have them. */
  readonly branches?: { readonly base: string; readonly head: string }
  /** The JSON at `GITHUB_EVENT_PATH`. */
  readonly payload: Readonly<Record<string, unknown>>
}

const owner = { login: 'acme', id: 1001, type: 'Organization' }

const repository = {
  id: 4242,
  name: 'data',
  full_name: 'acme/data',
  private: false,
  fork: false,
  owner,
  default_branch: 'main',
  html_url: 'https://github.com/acme/data',
}

const common = { repository, sender: { login: 'alice', id: 1002, type: 'User' } }

/** `pull_request`, or with `name` the dangerous `pull_request_target`. */
export function pullRequestEvent(
  { number, base, head, mergeSha }: PullRequest,
  options: {
    name?: 'pull_request' | 'pull_request_target'
    action?: 'opened' | 'synchronize' | 'reopened' | 'edited' | 'labeled' | 'unlabeled'
    labels?: readonly string[]
    draft?: boolean
    fork?: boolean
    description?: string
  } = {},
): ActionEvent {
  const { name = 'pull_request', action = 'synchronize', labels = [], fork = false } = options
  const forkOwner = { login: 'mallory', id: 1004, type: 'User' }
  const headRepository = fork
    ? { ...repository, id: 4343, full_name: 'mallory/data', fork: true, owner: forkOwner }
    : repository
  const onBase = name === 'pull_request_target' || mergeSha === null
  return {
    name,
    // pull_request_target runs on the base branch, which is what makes its token powerful.
    sha: onBase ? base.sha : mergeSha,
    ref: name === 'pull_request_target' ? `refs/heads/${base.ref}` : `refs/pull/${number}/merge`,
    branches: { base: base.ref, head: head.ref },
    payload: {
      ...common,
      action,
      number,
      pull_request: {
        number,
        state: 'open',
        draft: options.draft ?? false,
        title: 'Change models',
        body: options.description ?? null,
        html_url: `https://github.com/acme/data/pull/${number}`,
        user: { login: 'alice', id: 1002, type: 'User' },
        labels: labels.map((label, index) => ({ id: index + 1, name: label })),
        merge_commit_sha: mergeSha,
        base: { ...base, label: `acme:${base.ref}`, repo: repository, user: owner },
        head: { ...head, repo: headRepository, user: headRepository.owner },
      },
    },
  }
}

/** `merge_group`: what a merge queue asks to have checked. */
export function mergeGroupEvent(group: MergeGroup): ActionEvent {
  return {
    name: 'merge_group',
    sha: group.headSha,
    ref: group.headRef,
    payload: {
      ...common,
      action: 'checks_requested',
      merge_group: {
        head_sha: group.headSha,
        head_ref: group.headRef,
        base_sha: group.baseSha,
        base_ref: group.baseRef,
        head_commit: { id: group.headSha, message: 'Merge pull request #7' },
      },
    },
  }
}

/**
 * `workflow_run`: a run on a pull request's code has ended. It runs on the default branch, with its
 * rights; for forks it does not say which pull request.
 */
export function workflowRunEvent(run: {
  headSha: string
  branch?: string
  /** Of the repository that the code is from. */
  repository?: number
  event?: string
}): ActionEvent {
  const id = run.repository ?? 4343
  return {
    name: 'workflow_run',
    sha: '9'.repeat(40),
    ref: 'refs/heads/main',
    payload: {
      ...common,
      action: 'completed',
      workflow_run: {
        id: 1_234_567,
        event: run.event ?? 'pull_request',
        status: 'completed',
        conclusion: 'success',
        head_sha: run.headSha,
        head_branch: run.branch ?? 'feature',
        head_repository: { id, full_name: 'mallory/data', owner: { login: 'mallory', id: 1004 } },
        pull_requests: [],
      },
    },
  }
}

/** `push` to a branch; `before` is all zero for a new one. */
export function pushEvent(push: { before: string; after: string; branch?: string }): ActionEvent {
  const ref = `refs/heads/${push.branch ?? 'main'}`
  const created = /^0+$/.test(push.before)
  return {
    name: 'push',
    sha: push.after,
    ref,
    payload: {
      ...common,
      ref,
      before: push.before,
      after: push.after,
      created,
      deleted: false,
      forced: false,
      head_commit: { id: push.after },
    },
  }
}

/** `workflow_dispatch` on a branch, which names no commit to compare with. */
export function dispatchEvent(dispatch: { sha: string; branch?: string }): ActionEvent {
  const ref = `refs/heads/${dispatch.branch ?? 'main'}`
  return {
    name: 'workflow_dispatch',
    sha: dispatch.sha,
    ref,
    payload: { ...common, ref, inputs: null, workflow: '.github/workflows/unsynced.yml' },
  }
}

/** `schedule`: on the default branch, and about no commit in particular. */
export function scheduleEvent(sha: string): ActionEvent {
  const payload = { ...common, schedule: '23 6 * * 1-5' }
  return { name: 'schedule', sha, ref: 'refs/heads/main', payload }
}
