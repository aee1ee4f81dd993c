import { expect, test } from 'vitest'
import { LONG } from '../helpers/long.ts'
import { recordResult } from '../helpers/results.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { ways } from './ways/all.ts'
import { type Case, caseOf, casesOf } from './ways/cases.ts'
import { openJudge } from './ways/judge.ts'
import type { Way } from './ways/way.ts'

const CASES = LONG ? 3000 : 300
const SEED = 20261130

const ownChange = (chosen: readonly Way[]) =>
  caseOf(chosen.map((way) => [way, way.moves ?? 'content'] as const)) as Case

/** What stock says of both commits, with what has another hash, or other parents, or is not in both. */
async function stockOf(one: Case) {
  await using judge = await openJudge(sqlmeshPython, [])
  const [base, head] = await judge.askBoth(one)
  const models = [base, head].map((said) => ('error' in said ? {} : said.models))
  const names = new Set(models.flatMap((all) => Object.keys(all)))
  const moved = [...names].filter((fqn) => {
    const [before, after] = models.map((all) => JSON.stringify(all[fqn]))
    return before !== after
  })
  return { base, head, moved }
}

test('each way is one: stock SQLMesh tells a change of the file that is read', async () => {
  const beside = ways.filter(({ alone, refused }) => !alone && !refused)
  const { base, head, moved } = await stockOf(ownChange(beside))
  expect([base, head].filter((said) => 'error' in said)).toEqual([])
  const still = beside.filter(({ id }) => !moved.some((fqn) => fqn.includes(id)))
  expect(still.map(({ name }) => name)).toEqual(
    beside.filter(({ moves }) => moves === null).map(({ name }) => name),
  )
}, 600_000)

test.runIf(LONG)(
  'so is each that does not bear others beside it',
  async () => {
    const others = ways.filter(({ alone, refused }) => alone || refused)
    const told: Record<string, unknown> = {}
    for (const way of others) {
      const { base, head, moved } = await stockOf(ownChange([way]))
      told[way.name] = ['error' in base, 'error' in head, moved.length > 0]
    }
    expect(told).toEqual(
      Object.fromEntries(
        others.map(({ name, refused, moves }) => [name, [false, refused, moves !== null]]),
      ),
    )
  },
  3_600_000,
)

test(`what is loaded is enough, for ${CASES} ways to read a file and changes`, async () => {
  const cases = casesOf(CASES, SEED)
  expect(cases).toHaveLength(CASES)
  const none = {
    ...{ nothing: 0, files: 0, everything: 0, refused: 0, 'given up': 0 },
    ...{ 'nothing seen': 0, 'files seen': 0, 'everything seen': 0 },
  }
  const decisions = { harmless: { ...none }, other: { ...none } }
  const wrong: string[] = []
  let broken = 0
  let needed = 0
  {
    await using judge = await openJudge(sqlmeshPython, cases)
    for (const one of cases) {
      const verdict = await judge.judge(one)
      decisions[one.harmless ? 'harmless' : 'other'][verdict.decision] += 1
      if (verdict.broken) broken += 1
      if (verdict.needed) needed += 1
      if (verdict.wrong !== null)
        wrong.push(`${one.name}: ${verdict.decision}, but ${verdict.wrong}`)
    }
  }
  recordResult('ways-to-read', {
    ways: ways.length,
    cases: CASES,
    right: CASES - wrong.length,
    broken,
    needed,
    decisions,
  })
  expect(wrong).toEqual([])
  // That many go wrong where nothing is observed.
  if (LONG) expect(needed).toBeGreaterThan(CASES / 5)
  // A rule that always loads everything is right as well, and worth nothing.
  const { nothing, files, everything } = decisions.harmless
  expect(nothing + files).toBeGreaterThan(CASES / 20)
  expect(nothing + files).toBeGreaterThan(3 * everything)
}, 3_600_000)
