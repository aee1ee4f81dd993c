import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { root } from '../helpers/actionFile.ts'
import { processesOf, type Running, start, stoppingGit } from '../helpers/cancelling.ts'
import { pullRequestEvent } from '../helpers/events.ts'
import type { FakeGitHub, FakeGitHubOptions } from '../helpers/github.ts'
import { type Site, siteOf } from '../helpers/githubFaults.ts'
import { changedQueries, outsideProject, project, projectFolder } from '../helpers/project.ts'
import { recordResult } from '../helpers/results.ts'
import { prepareAction } from '../helpers/runner.ts'
import { parseOutputs } from '../helpers/runnerFiles.ts'
import { snapshot } from '../helpers/snapshot.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { exists, temporaryFolder } from '../helpers/temporary.ts'
import { openPullRequest, type Scenario } from './scenario.ts'

/*
 * A check that is ended half-way leaves nothing behind, decides nothing, and is not in the way of the
 * next. Where it is ended is seen in its log, in what GitHub was asked, or in what git was told to do;
 * nothing is left to luck. `UNSYNCED_CANCEL=all` tries every signal at every point.
 */

const SIGNALS = ['SIGINT', 'SIGTERM'] as const
const EVERY = process.env['UNSYNCED_CANCEL'] === 'all'
const realGit = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()

let runs = 0
afterAll(() => recordResult('cancellations', { runs }))

/** Where a run is when it is ended: waits until it is there. */
type Point = {
  readonly name: string
  readonly stopsGitAt?: string
  readonly reach: (running: Running, reached: () => Promise<boolean>) => Promise<void>
}

const inGit = (verb: string): Point => ({
  name: `git ${verb}`,
  stopsGitAt: verb,
  reach: async (running, reached) => {
    let over = false
    running.ended.then(() => {
      over = true
    })
    while (!(await reached())) {
      if (over) throw new Error(`git ${verb} was never asked:\n${running.output()}`)
      await sleep(10)
    }
  },
})

const afterLine = (what: string, text: RegExp): Point => ({
  name: what,
  reach: (running) => running.until(text),
})

const points = [
  ...['rev-parse', 'fetch', 'diff-tree', 'read-tree', 'checkout-index', 'diff', 'ls-files'].map(
    inGit,
  ),
  afterLine('loading base', /^Finding Python: /m),
  afterLine('loading head', /^Loading base .*: /m),
]

/** Starts the action, ends it at that point, and holds it to leaving nothing. Gives its outputs. */
async function cancel(
  scenario: Scenario,
  workspace: string,
  point: Point,
  signal: NodeJS.Signals,
  inputs = {},
): Promise<Readonly<Record<string, string>>> {
  runs += 1
  await using folder = await temporaryFolder()
  const stopping = await stoppingGit(join(folder.path, 'bin'), realGit)
  await stopping.stopAt(point.stopsGitAt ?? 'nothing')
  const event = pullRequestEvent(scenario.pullRequest)
  const { script, env, commands } = await prepareAction(
    {
      ...{ event, workspace, github: scenario.github },
      inputs: { project: projectFolder, python: sqlmeshPython, ...inputs },
    },
    folder.path,
  )
  const before = await snapshot(workspace)
  const PATH = `${join(folder.path, 'bin')}:${env['PATH']}`
  const running = start(script, [], { cwd: workspace, env: { ...env, PATH } })
  await point.reach(running, () => exists(stopping.reached))
  running.signal(signal)
  const end = await running.ended

  expect(end, running.output()).toEqual({ code: 1, signal: null })
  expect(running.output().match(/^Cancelled \(SIG\w+\)/gm)).toHaveLength(1)
  await expectNothingLeft(folder.path, workspace, before)
  expectWholeComments(scenario.github)
  return parseOutputs(await readFile(commands['GITHUB_OUTPUT'] as string, 'utf8'))
}

async function expectNothingLeft(folder: string, workspace: string, before: object): Promise<void> {
  // What was killed is gone as soon as the kernel gets to it.
  for (let tries = 0; tries < 50 && (await processesOf(folder)).length > 0; tries += 1)
    await sleep(20)
  expect(await processesOf(folder)).toEqual([])
  // Reports are written before they are posted.
  const left = await readdir(join(folder, '_temp'))
  expect(left.filter((name) => !/^unsynced-\w+\.(json|html)$/.test(name))).toEqual([
    '_runner_file_commands',
  ])
  expect(await snapshot(workspace)).toEqual(before)
  const locks = await readdir(join(workspace, '.git'), { recursive: true })
  expect(locks.filter((file) => file.endsWith('.lock'))).toEqual([])
}

function expectWholeComments({ comments }: FakeGitHub): void {
  expect(comments.length).toBeLessThanOrEqual(1)
  for (const { body } of comments)
    expect(body).toMatch(/^<!-- unsynced .*-->\n.*<sub>.*<\/sub>\s*$/s)
}

test('a cancelled check leaves nothing, wherever it was, and the next is clean', async () => {
  await using scenario = await openPullRequest({ base: project, head: changedQueries })
  const workspace = await scenario.origin.checkout({ ref: 'refs/pull/7/merge' })
  for (const [index, point] of points.entries()) {
    const some = SIGNALS.filter((_, place) => EVERY || place === index % 2)
    for (const signal of some) {
      expect(await cancel(scenario, workspace, point, signal), point.name).toEqual({})
    }
  }
  expect(scenario.github.requests.filter(({ method }) => method !== 'GET')).toEqual([])

  const result = await scenario.run({ workspace })
  expect(result).toMatchObject({ exitCode: 0, outputs: { result: 'unsynced' } })
  expect(scenario.github.comments).toHaveLength(1)
})

