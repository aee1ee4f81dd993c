import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { project } from '../helpers/project.ts'
import { recordResult } from '../helpers/results.ts'
import type { Case } from './hostileProject.ts'
import { type Aftermath, hostileRun } from './hostileRun.ts'

/** How loads are kept to themselves while the cases run. */
export type Mode = {
  readonly name: string
  readonly isolation: 'auto' | 'off'
  readonly level: string
  readonly prefix: readonly string[]
}

/** Two at once: a load starts processes of its own. */
const AT_ONCE = 2
/** What the change to two queries means, whatever else is tried. */
const CHANGED = ['unsynced report', 'unsynced orders', 'afterUpstream revenue']

/** Defines a test for each case, and one for what all of them left. */
export function judge(mode: Mode, cases: readonly Case[]): void {
  const results = runAll(mode, cases)
  const counted = { leaks: 0, executed: 0, failOpen: 0 }

  test.each(cases.map((one, index) => [one.name, one, index] as const))(
    '%s',
    async (_, one, index) => {
      const after = (await results[index]) as Aftermath
      counted.leaks += after.leaks.length
      counted.executed += after.executed.length
      if (one.error !== null && after.exitCode === 0) counted.failOpen += 1

      expect(after.outputs).toMatchObject({ isolation: mode.level })
      expect(after).toMatchObject({ leaks: [], executed: [], changed: [], heard: [] })
      if (one.error === null) expectCompared(after, one)
      else expectError(after, one)
    },
  )

  test('nothing of it is left', async () => {
    const folders = (await Promise.all(results)).map(({ folder }) => folder)
    const commands = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => read(`/proc/${pid}/cmdline`))
    const ours = commands.filter((command) => folders.some((folder) => command.includes(folder)))
    expect(ours).toEqual([])
    const total = { isolation: mode.name, cases: cases.length, ...counted }
    recordResult(`hostile-endings-${mode.name}`, total)
  })
}

/** Ends when the modes before have run: they start when they are defined, and must not starve each other. */
let modesBefore: Promise<unknown> = Promise.resolve()

/** Results in the order of the cases; later ones run while earlier ones are judged. */
function runAll(mode: Mode, cases: readonly Case[]): readonly Promise<Aftermath>[] {
  const results = cases.map(() => Promise.withResolvers<Aftermath>())
  // Whoever waits for one hears of its failure.
  for (const { promise } of results) promise.catch(() => {})
  let next = 0
  const work = async () => {
    for (let index = next++; index < cases.length; index = next++) {
      const { resolve, reject } = results[index] as (typeof results)[number]
      await runOne(mode, cases[index] as Case).then(resolve, reject)
    }
  }
  const ownTurn = modesBefore
  modesBefore = Promise.allSettled(results.map(({ promise }) => promise))
  for (let worker = 0; worker < AT_ONCE; worker += 1) void ownTurn.then(work)
  return results.map(({ promise }) => promise)
}

async function runOne({ isolation, prefix }: Mode, one: Case): Promise<Aftermath> {
  const { head: change, ...run } = one
  // Where nothing is compared, base need not be loaded: it has no project yet.
  const [base, head] =
    one.error === null ? [project, change] : [{ 'README.md': '' }, { ...project, ...change }]
  const inputs = { ...run.inputs, isolation }
  return await hostileRun({ base, ...run, inputs, prefix, head: () => head })
}

function expectCompared(after: Aftermath, { spoils }: Case): void {
  const { error, assets, notices } = after.report
  const found = assets.map(({ key, status }) => `${status} ${key.at(-1)}`)
  expect({ error, found, exitCode: after.exitCode }).toEqual({
    error: null,
    found: CHANGED,
    exitCode: 0,
  })
  // Its SQLMesh has said what follows, wherever it was kept.
  if (!spoils) expect(notices.map(({ code }) => code)).not.toContain('snapshot-versions-unknown')
}

function expectError(after: Aftermath, { error, says }: Case): void {
  expect(after).toMatchObject({ exitCode: 1, outputs: { result: 'error', 'unsynced-count': '' } })
  expect(after.report.error).toMatchObject({ side: 'head', code: error })
  expect(after.report.error?.message).toMatch(says ?? /./)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // It has ended meanwhile.
    return ''
  }
}
