import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Asset } from '../../src/dagster/asset.ts'
import { parentsFirst } from '../../src/dagster/assetGraph.ts'
import { emptyLog, latestOf, materialize } from '../../src/dagster/materializations.ts'
import { LONG } from '../helpers/long.ts'
import { dagsterPython } from '../helpers/python.ts'
import { recordResult } from '../helpers/results.ts'
import { type Agreement, confront, lineOf, type Row } from './agreement.ts'
import { handWritten } from './cases.ts'
import type { HandWritten } from './handWritten.ts'
import { type Case, isStatic, judge, type Partitioning, type Verdict } from './judge.ts'
import { anyScenario } from './random.ts'
import { caseOf, type Definitions, graphOf, hasPartitions, type Scenario } from './scenario.ts'
import { shrink } from './shrink.ts'

/** `UNSYNCED_ORACLE_GRAPHS=20000 UNSYNCED_ORACLE_SEED=7 npm test -- test/oracle` goes further. */
const GRAPHS = Number(process.env['UNSYNCED_ORACLE_GRAPHS'] ?? (LONG ? 1000 : 300))
const SEED = Number(process.env['UNSYNCED_ORACLE_SEED'] ?? 20_260_101)
/**
 * How much is also judged after real runs, which are slow: so many of the random scenarios, and every
 * third of the hand-written ones, or all where more is asked for.
 */
const EXECUTED = 6
const EXECUTED_STEP = GRAPHS > 1000 ? 1 : 3
const MINUTE = 60_000

/** What agreed of what was compared; written for the documentation's table. */
type Tally = { agreed: number; total: number }

/**
 * Tests that hold our impact against one version of Dagster, asset by asset and cause by cause.
 *
 * @param virtual whether that version knows virtual assets
 * @param share of the random scenarios that is tried, but in the long run
 */
export function describeOracle(
  version: string,
  { virtual, share = 1 }: { virtual: boolean; share?: number },
): void {
  const graphs = LONG ? GRAPHS : Math.ceil(GRAPHS * share)
  const cases = handWritten.filter((each) => virtual || !each.virtual)
  describe(`Dagster ${version}`, () => {
    const tallies: Record<string, Tally> = {}
    let python = ''
    let answers: readonly Agreement[] = []

    beforeAll(async () => {
      python = await dagsterPython(version)
      answers = await confrontAll(
        python,
        cases.map(({ scenario }) => scenario),
      )
      tallies['handWritten'] = tally(answers.map(agrees))
      const partitioned = answers.filter((_, index) =>
        hasPartitions(cases[index]?.scenario as Scenario),
      )
      tallies['partitions'] = tally(partitioned.map(agrees))
    }, 15 * MINUTE)

    // `{ dagster, seed, handWritten, partitions, graphs, assets, executed }`, all but the first two tallies.
    afterAll(() => {
      recordResult(`oracle-${version}`, { dagster: version, seed: SEED, ...tallies })
    })

    test.each(cases.map((each, index) => ({ ...each, index })))('$name', (each) => {
      const answer = answers[each.index] as Agreement
      expect(answer.ours).toEqual(answer.dagsters)
      expect(answer.dagsters.map(lineOf)).toEqual(each.expected)
    })

    test(`${graphs} random pull requests`, { timeout: 5 * MINUTE + graphs * 300 }, async () => {
      const scenarios = fc.sample(anyScenario(virtual), { numRuns: graphs, seed: SEED })
      const found = await confrontAll(python, scenarios)
      tallies['graphs'] = tally(found.map(agrees))
      tallies['assets'] = tally(
        found.flatMap((answer, index) => assetsThatAgree(scenarios[index] as Scenario, answer)),
      )
      await expectAgreement(python, scenarios, found)
      if (GRAPHS >= 1000) expectVariety(found)
    })

    test('data versions are equal byte by byte', async () => {
      const graph = graphOf(versioned)
      const log = emptyLog()
      for (const id of parentsFirst(graph)) {
        const asset = graph.get(id) as Asset
        if (!asset.external) materialize(asset, null, graph, log, () => null)
      }
      const unchanged: Scenario = { base: versioned, head: versioned, rule: { kind: 'dagster' } }
      const [verdict] = await judge(python, [caseOf(unchanged, 'moves', 'execute')])
      expect(verdict?.dagster).toBe(version)
      const assets = verdict?.states[0]?.assets ?? []
      expect(assets.map(({ key }) => latestOf(key, log)?.dataVersion)).toEqual(
        assets.map(({ dataVersion }) => dataVersion),
      )
      expect(assets).toHaveLength(Object.keys(versioned).length)
    })

    test('reported events get the same verdicts as real runs', {
      timeout: 5 * MINUTE,
    }, async () => {
      const random = fc.sample(anyScenario(virtual), { numRuns: EXECUTED, seed: SEED + 1 })
      const some = cases.filter((each, index) => index % EXECUTED_STEP === 0 && isSmall(each))
      const scenarios = [...random, ...some.map(({ scenario }) => scenario)]
      const reported = await judge(
        python,
        scenarios.map((each) => caseOf(each, 'moves')),
      )
      const executed = await judge(
        python,
        scenarios.map((each) => caseOf(each, 'moves', 'execute')),
      )
      tallies['executed'] = tally(
        executed.map((each, index) => isDeepStrictEqual(seen(each), seen(reported[index]))),
      )
      expect(executed.map(seen)).toEqual(reported.map(seen))
    })
  })
}

