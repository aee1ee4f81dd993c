import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Report } from '../../src/report/report.ts'
import { wiringRemedy } from '../../src/report/wiring.ts'
import { root } from '../helpers/actionFile.ts'
import { pythonWith } from '../helpers/python.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { codeLocation, reportOf, sampleWith, type Verdict, wirings } from './integrations.ts'

type Row = { readonly key: string; readonly reasons: readonly string[] }
type Result = {
  integration: string
  wired: string
  assets: number
  unsynced: number
  agreed: number
}

const results: Result[] = []

afterAll(async () => {
  const folder = join(root, '.cache', 'results')
  await mkdir(folder, { recursive: true })
  const sorted = results.sort((a, b) => (a.integration < b.integration ? -1 : 1))
  await writeFile(join(folder, 'integrations.json'), `${JSON.stringify(sorted, null, 2)}\n`)
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

const inputsOf = (name: string) => ({
  integration: name.startsWith('dg-') ? 'dg-sqlmesh' : 'dagster-sqlmesh',
})

test.each(wirings)(
  '$name: Dagster’s list is ours',
  { timeout: 600_000 },
  async ({ name, requirements, wired, definitions }) => {
    const python = await pythonWith(name.split(/[ ,]/)[0] as string, ...requirements)
    await using folder = await temporaryFolder()
    const repository = await sampleWith(await definitions(), folder.path)
    const location = await codeLocation(python, repository, folder.path)

    const materialized = await location.materialize()
    expect(materialized).toHaveLength(18)
    const before = await location.verdicts()
    expect(unsyncedBy(before), 'in sync before the pull request').toEqual([])

    await location.deploy('pull-request')
    const verdicts = await location.verdicts()
    const dagsters = unsyncedBy(verdicts)

    const asked = await reportOf(python, repository, folder.path, {
      definitions: 'warehouse/definitions.py',
    })
    const derived = await reportOf(python, repository, folder.path, inputsOf(name))
    const shown = (report: Report) =>
      wired === 'yes' ? unsyncedIn(report) : withoutCode(unsyncedIn(report))

    results.push({
      integration: name,
      wired,
      assets: Object.keys(verdicts).length,
      unsynced: dagsters.length,
      agreed: agreement(Object.keys(verdicts), dagsters, shown(asked)),
    })
    expect(asked.integration).toMatchObject({ name: inputsOf(name).integration, wired })
    expect(derived.integration.wired).toBe('unknown')
    expect(shown(asked)).toEqual(dagsters)
    expect(shown(derived)).toEqual(dagsters)
    // Both ways to the assets agree on everything else, too.
    expect(asked.assets).toEqual(derived.assets)
    // What is new is missing in Dagster; what is removed is gone.
    for (const { key, status } of asked.assets) {
      if (status === 'new') expect(verdicts[key.join('/')]?.status).toBe('MISSING')
      if (status === 'removed') expect(verdicts[key.join('/')]).toBeUndefined()
    }
    expect(asked.counts?.unsynced).toBe(13)
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