const asked: readonly (readonly [Site, 'before' | 'after', NodeJS.Signals])[] = [
  ['pull', 'before', 'SIGINT'],
  ['list', 'before', 'SIGTERM'],
  ['create', 'before', 'SIGINT'],
  ['create', 'after', 'SIGTERM'],
  ['update', 'before', 'SIGINT'],
]

test.each(asked)(
  'GitHub’s %s, %s it happens: a whole comment or none',
  async (site, phase, signal) => {
    let waiting = false
    let arrived = () => {}
    let held = Promise.resolve()
    const gate: FakeGitHubOptions['gate'] = async (request, when) => {
      if (!waiting || siteOf(request) !== site || when !== phase) return
      arrived()
      // Whoever asked is gone by then; what was asked happens all the same.
      held = sleep(200)
      await held
    }
    const commits = { base: project, head: outsideProject }
    await using scenario = await openPullRequest(commits, { gate })
    const inputs = { comment: 'always' }
    if (site === 'update') {
      await scenario.run({ inputs })
      await scenario.push({ 'README.md': 'More' })
    }
    const workspace = await scenario.origin.checkout({ ref: 'refs/pull/7/merge' })
    waiting = true
    const point: Point = {
      name: site,
      reach: (running) =>
        new Promise((resolve, reject) => {
          arrived = resolve
          running.ended.then(() => reject(new Error(`It was not asked:\n${running.output()}`)))
        }),
    }
    // The comparison was made before, so what is said of it is true.
    const outputs = await cancel(scenario, workspace, point, signal, inputs)
    expect(outputs).toMatchObject({ result: 'synced', conclusion: 'success' })
    waiting = false
    await held

    const result = await scenario.run({ workspace, inputs })
    expect(result).toMatchObject({ exitCode: 0, outputs: { result: 'synced' } })
    expect(scenario.github.comments).toHaveLength(1)
  },
)

test('in a terminal too: exit code 2, and no report', async () => {
  await using scenario = await openPullRequest({ base: project, head: changedQueries })
  const workspace = await scenario.origin.checkout({ ref: 'refs/heads/feature', depth: 0 })
  const before = await snapshot(workspace)
  const ends = [
    [inGit('checkout-index'), 'SIGINT'],
    [inGit('read-tree'), 'SIGHUP'],
    [afterLine('loading base', /^Finding Python: /m), 'SIGTERM'],
  ] as const
  for (const [point, signal] of ends) {
    runs += 1
    await using folder = await temporaryFolder()
    const stopping = await stoppingGit(join(folder.path, 'bin'), realGit)
    await stopping.stopAt(point.stopsGitAt ?? 'nothing')
    const temporary = join(folder.path, '_temp')
    await mkdir(join(temporary, '_runner_file_commands'), { recursive: true })
    const PATH = `${join(folder.path, 'bin')}:${process.env['PATH']}`
    const env = { PATH, HOME: folder.path, TMPDIR: temporary }
    const args = ['--project', projectFolder, '--python', sqlmeshPython, '--format', 'json']
    const running = start(join(root, 'dist', 'cli.js'), args, { cwd: workspace, env })
    await point.reach(running, () => exists(stopping.reached))
    running.signal(signal)
    expect(await running.ended, running.output()).toEqual({ code: 2, signal: null })
    expect(running.output()).toContain(`Cancelled (${signal})`)
    expect(running.output()).not.toContain('schemaVersion')
    await expectNothingLeft(folder.path, workspace, before)
  }
})

test('killed outright: the next check is clean, and a later one removes what was left', async () => {
  runs += 1
  await using folder = await temporaryFolder()
  await using scenario = await openPullRequest({ base: project, head: changedQueries })
  const workspace = await scenario.origin.checkout({ ref: 'refs/pull/7/merge' })
  const before = await snapshot(workspace)
  const run = {
    ...{ event: pullRequestEvent(scenario.pullRequest), workspace, github: scenario.github },
    inputs: { project: projectFolder, python: sqlmeshPython },
  }
  const { script, env } = await prepareAction(run, folder.path)
  const running = start(script, [], { cwd: workspace, env })
  await running.until(/^Finding Python: /m)
  running.signal('SIGKILL')
  expect(await running.ended).toEqual({ code: null, signal: 'SIGKILL' })
  expect(await snapshot(workspace)).toEqual(before)

  // A load whose asker is gone has nobody to answer, and ends.
  for (let tries = 0; tries < 300 && (await processesOf(folder.path)).length > 0; tries += 1) {
    await sleep(50)
  }
  expect(await processesOf(folder.path)).toEqual([])
  const temporary = join(folder.path, '_temp')
  const left = (await readdir(temporary)).filter((name) => /^unsynced-/.test(name))
  expect(left.length).toBeGreaterThan(0)
  const foreign = ['unsynced-notes', 'unsynced-1', 'other-abcdef']
  for (const name of foreign) await mkdir(join(temporary, name))
  const threeDaysAgo = Date.now() / 1000 - 3 * 24 * 60 * 60
  for (const name of [...left.slice(1), ...foreign]) {
    await utimes(join(temporary, name), threeDaysAgo, threeDaysAgo)
  }
  const next = await scenario.run({ workspace, env: { RUNNER_TEMP: temporary } })
  expect(next).toMatchObject({ exitCode: 0, outputs: { result: 'unsynced' } })
  expect(scenario.github.comments).toHaveLength(1)
  // What is young may be another check's.
  const kept = (await readdir(temporary)).filter((name) => !/\.(json|html)$/.test(name))
  expect(kept.sort()).toEqual(['_runner_file_commands', ...foreign, ...left.slice(0, 1)].sort())
})