/** Every asset has a code version, so that no run's id gets into a data version. */
const versioned: Definitions = {
  a: { code: '1' },
  'a/b': { code: '2', parents: ['a', 'ext/u'] },
  B: { code: '1', parents: ['a/b', 'a', 'x'] },
  'a-b': { code: '3', parents: ['a/b', 'B'] },
  '/s/p': { code: '1', parents: ['a-b', 'a', 'a/b', 'B'] },
}

/** Judges the scenarios, those with doubt about data versions in both worlds. */
async function confrontAll(
  python: string,
  scenarios: readonly Scenario[],
): Promise<readonly Agreement[]> {
  const cases: Case[] = []
  const places = scenarios.map((scenario) => {
    const moves = cases.push(caseOf(scenario, 'moves')) - 1
    const doubt = scenario.rule.kind === 'snapshot'
    return { moves, stays: doubt ? cases.push(caseOf(scenario, 'stays')) - 1 : moves }
  })
  const verdicts = await judge(python, cases)
  return scenarios.map((scenario, index) => {
    const { moves, stays } = places[index] as { moves: number; stays: number }
    return confront(scenario, {
      moves: verdicts[moves] as Verdict,
      stays: verdicts[stays] as Verdict,
    })
  })
}

function agrees({ ours, dagsters }: Agreement): boolean {
  return isDeepStrictEqual(ours, dagsters)
}

/** One answer for each asset of either commit, whether or not anything happens to it. */
function assetsThatAgree({ base, head }: Scenario, answer: Agreement): readonly boolean[] {
  const names = new Set([...Object.keys(base), ...Object.keys(head)])
  const of = (rows: readonly Row[], name: string) =>
    rows.filter(({ key }) => key.join('/') === name)
  return [...names].map((name) =>
    isDeepStrictEqual(of(answer.ours, name), of(answer.dagsters, name)),
  )
}

function tally(agreements: readonly boolean[]): Tally {
  return { agreed: agreements.filter(Boolean).length, total: agreements.length }
}

/** Shows the first disagreement as small as it gets, and how many there are. */
async function expectAgreement(
  python: string,
  scenarios: readonly Scenario[],
  found: readonly Agreement[],
): Promise<void> {
  const wrong = scenarios.filter((_, index) => !agrees(found[index] as Agreement))
  const [first] = wrong
  if (first === undefined) return
  const smallest = await shrink(first, async (candidates) => {
    const answers = await confrontAll(python, candidates)
    return [...answers.keys()].filter((index) => !agrees(answers[index] as Agreement))
  })
  const [answer] = (await confrontAll(python, [smallest])) as [Agreement]
  const { ours, dagsters } = answer
  const where = `${wrong.length} of ${scenarios.length} disagree (seed ${SEED}), such as\n${JSON.stringify(smallest, null, 1)}`
  expect(ours, where).toEqual(dagsters)
}

/** Random pull requests that never get anywhere would agree as well. */
function expectVariety(found: readonly Agreement[]): void {
  const rows = found.flatMap(({ dagsters }) => dagsters)
  const share = (matches: (row: Row) => boolean) => rows.filter(matches).length / found.length
  const reason = (name: Row['reasons'][number]) => (row: Row) =>
    row.status === 'unsynced' && row.reasons.includes(name)
  const shares = {
    code: share(reason('code')),
    dependencies: share(reason('dependencies')),
    both: share((row) => reason('code')(row) && reason('dependencies')(row)),
    new: share(({ status }) => status === 'new'),
    removed: share(({ status }) => status === 'removed'),
    first: share(({ wave }) => wave === 1),
    second: share(({ wave }) => wave === 2),
    later: share(({ wave }) => wave > 2),
    joined: share(({ waitsFor }) => waitsFor.length > 1),
    possible: share(({ confidence }) => confidence === 'possible'),
  }
  const rare = Object.entries(shares).filter(([, part]) => part < 0.01)
  expect(rare).toEqual([])
  expect(found.filter(({ dagsters }) => dagsters.length > 0).length).toBeGreaterThan(GRAPHS / 2)
}

function isSmall({ scenario }: HandWritten): boolean {
  const definitions = [...Object.values(scenario.base), ...Object.values(scenario.head)]
  return definitions.every(({ partitions = null }) => isFew(partitions))
}

/** Real runs take the time that it is for the time that it is. */
function isFew(partitions: Partitioning | null): boolean {
  if (partitions === null || partitions === 'daily') return true
  if (isStatic(partitions)) return partitions.length < 10
  if ('dimensions' in partitions) return Object.values(partitions.dimensions).every(isFew)
  return 'dynamic' in partitions
}

/** Statuses, causes and what ran. Data versions contain run ids, which differ. */
function seen(verdict: Verdict | undefined) {
  return verdict?.states.map(({ ran, assets }) => ({
    ran,
    assets: assets.map(({ dataVersion: _, ...view }) => view),
  }))
}
