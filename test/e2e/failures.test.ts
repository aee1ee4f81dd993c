import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pullRequestEvent } from '../helpers/events.ts'
import {
  brokenFile,
  brokenModel,
  changedQueries,
  type Files,
  project,
  revertedQueries,
} from '../helpers/project.ts'
import { exists, temporaryFolder } from '../helpers/temporary.ts'
import { errorOutputs, openPullRequest, titleOf, titles, writesOf } from './scenario.ts'

test('a head that does not load is red, and says which side and file', async () => {
  await using scenario = await openPullRequest({ base: project, head: brokenModel })

  const result = await scenario.run()

  expect(result.exitCode).not.toBe(0)
  expect(result.outputs).toMatchObject(errorOutputs)
  expect(result.report).toMatchObject({
    result: 'error',
    conclusion: 'failure',
    counts: null,
    assets: [],
    error: { side: 'head', code: 'load-failed', message: expect.stringMatching(/\S/) },
  })
  expect(titleOf(result.summary)).toBe(titles.error)
  expect(result.summary).toContain(brokenFile)
  expect(result.annotations).toContainEqual(expect.objectContaining({ level: 'error' }))
  expect(scenario.github.comments.map(({ body }) => titleOf(body))).toEqual([titles.error])
  expect(writesOf(result)).toEqual([['POST', 201]])
  expect(JSON.stringify(result.report)).not.toMatch(/\/(tmp|root|home)\//)
})

test('a base that does not load is red too, although head is fine', async () => {
  await using scenario = await openPullRequest({
    base: { ...project, ...brokenModel },
    head: revertedQueries,
  })

  const result = await scenario.run()

  expect(result.exitCode).not.toBe(0)
  expect(result.outputs).toMatchObject(errorOutputs)
  expect(result.report).toMatchObject({
    error: { side: 'base', code: 'load-failed' },
    sqlmesh: { base: null, head: expect.any(String) },
  })
  expect(titleOf(result.summary)).toBe(titles.error)
  expect(result.summary).toContain('Head does load.')
})

test('where neither commit loads, the error is head’s, and base’s is not hidden', async () => {
  await using scenario = await openPullRequest({
    base: { ...project, ...brokenModel },
    head: { 'warehouse/macros/unused.py': '# Nothing is mended here\n' },
  })

  const result = await scenario.run()

  expect(result.exitCode).not.toBe(0)
  expect(result.outputs).toMatchObject(errorOutputs)
  expect(result.report).toMatchObject({
    error: { side: 'head', code: 'load-failed' },
    notices: expect.arrayContaining([expect.objectContaining({ code: 'base-failed' })]),
  })
  expect(result.summary).toContain('Neither commit loads')
})

const FOLLOWED = 'warehouse/models/marts/revenue.sql'
const valid = (project as Files)[FOLLOWED] as string
const withoutDay: Files = { [FOLLOWED]: valid.replace('SELECT day,', 'SELECT day AS at,') }

test('a head that only SQLMesh’s Context refuses is red', async () => {
  await using scenario = await openPullRequest({ base: project, head: withoutDay })

  const result = await scenario.run()

  expect(result.exitCode).not.toBe(0)
  expect(result.outputs).toMatchObject(errorOutputs)
  expect(result.report).toMatchObject({
    error: {
      side: 'head',
      code: 'load-failed',
      message: expect.stringContaining("partitioned_by keys ['day'] are missing"),
      file: FOLLOWED,
    },
  })
})

test('a base that only SQLMesh’s Context refuses is a warning', async () => {
  await using scenario = await openPullRequest({
    base: { ...project, ...withoutDay },
    head: { [FOLLOWED]: valid },
  })

  const result = await scenario.run()

  expect(result.report).toMatchObject({
    result: 'unsynced',
    error: null,
    notices: expect.arrayContaining([expect.objectContaining({ code: 'base-refused' })]),
  })
})

test('an error after an impact replaces the comment that is no longer true', async () => {
  await using scenario = await openPullRequest({ base: project, head: changedQueries })
  expect((await scenario.run()).outputs).toMatchObject({ result: 'unsynced' })

  await scenario.push(brokenModel)
  const result = await scenario.run()

  expect(result.exitCode).not.toBe(0)
  expect(scenario.github.comments.map(({ body }) => titleOf(body))).toEqual([titles.error])
  expect(writesOf(result)).toEqual([['PATCH', 200]])
})

test('a project folder that neither commit has is an error', async () => {
  await using scenario = await openPullRequest({ base: project, head: changedQueries })

  const result = await scenario.run({ inputs: { project: 'warehous' } })

  expect(result.exitCode).not.toBe(0)
  expect(result.outputs).toMatchObject(errorOutputs)
})

test('an invalid input is an error that lists what is allowed', async () => {
  await using scenario = await openPullRequest({ base: project, head: changedQueries })

  const result = await scenario.run({ inputs: { 'fail-on': 'unsynct' } })

  expect(result.exitCode).not.toBe(0)
  expect(result.outputs).toMatchObject(errorOutputs)
  const errors = result.annotations.filter(({ level }) => level === 'error')
  const text = errors.map(({ message }) => message).join('\n')
  for (const word of ['fail-on', 'unsynct', 'unsynced', 'incremental', 'removed']) {
    expect(text).toContain(word)
  }
})

test('pull_request_target is refused before anything of the pull request runs', async () => {
  await using scenario = await openPullRequest({ base: project, head: changedQueries })
  await using folder = await temporaryFolder()
  const trace = join(folder.path, 'python-ran')
  const python = join(folder.path, 'python')
  await writeFile(python, `#!/bin/sh\ntouch '${trace}'\n`, { mode: 0o755 })

  const result = await scenario.run({
    event: pullRequestEvent(scenario.pullRequest, { name: 'pull_request_target', fork: true }),
    // What makes the event dangerous: the workflow checks out the fork's code.
    workspace: await scenario.origin.checkout({ ref: scenario.pullRequest.head.sha }),
    inputs: { python },
  })

  expect(result.exitCode).not.toBe(0)
  expect(result.outputs).toMatchObject(errorOutputs)
  expect(result.report).toMatchObject({ error: { code: 'refused-event' } })
  expect(await exists(trace)).toBe(false)
})
