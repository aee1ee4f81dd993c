import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from '../helpers/actionFile.ts'
import { changedQueries, outsideProject, project } from '../helpers/project.ts'
import { runCli } from '../helpers/runner.ts'
import { snapshot } from '../helpers/snapshot.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { openPullRequest, titleOf, titles } from './scenario.ts'

const options = () => ['--project', 'warehouse', '--python', sqlmeshPython]

/** A full clone of the pull request's branch, as on a developer's machine. */
async function clonedBranch(head: Readonly<Record<string, string>>) {
  const scenario = await openPullRequest({ base: project, head })
  const cwd = await scenario.origin.checkout({ ref: 'refs/heads/feature', depth: 0 })
  return { cwd, scenario, [Symbol.asyncDispose]: () => scenario[Symbol.asyncDispose]() }
}

test('the terminal command compares with the default branch and touches nothing', async () => {
  await using clone = await clonedBranch(changedQueries)
  const before = await snapshot(clone.cwd)

  const result = await runCli([...options(), '--format', 'json'], clone)

  expect(result).toMatchObject({ exitCode: 0 })
  const { base, head } = clone.scenario.pullRequest
  expect(JSON.parse(result.stdout)).toMatchObject({
    result: 'unsynced',
    base: { sha: base.sha },
    head: { sha: head.sha },
    counts: { unsynced: 2, afterUpstream: 1 },
  })
  expect(await snapshot(clone.cwd)).toEqual(before)
  expect(clone.scenario.github.requests).toEqual([])
})

test('the exit code says accepted, refused or could not tell', async () => {
  await using clone = await clonedBranch(changedQueries)
  const run = async (...more: string[]) => (await runCli([...options(), ...more], clone)).exitCode

  expect(await run('HEAD', 'HEAD')).toBe(0)
  expect(await run('--fail-on', 'unsynced')).toBe(1)
  expect(await run('--fail-on', 'unsynct')).toBe(2)
  expect(await run('no-such-commit')).toBe(2)
})

test('a reader that takes its time gets the whole report', async () => {
  const models = Array.from({ length: 150 }, (_, index): [string, string] => [
    `warehouse/models/many/m${index}.sql`,
    `MODEL (name many.m${index}, kind FULL);\n\nSELECT ${index} AS id\n`,
  ])
  await using clone = await clonedBranch(Object.fromEntries(models))
  await using folder = await temporaryFolder()
  const given = [...options(), '--format', 'json'].map((word) => `'${word}'`).join(' ')
  // The pipe is full, and the check done, before anything is read.
  const script = `'${process.execPath}' '${join(root, 'dist', 'cli.js')}' ${given} | (sleep 8; cat)`
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder.path }
  const { stdout } = await promisify(execFile)('sh', ['-c', script], { cwd: clone.cwd, env })

  expect(stdout.length).toBeGreaterThan(65_536)
  expect(JSON.parse(stdout).counts.new).toBe(150)
})

test('the report can be text for people and markdown for a comment', async () => {
  await using clone = await clonedBranch(outsideProject)

  const text = await runCli(options(), clone)
  expect(text).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('no assets affected') })
  const markdown = await runCli([...options(), '--format', 'markdown'], clone)
  expect(titleOf(markdown.stdout)).toBe(titles.clean)
  const html = await runCli([...options(), '--format', 'html'], clone)
  expect(html.stdout).toMatch(/^<!doctype html>\n[\s\S]*No asset’s code version[\s\S]*<\/html>\n$/)
})

test('colour is for terminals, unless it is asked for', async () => {
  const cwd = import.meta.dirname
  const stderr = async (env: Readonly<Record<string, string>> = {}) =>
    (await runCli(['--format', 'odd'], { cwd, env })).stderr

  expect(await stderr()).not.toContain('\u001b')
  expect(await stderr({ FORCE_COLOR: '1' })).toContain('\u001b[31merror\u001b[39m')
  expect(await stderr({ FORCE_COLOR: '0' })).not.toContain('\u001b')
  expect(await stderr({ NO_COLOR: '1' })).not.toContain('\u001b')
})

test('an error is JSON too, with --format json', async () => {
  await using clone = await clonedBranch(changedQueries)

  const result = await runCli([...options(), '--format', 'json', 'no-such-commit'], clone)

  expect(result).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/\S/) })
  expect(JSON.parse(result.stdout)).toMatchObject({ result: 'error', counts: null, assets: [] })
})
