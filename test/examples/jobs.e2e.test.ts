import { expect, test, vi } from 'vitest'
import { openPullRequest, titleOf, titles } from '../e2e/scenario.ts'
import { pullRequestEvent, workflowRunEvent } from '../helpers/events.ts'
import { siteOf } from '../helpers/githubFaults.ts'
import { changedQueries, type Files, project } from '../helpers/project.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { INSTALLED, runWorkflow } from './act.ts'

// Each test runs whole workflows, some of them several.
vi.setConfig({ testTimeout: 300_000 })

const base = { ...project, 'warehouse/requirements.txt': `${INSTALLED.join('\n')}\n` }

/** The same files in a project of another name. */
const inLake = (files: Files): Files =>
  Object.fromEntries(
    Object.entries(files).map(([path, text]) => [path.replace('warehouse/', 'lake/'), text]),
  )

const titlesOf = (comments: readonly { body: string }[]) =>
  comments.map(({ body }) => titleOf(body))

test('fork-report.yml posts what fork-compute.yml found, and runs nothing of the fork', async () => {
  await using scenario = await openPullRequest({ base, head: changedQueries })
  await using folder = await temporaryFolder()
  const { github, pullRequest } = scenario
  const { head } = pullRequest
  github.setPull({ head: { ...head, repository: 4343 } })

  const computed = await runWorkflow(scenario, 'fork-compute', {
    event: pullRequestEvent(pullRequest, { fork: true }),
    token: 'read',
    artifacts: folder.path,
    runId: 1_234_567,
  })
  expect(computed.exitCode, computed.stdout).toBe(0)
  expect(github.requests).toEqual([])

  const reported = await runWorkflow(scenario, 'fork-report', {
    event: workflowRunEvent({ headSha: head.sha }),
    artifacts: folder.path,
    runId: 1_234_568,
  })
  expect(reported.exitCode, reported.stdout).toBe(0)
  expect(titlesOf(github.comments)).toEqual([titles.unsynced(2)])
  const posted = ['pulls', 'commit', 'list', 'pull', 'create', 'pull', 'list']
  expect(github.requests.map(siteOf)).toEqual(posted)
  expect(reported.stdout).not.toContain('Loading')
})

test('monorepo.yml makes one comment of all projects, and is red if one cannot be told', async () => {
  await using scenario = await openPullRequest({
    base: { ...base, ...inLake(base) },
    head: { ...changedQueries, ...inLake(changedQueries) },
  })
  const { github } = scenario

  const both = await runWorkflow(scenario, 'monorepo')
  expect(both.exitCode, both.stdout).toBe(0)
  const title = 'Unsynced · 2 projects · 4 assets will become unsynced'
  expect(titlesOf(github.comments)).toEqual([title])

  // Its job then ends before it has compared anything, and leaves no report.
  await scenario.push({ 'lake/requirements.txt': null })
  const broken = await runWorkflow(scenario, 'monorepo', { runId: 1_234_568 })
  expect(broken.exitCode, broken.stdout).toBe(1)
  expect(broken.stdout).toMatch(/\[Unsynced\/Unsynced\s*\].*Job failed/)
  expect(titlesOf(github.comments)).toEqual(['Unsynced · 2 projects · could not compare'])
})
