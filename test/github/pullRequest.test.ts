import { describe, expect, test } from 'vitest'
import type { Event } from '../../src/github/event.ts'
import { pullRequestOf, subjectsOf, workflowRunOf } from '../../src/github/pullRequest.ts'

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const C = 'c'.repeat(40)

const event = (name: string, payload: unknown, ref = 'refs/heads/main'): Event => ({
  name,
  payload,
  sha: C,
  ref,
})
const pull = event('pull_request', {
  pull_request: { number: 7, head: { sha: B }, body: null },
})
const queue = (headRef: string | undefined, ref = 'refs/heads/main') =>
  event('merge_group', { merge_group: { head_ref: headRef, head_sha: B, base_sha: A } }, ref)
const run = (workflowRun: object) =>
  event('workflow_run', {
    workflow_run: {
      event: 'pull_request',
      head_sha: B,
      head_branch: 'feature',
      head_repository: { id: 4343, owner: { login: 'mallory' } },
      pull_requests: [],
      ...workflowRun,
    },
  })

describe('the pull request', () => {
  test('of its own event', () => {
    expect(pullRequestOf(pull, null)).toEqual({
      number: 7,
      head: B,
      description: '',
      queued: false,
    })
  })

  test('of an input is another, of which the event says nothing', () => {
    expect(pullRequestOf(pull, 9)).toMatchObject({ number: 9, head: null, description: null })
    expect(pullRequestOf(event('push', {}), 9)).toMatchObject({ number: 9 })
    expect(pullRequestOf(pull, 7)?.head).toBe(B)
  })

  test.each([
    [`refs/heads/gh-readonly-queue/main/pr-7-${A}`, 7],
    [`refs/heads/gh-readonly-queue/release/1.x/pr-12-${A}`, 12],
  ])('of a queue: %s', (ref, number) => {
    const wanted = { number, queued: true, head: null }
    expect(pullRequestOf(queue(ref), null)).toMatchObject(wanted)
    expect(pullRequestOf(queue(undefined, ref), null)).toMatchObject(wanted)
  })

  test.each([
    'refs/heads/gh-readonly-queue/main/pr-7',
    `refs/heads/evil/gh-readonly-queue/main/pr-7-${A}`,
    `refs/heads/gh-readonly-queue/main/pr-x-${A}`,
  ])('not of a branch that is no queue’s: %s', (ref) => {
    expect(pullRequestOf(queue(ref), null)).toBeNull()
  })

  test.each(['push', 'schedule', 'workflow_dispatch', 'pull_request_target'])(
    'none of %s',
    (name) => {
      expect(pullRequestOf(event(name, pull.payload), null)).toBeNull()
    },
  )
})

describe('the run that started this one', () => {
  test('names a fork’s branch and repository, not a number', () => {
    expect(workflowRunOf(run({}))).toEqual({
      headSha: B,
      head: 'mallory:feature',
      repository: 4343,
      event: 'pull_request',
    })
  })

  test('of a fork that is gone', () => {
    expect(workflowRunOf(run({ head_repository: null }))).toMatchObject({
      head: null,
      repository: null,
    })
  })

  test('is none of another event, or without a commit', () => {
    expect(workflowRunOf(pull)).toBeNull()
    expect(workflowRunOf(run({ head_sha: 'main' }))).toBeNull()
  })
})

describe('commits that a report may be about', () => {
  test.each<[string, Event, readonly string[], string | null]>([
    ['pull_request: the merge commit and the head', pull, [C, B], null],
    ['push', event('push', {}), [C], null],
    ['workflow_run of a pull request: its head, and merges of it', run({}), [B], B],
    ['workflow_run of a push: its commit', run({ event: 'push' }), [B], null],
  ])('%s', (_, of, heads, mergedHead) => {
    expect(subjectsOf(of, null)).toEqual({ heads, mergedHead })
  })
})
