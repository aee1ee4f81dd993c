import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Report } from '../../src/report/model.ts'
import { wiringRemedy } from '../../src/report/words/wiringText.ts'
import { root } from '../helpers/actionFile.ts'
import { LONG } from '../helpers/long.ts'
import { pythonWith } from '../helpers/python.ts'
import { recordResult } from '../helpers/results.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import {
  codeLocation,
  DEFINITIONS,
  reportOf,
  type State,
  sampleWith,
  type Verdict,
  wirings,
} from './integrations.ts'

type Row = { readonly key: string; readonly reasons: readonly string[] }
/** Counts for the documentation: what Dagster said, and on how much of it we agreed. */
type Result = {
  readonly integration: string
  readonly wired: string
  /** All assets of the code location; `agreed`: both say the same, be it nothing. */
  readonly assets: number
  readonly unsynced: number
  readonly agreed: number
  /** Assets that became unsynced in a later round; `followersAgreed`: in the round that we gave. */
  readonly followers: number
  readonly followersAgreed: number
}

const results = new Map<string, Result>()
const tried = new Set<string>()

/** What docs/wiring.md has most users do. Each of the others takes minutes as well. */
const DECISIVE = ['dg-sqlmesh 1.10.1, wired']
const chosen = wirings.filter(({ name }) => LONG || DECISIVE.includes(name))

afterAll(() => {
  // A run of some of the tests says nothing of the rest, and must not replace what a whole run said.
  if (tried.size < wirings.length) return
  // One that did not get that far is a row all the same, without numbers.
  const rows = wirings.map(({ name, wired }) => results.get(name) ?? { integration: name, wired })
  recordResult('integrations', rows)
})

/** Dagster's list: what is STALE, and why. Dependencies by the parent that came or went. */
function unsyncedBy(verdicts: Readonly<Record<string, Verdict>>): Row[] {
  return Object.entries(verdicts)
    .filter(([, { status }]) => status === 'STALE')
    .map(([key, { causes }]) => ({
      key,
      reasons: causes
        .map(({ category, dependency }) => [category, dependency].filter(Boolean).join(' '))
        .sort(),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** Our list in the same words. */
function unsyncedIn({ assets }: Report): Row[] {
  return assets
    .filter(({ status }) => status === 'unsynced')
    .map(({ key, reasons, parents }) => ({
      key: key.join('/'),
      reasons: [
        ...(reasons.includes('code') ? ['CODE'] : []),
        ...[...parents.added, ...parents.removed].map((it) => `DEPENDENCIES ${it.join('/')}`),
      ].sort(),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** What Dagster shows of a list where no code version reaches it. */
function withoutCode(rows: readonly Row[]): Row[] {
  return rows
    .map(({ key, reasons }) => ({ key, reasons: reasons.filter((reason) => reason !== 'CODE') }))
    .filter(({ reasons }) => reasons.length > 0)
}

/** On how many of these assets both lists say the same. */
function agreement(
  keys: readonly string[],
  dagsters: readonly Row[],
  ours: readonly Row[],
): number {
  const sayings = (rows: readonly Row[]) =>
    new Map(rows.map((row) => [row.key, row.reasons.join()]))
  const [theirs, own] = [sayings(dagsters), sayings(ours)]
  return keys.filter((key) => theirs.get(key) === own.get(key)).length
}

/** When each asset first becomes unsynced because of an upstream run, and was not before. */
function followersBy(states: readonly State[]): Record<string, number> {
  const stale = states.map(({ verdicts }) => unsyncedBy(verdicts).map(({ key }) => key))
  const first = [...stale.entries()].toReversed().flatMap(([wave, keys]) => {
    return keys.map((key) => [key, wave] as const)
  })
  return Object.fromEntries(
    Object.entries(Object.fromEntries(first)).filter(([, wave]) => wave > 0),
  )
}

function followersIn({ assets }: Report): Record<string, number> {
  const rows = assets.filter(({ status }) => status === 'afterUpstream')
  return Object.fromEntries(rows.map(({ key, wave }) => [key.join('/'), wave]))
}

/** Where no code version reaches Dagster, what changed is not unsynced before either; it runs first. */
function without(followers: Record<string, number>, ran: readonly string[]) {
  return Object.fromEntries(Object.entries(followers).filter(([key]) => !ran.includes(key)))
}

test.each(chosen)(
  '$name: Dagster’s list is ours',
  { timeout: 600_000 },
  async ({ name, integration, requirements, wired, definitions }) => {
    tried.add(name)
    const python = await pythonWith(integration, ...requirements)
    await using folder = await temporaryFolder()
    const repository = await sampleWith(await definitions(), folder.path)
    const location = await codeLocation(python, repository, folder.path)
    await location.deploy('main')
    const base = (await location.materialize()).at(-1) as State
    expect(base.ran).toHaveLength(18)
    expect(unsyncedBy(base.verdicts), 'in sync before the pull request').toEqual([])

    const asked = await reportOf(python, repository, folder.path, { definitions: DEFINITIONS })
    const derived = await reportOf(python, repository, folder.path, { integration })
    const first = asked.assets.filter(({ status }) => status === 'unsynced' || status === 'new')
    const firstKeys = first
      .filter(({ modelKind }) => modelKind !== 'EXTERNAL')
      .map(({ key }) => key.join('/'))

    await location.deploy('pull-request')
    const states = await location.materialize(firstKeys)
    const { verdicts } = states[0] as State
    const dagsters = unsyncedBy(verdicts)
    const shown = (report: Report) =>
      wired === 'yes' ? unsyncedIn(report) : withoutCode(unsyncedIn(report))
    const keys = Object.keys(verdicts)
    const followers = without(followersBy(states), firstKeys)
    const ours = followersIn(asked)
    results.set(name, {
      integration: name,
      wired,
      assets: keys.length,
      unsynced: dagsters.length,
      agreed: agreement(keys, dagsters, shown(asked)),
      followers: Object.keys(followers).length,
      followersAgreed: keys.filter((key) => key in followers && followers[key] === ours[key])
        .length,
    })

    expect(asked.integration).toMatchObject({ name: integration, wired })
    expect(derived.integration.wired).toBe('unknown')
    expect(shown(asked)).toEqual(dagsters)
    expect(shown(derived)).toEqual(dagsters)
    expect(asked.counts?.unsynced).toBe(13)
    // What is new is missing in Dagster; what is removed is gone.
    for (const { key, status } of asked.assets) {
      if (status === 'new') expect(verdicts[key.join('/')]?.status).toBe('MISSING')
      if (status === 'removed') expect(verdicts[key.join('/')]).toBeUndefined()
    }
    // Then upstream data: what follows, and after how many rounds.
    expect(ours).toEqual(followers)
    // Both ways to the assets agree on everything.
    expect(asked.assets).toEqual(derived.assets)
  },
)

test.each([
  ['dg-sqlmesh', 'dg-sqlmesh 1.x'],
  ['dagster-sqlmesh', 'dagster-sqlmesh'],
])('the comment’s remedy for %s is the snippet that was run', async (name, heading) => {
  const docs = await readFile(join(root, 'docs', 'wiring.md'), 'utf8')
  const remedy = wiringRemedy({ integration: { name } } as Report)
  expect(docs).toMatch(new RegExp(`^## ${heading}$`, 'm'))
  expect(docs).toContain(`\`\`\`python\n${remedy}\n\`\`\``)
})
