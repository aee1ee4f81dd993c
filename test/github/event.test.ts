import { describe, expect, test } from 'vitest'
import { type Event, localComparison, readComparison } from '../../src/github/event.ts'
import { parseInputs } from '../../src/inputs/request.ts'

const A = 'a'.repeat(40)
const B = 'b'.repeat(40)
const C = 'c'.repeat(40)
const ZERO = '0'.repeat(40)
const request = parseInputs({})

const event = (name: string, payload: unknown, ref = 'refs/heads/main'): Event => ({
  name,
  payload,
  sha: C,
  ref,
})
const pull = event(
  'pull_request',
  { pull_request: { number: 7, base: { sha: A, ref: 'main' }, head: { sha: B, ref: 'topic' } } },
  'refs/pull/7/merge',
)

describe('pull_request', () => {
  test('the merge commit against its first parent, files linked to the head that lasts', () => {
    expect(readComparison(pull, C, request)).toMatchObject({
      head: C,
      base: { kind: 'first-parent' },
      baseRef: 'main',
      headFile: B,
    })
  })

  test('another commit checked out: the head against the merge-base', () => {
    expect(readComparison(pull, B, request)).toMatchObject({
      head: B,
      base: { kind: 'merge-base', with: A },
      headRef: 'topic',
      headFetchRef: 'refs/pull/7/head',
    })
  })

  test('inputs override', () => {
    const asked = parseInputs({ base: 'v1', head: B })
    expect(readComparison(pull, C, asked)).toMatchObject({
      head: B,
      base: { kind: 'commit', revision: 'v1' },
    })
  })

  test('pointed to another branch: the merge commit may still be of the old one', () => {
    const payload = { ...(pull.payload as object), action: 'edited', changes: { base: {} } }
    expect(readComparison({ ...pull, payload }, C, request)).toMatchObject({
      head: B,
      base: { kind: 'merge-base', with: A },
    })
    const title = { ...(pull.payload as object), action: 'edited', changes: { title: {} } }
    expect(readComparison({ ...pull, payload: title }, C, request).head).toBe(C)
  })

  test('a payload that says too little', () => {
    const wrong = event('pull_request', { pull_request: { number: 7 } })
    expect(() => readComparison(wrong, C, request)).toThrow('not what GitHub documents')
  })
})

describe('whose code it is', () => {
  const from = (repo: unknown, sender = 'alice', user = 'alice') =>
    event('pull_request', {
      repository: { id: 1 },
      sender: { login: sender },
      pull_request: {
        number: 7,
        user: { login: user },
        base: { sha: A, ref: 'main' },
        head: { sha: B, ref: 'feature', repo },
      },
    })

  test.each([
    ['this repository', from({ id: 1 }), false],
    ['a fork', from({ id: 2 }), true],
    ['a fork that is gone', from(null), true],
    ['nobody tells', from(undefined), true],
    ['Dependabot', from({ id: 1 }, 'dependabot[bot]', 'dependabot[bot]'), true],
    ['Dependabot, started by somebody', from({ id: 1 }, 'alice', 'dependabot[bot]'), true],
  ])('%s', (_, of, foreign) => {
    expect(readComparison(of, B, request).foreign).toBe(foreign)
    // Whatever is compared, it is loaded because of this event.
    expect(readComparison(of, B, parseInputs({ base: A })).foreign).toBe(foreign)
  })
})

test('merge_group', () => {
  const group = event('merge_group', { merge_group: { head_sha: B, base_sha: A } })
  expect(readComparison(group, C, request)).toMatchObject({
    head: B,
    base: { kind: 'commit', revision: A },
  })
})

describe('push', () => {
  const push = (before: string, after: string) =>
    event('push', { before, after, ref: 'refs/heads/main' })

  test('after against before', () => {
    expect(readComparison(push(A, B), C, request)).toMatchObject({
      head: B,
      base: { kind: 'commit', revision: A },
    })
  })

  test('a new branch against its parent', () => {
    expect(readComparison(push(ZERO, B), C, request).base).toEqual({ kind: 'first-parent' })
  })

  test('a deleted branch', () => {
    expect(() => readComparison(push(A, ZERO), C, request)).toThrow('deleted a branch')
  })
})

test.each(['workflow_dispatch', 'schedule'])('%s: the default branch', (name) => {
  const started = event(name, { repository: { default_branch: 'trunk' } })
  expect(readComparison(started, C, request)).toMatchObject({
    head: C,
    base: { kind: 'default-branch', name: 'trunk' },
  })
})

test.each(['pull_request_target', 'workflow_run'])('%s is refused, even with inputs', (name) => {
  const asked = parseInputs({ base: A, head: B })
  expect(() => readComparison(event(name, {}), C, asked)).toThrow("pull request's own Python")
})

test('an event that names no commits needs inputs', () => {
  const comment = event('issue_comment', {})
  expect(() => readComparison(comment, C, request)).toThrow('does not say which commits')
  expect(readComparison(comment, C, parseInputs({ base: A })).head).toBe(C)
})

test('a terminal compares with the default branch, or with what it is told', () => {
  expect(localComparison(C, request)).toMatchObject({ head: C, base: { kind: 'default-branch' } })
  expect(localComparison(C, parseInputs({ base: 'v1' }))).toMatchObject({
    head: C,
    base: { kind: 'commit', revision: 'v1' },
  })
})
