import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { openPullRequest, titleOf, titles } from '../e2e/scenario.ts'
import { mergeGroupEvent, pullRequestEvent, scheduleEvent } from '../helpers/events.ts'
import { git } from '../helpers/git.ts'
import { changedQueries, project, projectFolder } from '../helpers/project.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { INSTALLED, runWorkflow } from './act.ts'

// Each test runs whole workflows, some of them several.
vi.setConfig({ testTimeout: 300_000 })

const base = { ...project, [`${projectFolder}/requirements.txt`]: `${INSTALLED.join('\n')}\n` }

/** Makes an incremental model Unsynced. */
const revenueFile = `${projectFolder}/models/marts/revenue.sql`
const revenue = project[revenueFile] ?? ''
const incremental = { [revenueFile]: revenue.replace('AS amount', '* 2 AS amount') }

test('acceptance-label.yml is red until a label accepts what the comment shows', async () => {
  await using scenario = await openPullRequest({ base, head: incremental })
  const { github, pullRequest } = scenario
  const titleNow = () => github.comments.map(({ body }) => titleOf(body))

  const pushed = await runWorkflow(scenario, 'acceptance-label')
  expect(pushed.exitCode, pushed.stdout).toBe(1)
  expect(titleNow()).toEqual([titles.actionNeeded])

  github.label('unsynced-ok')
  const event = pullRequestEvent(pullRequest, { action: 'labeled', labels: ['unsynced-ok'] })
  const labeled = await runWorkflow(scenario, 'acceptance-label', { event, runId: 1_234_568 })
  expect(labeled.exitCode, labeled.stdout).toBe(0)
  expect(titleNow()).toEqual([titles.accepted])
})

test('merge-queue.yml is red in the queue too, and says nothing there', async () => {
  await using scenario = await openPullRequest({ base, head: incremental })
  const { origin, github, pullRequest } = scenario
  // Somebody else's commit comes first in the queue's group, so that its base is two commits back.
  const first = await origin.commit({ 'README.md': '# Data\n' }, 'First of the group', 'first')
  const group = await origin.mergeGroup({ ...pullRequest, base: { ref: 'first', sha: first } })
  const event = mergeGroupEvent({ ...group, baseSha: pullRequest.base.sha })

  const queued = await runWorkflow(scenario, 'merge-queue', { event })

  expect(queued.exitCode, queued.stdout).toBe(1)
  expect(queued.stdout).toContain(titles.actionNeeded)
  expect(github.writes).toEqual([])
})

test('scheduled-drift.yml reports what came since the deployed commit', async () => {
  await using scenario = await openPullRequest({ base, head: changedQueries })
  await using folder = await temporaryFolder()
  const { origin, github, pullRequest } = scenario
  const bare = fileURLToPath(origin.url)
  await git(bare, ['tag', 'deployed', pullRequest.base.sha])
  await origin.commit(changedQueries, 'Merged')
  const now = await origin.commit({ 'README.md': '# Data\n' }, 'Merged too')

  const run = { event: scheduleEvent(now), artifacts: folder.path, runId: 42 }
  const { exitCode, stdout } = await runWorkflow(scenario, 'scheduled-drift', run)

  expect(exitCode, stdout).toBe(0)
  expect(stdout).toContain(titles.unsynced(2))
  expect(github.requests).toEqual([])
  const artifact = join(folder.path, '42', 'unsynced')
  const [html, json = ''] = (await readdir(artifact)).sort()
  expect(html).toMatch(/\.html$/)
  expect(JSON.parse(await readFile(join(artifact, json), 'utf8'))).toMatchObject({
    base: { sha: pullRequest.base.sha, ref: 'deployed' },
    head: { sha: now },
    counts: { unsynced: 2 },
  })
})
