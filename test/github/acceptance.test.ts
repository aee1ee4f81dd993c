import { describe, expect, test } from 'vitest'
import { decodeMemory, encodeMemory, type Remembered, remember } from '../../src/report/memory.ts'
import { type Consent, conclude, decideAcceptance } from '../../src/report/policy.ts'
import { LONG } from '../helpers/long.ts'

const A = 'a'.repeat(32)
const B = 'b'.repeat(32)

/**
 * What may happen to a pull request. A push is followed by a run that comments, or (lower case) by
 * none, because it was cancelled. `E`: a push that cannot be compared. `C`: one that changes nothing.
 */
const ACTIONS = ['A', 'B', 'b', 'E', 'C', 'R', 'L', 'U'] as const
type Action = (typeof ACTIONS)[number]

type World = {
  time: number
  /** The change set of the latest push: '' for none, null for an error. */
  pushed: string | null
  label: { id: number; at: number } | null
  /** What the comment has shown since when. The truth, which the comment itself must remember. */
  readonly shown: { at: number; fingerprint: string }[]
  comment: Remembered | null
  /** What was up each time that the label was added. */
  readonly labelled: string[]
}

const iso = (time: number) => new Date(Date.UTC(2026, 0, 5, 9, 0, time)).toISOString()

/** One run: decides, and writes the comment as `postComment` would. */
function run(world: World, tells: boolean): 'accepted' | 'void' | null {
  const { label, pushed } = world
  const added = label && tells ? { by: 'jdoe', at: iso(label.at), event: label.id } : null
  const consent: Consent = {
    fingerprint: pushed ?? '',
    label: { present: label !== null, added },
    trailers: [],
    shown: world.comment,
  }
  // The policy refuses every change set here; an error and no change are not asked about.
  const acceptance = pushed ? decideAcceptance(consent) : null
  const fingerprint = pushed ?? ''
  const memory = remember(world.comment, {
    fingerprint,
    rows: null,
    labelled: label !== null,
    accepted: acceptance?.means === 'label' ? acceptance : null,
    past: pushed === null ? null : { head: 'f', unsynced: pushed === '' ? 0 : 1 },
  })
  // The server stamps the edit; a comment that says the same since longer remembers since when.
  const read = decodeMemory(encodeMemory(memory))
  if (read === null) throw new Error('The comment forgets.')
  world.comment = { ...read, fingerprint, since: read.since ?? iso(world.time) }
  if (world.shown.at(-1)?.fingerprint !== fingerprint) {
    world.shown.push({ at: world.time, fingerprint })
  }
  return acceptance?.state ?? null
}

function shownAt(world: World, time: number): string {
  return world.shown.filter((entry) => entry.at <= time).at(-1)?.fingerprint ?? ''
}

const PUSHES = { A, B, b: B, E: null, C: '' } as const

type Check = (world: World, state: 'accepted' | 'void' | null) => void

/** Plays actions; calls `check` at every run on a change set. */
function play(actions: readonly Action[], tells: boolean, check: Check): void {
  const world: World = {
    time: 0,
    pushed: '',
    label: null,
    shown: [],
    comment: null,
    labelled: [],
  }
  for (const action of actions) {
    world.time += 1
    if (action === 'U') world.label = null
    else if (action === 'L') label(world)
    else push(world, action, tells, check)
  }
}

function label(world: World): void {
  if (world.label !== null) return
  world.labelled.push(shownAt(world, world.time))
  world.label = { id: world.labelled.length, at: world.time }
}

function push(world: World, action: Exclude<Action, 'L' | 'U'>, tells: boolean, check: Check) {
  if (action !== 'R') world.pushed = PUSHES[action]
  if (action === 'b') return
  world.time += 1
  const state = run(world, tells)
  if (world.pushed) check(world, state)
}

function* sequences(length: number): Generator<readonly Action[]> {
  if (length === 0) {
    yield []
    return
  }
  for (const rest of sequences(length - 1)) for (const action of ACTIONS) yield [...rest, action]
}

const LENGTH = LONG ? 6 : 5

describe(`every course of ${LENGTH} events (${ACTIONS.length ** LENGTH})`, () => {
  const everySequence = (
    tells: boolean,
    wrong: (...run: Parameters<Check>) => string | false,
  ): number => {
    let accepted = 0
    for (const actions of sequences(LENGTH)) {
      play(actions, tells, (world, state) => {
        const why = wrong(world, state)
        if (why) throw new Error(`${actions.join('')}: ${state}, ${why}`)
        accepted += state === 'accepted' ? 1 : 0
      })
    }
    return accepted
  }

  test('the label accepts what was shown when it was added, and nothing else ever', () => {
    const accepted = everySequence(true, (world, state) => {
      const { label, pushed } = world
      const subject = label === null ? null : shownAt(world, label.at)
      const wanted = subject === null ? null : subject === pushed ? 'accepted' : 'void'
      return state !== wanted && `not ${wanted}`
    })
    expect(accepted).toBeGreaterThan(100)
  })

  test('an acceptance outlives more pushes than the comment remembers', () => {
    const states: (string | null)[] = []
    play([...'ALRBABABABABABA'] as Action[], true, (_, state) => states.push(state))
    expect(states.slice(1)).toEqual(['accepted', ...Array(6).fill(['void', 'accepted']).flat()])
  })

  test('a server that does not tell when: nothing is accepted that never was labelled while shown', () => {
    const accepted = everySequence(false, (world, state) => {
      if ((state === null) !== (world.label === null)) return 'and the label says otherwise'
      const never = !world.labelled.includes(world.pushed ?? '')
      return state === 'accepted' && never && 'and never labelled'
    })
    expect(accepted).toBeGreaterThan(100)
  })
})

describe('trailers', () => {
  const consent = (trailers: readonly string[], present = false): Consent => ({
    fingerprint: A,
    label: { present, added: null },
    trailers,
    shown: null,
  })

  test.each([
    ['none', [], null],
    ['this change set', [A], { state: 'accepted', means: 'trailer', fingerprint: A }],
    ['this among others', [B, A, B], { state: 'accepted', fingerprint: A }],
    ['another', [B], { state: 'void', means: 'trailer', fingerprint: B, by: '', at: '' }],
  ])('%s', (_, trailers, wanted) => {
    const decided = decideAcceptance(consent(trailers))
    if (wanted === null) expect(decided).toBeNull()
    else expect(decided).toMatchObject(wanted)
  })

  test('a label that accepts nothing does not void a trailer that does', () => {
    expect(decideAcceptance(consent([A], true))).toMatchObject({ state: 'accepted' })
    expect(decideAcceptance(consent([B], true))).toMatchObject({ state: 'void', means: 'label' })
  })
})

test('an error is never accepted, and nothing but an acceptance turns a no of the policy', () => {
  const error = { side: null, code: 'git', message: '', hint: null, file: null } as const
  const cells = [null, error].flatMap((error) =>
    [null, 'success' as const, 'failure' as const].flatMap((policy) =>
      [null, 'accepted' as const, 'void' as const].map((state) => ({ error, policy, state })),
    ),
  )
  const green = cells.filter(
    ({ error, policy, state }) =>
      conclude({ error }, policy && { conclusion: policy }, state && { state }) === 'success',
  )
  expect(cells).toHaveLength(18)
  expect(green).toEqual([
    { error: null, policy: 'success', state: null },
    { error: null, policy: 'success', state: 'accepted' },
    { error: null, policy: 'success', state: 'void' },
    { error: null, policy: 'failure', state: 'accepted' },
  ])
})
