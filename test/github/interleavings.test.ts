import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Post, postComment } from '../../src/github/comment/postComment.ts'
import type { View } from '../../src/github/comment/thread.ts'
import { readMarker } from '../../src/report/marker.ts'
import { actionsBot } from '../helpers/githubState.ts'
import { LONG } from '../helpers/long.ts'
import { olderComment } from '../helpers/olderComment.ts'
import { finding, postOf, type Words } from '../helpers/posting.ts'
import { recordResult } from '../helpers/results.ts'
import { scheduledGitHub } from '../helpers/scheduledGitHub.ts'

/**
 * Runs of one pull request at once, with their requests interleaved in every way that a scheduler can
 * find: pushes and labels come in between, and each starts a run.
 */

const RUNS = LONG ? 10_000 : 1000
const SEED = Number(process.env['UNSYNCED_SEED'] ?? 20_260_105)

type Happening = 'push' | 'label' | 'rerun'

const label = 'unsynced-ok'
const shaOf = (push: number) => String(push).padStart(40, '0')
/** What a run has to say: about its push, and about the label that is there. */
const words = (push: number, labelled: boolean) =>
  `push ${push}, ${labelled ? 'accepted' : 'asked'}`

function postFor(push: number, run: number, job: Words = {}): Post {
  const base = postOf({ run: { id: run, attempt: 1 }, head: shaOf(push), ...job })
  return {
    ...base,
    finding: finding(String(push)),
    draw: (view: View, atMost) => {
      const labelled = view.pull?.labels.includes(label) ?? false
      return { ...base.draw(view, atMost), document: `### Unsynced\n\n${words(push, labelled)}` }
    },
  }
}

/** Plays the happenings; what the comments say in the end, and what they should. */
async function play(
  scheduler: fc.Scheduler,
  happenings: readonly Happening[],
  commented: boolean,
): Promise<{ shown: string[]; truth: string; requests: number }> {
  const world = scheduledGitHub((name) => scheduler.schedule(Promise.resolve(), name))
  let push = 0
  let runs = 0
  const started: Promise<unknown>[] = []
  const start = () => {
    runs += 1
    started.push(postComment(world.api(`run ${runs}`), postFor(push, runs), null))
  }
  const pushNow = () => {
    push += 1
    world.pull = { ...world.pull, head: { sha: shaOf(push), repository: 4242 } }
  }
  pushNow()
  if (commented) {
    const before = postComment(world.api('before'), postFor(push, 0), null)
    await scheduler.waitFor(before)
    pushNow()
  }
  start()
  const course = (async () => {
    for (const happening of happenings) {
      await scheduler.schedule(Promise.resolve(), happening)
      if (happening === 'push') pushNow()
      if (happening === 'label') {
        const labelled = world.pull.labels.length > 0
        world.pull = { ...world.pull, labels: labelled ? [] : [label] }
      }
      start()
    }
  })()
  await scheduler.waitFor(course)
  await scheduler.waitFor(Promise.all(started))
  return {
    shown: [...world.comments.values()].map(({ body }) => body),
    truth: words(push, world.pull.labels.length > 0),
    requests: world.requests,
  }
}

const happenings = fc.array(fc.constantFrom<Happening>('push', 'label', 'rerun'), {
  minLength: 1,
  maxLength: 4,
})

describe(`interleavings (${RUNS}, seed ${SEED})`, () => {
  test('no duplicate and no stale comment, whoever comes first', async () => {
    let outdated = 0
    let most = 0
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        happenings,
        fc.boolean(),
        async (scheduler, course, commented) => {
          const { shown, truth, requests } = await play(scheduler, course, commented)
          most = Math.max(most, requests)
          expect(shown).toHaveLength(1)
          const [body = ''] = shown
          expect(readMarker(body)).not.toBeNull()
          // A run that learns too late that it is not the latest cannot bring the newer words back.
          if (body.includes('**Outdated:**')) outdated += 1
          else expect(body.split('\n').at(-1)).toBe(truth)
        },
      ),
      { numRuns: RUNS, seed: SEED },
    )
    process.stdout.write(
      `${RUNS} interleavings: 0 duplicates, 0 stale, ${outdated} that say they are outdated, at most ${most} requests\n`,
    )
    expect(outdated).toBeLessThan(RUNS / 10)
    recordResult('interleavings', { played: RUNS, outdated })
  })

  test('a comment that several jobs shared in an older release becomes one of each', async () => {
    const keys = ['?gateway=dev', '?gateway=prod', '?gateway=test']
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 1, max: 2 }),
        async (scheduler, pushes) => {
          const world = scheduledGitHub((name) => scheduler.schedule(Promise.resolve(), name))
          world.add(actionsBot.login, olderComment({ run: 0 }))
          const older = { keys: ['warehouse'], shared: true }
          const started: Promise<unknown>[] = []
          const course = async () => {
            for (let push = 1; push <= pushes; push++) {
              await scheduler.schedule(Promise.resolve(), 'push')
              world.pull = { ...world.pull, head: { sha: shaOf(push), repository: 4242 } }
              for (const key of keys) {
                const post = postFor(push, push, { key, older, starts: key !== keys[0] })
                started.push(postComment(world.api(`${key} of push ${push}`), post, null))
              }
            }
          }
          await scheduler.waitFor(course())
          await scheduler.waitFor(Promise.all(started))
          const shown = [...world.comments.values()].map(({ body }) => body)
          const found = shown.map((body) => readMarker(body)?.key).sort()
          // The first has nothing to say, and says so only if it finds what was said before.
          expect([keys, keys.slice(1)]).toContainEqual(found)
          for (const body of shown.filter((body) => !body.includes('**Outdated:**'))) {
            expect(body.split('\n').at(-1)).toBe(words(pushes, false))
          }
        },
      ),
      { numRuns: RUNS / 4, seed: SEED },
    )
  })
})
