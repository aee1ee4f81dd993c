import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withMarker } from '../../src/report/marker.ts'
import { fakeGitHub } from '../helpers/github.ts'
import { type Author, actionsBot, otherPerson, tokenOwner } from '../helpers/githubState.ts'
import { LONG } from '../helpers/long.ts'
import { finding, post } from '../helpers/posting.ts'

const RUNS = LONG ? 1000 : 150
const SEED = Number(process.env['UNSYNCED_SEED'] ?? 20_260_105)

const marked = (key: string, run: number) =>
  withMarker(
    {
      key,
      run: { id: run, attempt: 1 },
      fingerprint: '',
      finding: finding('old'),
      body: 'f'.repeat(32),
      memory: null,
    },
    '### Unsynced\n\nold',
  )

type Kind = { readonly author: Author; readonly body: string; readonly ours: boolean }
const kind = (author: Author, body: string, ours = false): Kind => ({ author, body, ours })

/** Comments that look like ours in one way or another, and ours. */
const KINDS: readonly Kind[] = [
  kind(otherPerson, 'A thought'),
  kind(actionsBot, 'Another action’s comment'),
  kind(otherPerson, marked('warehouse', 99)),
  kind(tokenOwner, marked('warehouse', 1)),
  kind(actionsBot, `> ${marked('warehouse', 1)}`),
  kind(actionsBot, `\n${marked('warehouse', 1)}`),
  kind(actionsBot, ` ${marked('warehouse', 1)}`),
  kind(actionsBot, marked('warehouse', 1).replace(' -->', '-->')),
  kind(actionsBot, marked('warehouse', 1).replace('v2', 'v3')),
  kind(actionsBot, marked('Warehouse', 1)),
  kind(actionsBot, marked('warehouse ', 1)),
  kind(actionsBot, marked('lake', 99)),
  kind({ ...otherPerson, login: 'github-actions' }, marked('warehouse', 1)),
  kind({ ...otherPerson, login: 'evil[bot]', type: 'Bot' }, marked('warehouse', 1)),
  kind(actionsBot, marked('warehouse', 1), true),
  kind(actionsBot, marked('warehouse', 2), true),
]

test(`${RUNS} threads (seed ${SEED}): only our own comment is touched`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...KINDS), { maxLength: 12 }), async (thread) => {
      await using github = await fakeGitHub({ comments: thread })
      const foreign = github.comments.filter((_, index) => thread[index]?.ours === false)
      await post(github, {})
      const known = new Set(foreign.map(({ id }) => id))
      expect(github.comments.filter(({ id }) => known.has(id))).toEqual(foreign)
      const ours = github.comments.filter(({ id }) => !known.has(id))
      expect(ours.map(({ author, body }) => [author.login, body.split('\n').at(-1)])).toEqual([
        [actionsBot.login, 'new'],
      ])
    }),
    { numRuns: RUNS, seed: SEED },
  )
})
