import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readMarker } from '../../src/report/marker.ts'
import { type FakeGitHub, fakeGitHub } from '../helpers/github.ts'
import { siteOf } from '../helpers/githubFaults.ts'
import { LONG } from '../helpers/long.ts'
import { runNode } from '../helpers/process.ts'
import { recordResult } from '../helpers/results.ts'

/** Runs of one pull request as real processes, which the server holds up here and there. */

const ROUNDS = LONG ? 120 : 4
const SEED = Number(process.env['UNSYNCED_SEED'] ?? 20_260_105)
const script = join(import.meta.dirname, '..', 'helpers', 'postOnce.ts')

const shaOf = (push: number) => String(push).padStart(40, '0')
const words = (push: number) => `push ${push}`

/** Numbers in [0, 1) that are the same for the same seed (a linear congruential generator). */
function randomFrom(seed: number): () => number {
  let state = seed % 2_147_483_647 || 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

type Round = {
  shown: readonly string[]
  processes: number
  actions: readonly string[]
  pushes: number
}

async function play(random: () => number): Promise<Round> {
  const processes = 2 + Math.floor(random() * 9)
  const pushes = 1 + Math.floor(random() * Math.min(3, processes))
  const waiting: (() => void)[] = []
  let arrived = 0
  const pushOf = (run: number) => 1 + Math.floor(((run - 1) * pushes) / processes)
  await using github = await fakeGitHub({
    gate: async (request, phase) => {
      if (siteOf(request) === 'list' && phase === 'after') {
        arrived += 1
        // All but the late ones look at the pull request before anybody writes.
        if (arrived < processes) {
          await Promise.race([
            new Promise<void>((resolve) => waiting.push(resolve)),
            new Promise((resolve) => setTimeout(resolve, 500)),
          ])
        } else for (const go of waiting.splice(0)) go()
      }
      await new Promise((resolve) => setTimeout(resolve, random() * 20))
    },
  })
  let pushed = 0
  const running: Promise<string>[] = []
  for (let run = 1; run <= processes; run++) {
    if (pushOf(run) > pushed) {
      pushed = pushOf(run)
      github.setPull({ head: { ref: 'feature', sha: shaOf(pushed), repository: 4242 } })
    }
    running.push(spawnRun(github, run, pushed))
    if (random() < 0.3) await new Promise((resolve) => setTimeout(resolve, random() * 200))
  }
  const actions = await Promise.all(running)
  return { shown: github.comments.map(({ body }) => body), processes, actions, pushes }
}

async function spawnRun(github: FakeGitHub, run: number, push: number): Promise<string> {
  const { apiUrl, tokens } = github
  const job = { apiUrl, token: tokens.write, run, head: shaOf(push), text: words(push) }
  const { exitCode, stdout, stderr } = await runNode(script, [JSON.stringify(job)], {
    cwd: import.meta.dirname,
    env: { PATH: process.env['PATH'] ?? '' },
    timeout: 60_000,
  })
  expect(exitCode, stderr).toBe(0)
  return stdout.trim()
}

test(`${ROUNDS} rounds of 2 to 10 processes (seed ${SEED}): one comment, of the latest push`, async () => {
  const random = randomFrom(SEED)
  let processes = 0
  let outdated = 0
  const actions = new Map<string, number>()
  for (let round = 0; round < ROUNDS; round++) {
    const played = await play(random)
    processes += played.processes
    for (const action of played.actions) actions.set(action, (actions.get(action) ?? 0) + 1)
    expect(played.shown).toHaveLength(1)
    const [body = ''] = played.shown
    expect(readMarker(body)).not.toBeNull()
    if (body.includes('**Outdated:**')) outdated += 1
    else expect(body.split('\n').at(-1)).toBe(words(played.pushes))
  }
  const told = [...actions].map(([action, count]) => `${count} ${action}`).join(', ')
  process.stdout.write(
    `${ROUNDS} rounds, ${processes} processes (${told}): 0 duplicates, 0 stale, ${outdated} outdated\n`,
  )
  recordResult('processes', { rounds: ROUNDS, processes, outdated })
}, 1_200_000)
