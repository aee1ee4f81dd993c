import { expect } from 'vitest'
import { actionFile } from '../helpers/actionFile.ts'
import { type ActionEvent, pullRequestEvent } from '../helpers/events.ts'
import {
  checkoutCredential,
  type Origin,
  type PullRequest,
  temporaryOrigin,
} from '../helpers/git.ts'
import { type FakeGitHub, type FakeGitHubOptions, fakeGitHub } from '../helpers/github.ts'
import { type Files, projectFolder } from '../helpers/project.ts'
import { type ActionResult, type ActionRun, runAction, runtimeToken } from '../helpers/runner.ts'
import { snapshot } from '../helpers/snapshot.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'

/** A pull request on the fake GitHub, and what a workflow does with it. */
export type Scenario = AsyncDisposable & {
  readonly origin: Origin
  readonly github: FakeGitHub
  /** As of the last push. */
  readonly pullRequest: PullRequest
  /** Another commit on the pull request's branch. */
  push(files: Files): Promise<void>
  /** A new job: actions/checkout's clone of the merge ref, depth 1, then the action. */
  run(options?: Partial<ActionRun>): Promise<ActionResult>
}

let runs = 0

/** @param commits files of the base branch's commit and of the pull request's */
export async function openPullRequest(
  commits: { base: Files; head: Files },
  options: FakeGitHubOptions = {},
): Promise<Scenario> {
  const origin = await temporaryOrigin()
  const github = await fakeGitHub(options)
  await origin.commit(commits.base, 'Base')
  await origin.commit(commits.head, 'Head', 'feature')
  let pullRequest = await origin.pullRequest()
  const show = ({ head, base, mergeSha }: PullRequest) => {
    github.setPull({ head: { ...head, repository: 4242 }, base })
    if (mergeSha !== null) github.setCommit(mergeSha, [base.sha, head.sha])
  }
  show(pullRequest)
  return {
    origin,
    github,
    get pullRequest() {
      return pullRequest
    },
    async push(files) {
      await origin.commit(files, 'Another push', 'feature')
      pullRequest = await origin.pullRequest()
      show(pullRequest)
    },
    async run(run = {}) {
      const event = run.event ?? pullRequestEvent(pullRequest)
      const workspace = run.workspace ?? (await origin.checkout({ ref: event.ref }))
      return await runChecked({ ...run, event, workspace, github })
    },
    async [Symbol.asyncDispose]() {
      await github[Symbol.asyncDispose]()
      await origin[Symbol.asyncDispose]()
    },
  }
}

/** Runs the action, and holds it to what every run must keep, whatever its outcome. */
async function runChecked(
  run: ActionRun & { event: ActionEvent; github: FakeGitHub },
): Promise<ActionResult> {
  runs += 1
  const before = await snapshot(run.workspace)
  const result = await runAction({
    runId: 1_000_000 + runs,
    ...run,
    inputs: { project: projectFolder, python: sqlmeshPython, ...run.inputs },
  })
  expect(await snapshot(run.workspace), 'the checkout is as it was found').toEqual(before)
  expect(Object.keys(result.outputs).sort()).toEqual(Object.keys(actionFile.outputs).sort())
  expect(result.requests.filter(({ unexpected }) => unexpected)).toEqual([])
  for (const secret of [...Object.values(run.github.tokens), runtimeToken, checkoutCredential]) {
    const { requests: _, ...visible } = result
    const masked = visible.stdout.replaceAll(`::add-mask::${secret}`, '')
    const shown = JSON.stringify([{ ...visible, stdout: masked }, run.github.comments])
    expect(shown.includes(secret), `${secret} is nowhere to be seen`).toBe(false)
  }
  return result
}

/** The heading of a comment or summary, e.g. ``Unsynced · `warehouse` · no assets affected``. */
export function titleOf(markdown: string | undefined): string | undefined {
  return /^### (.*)$/m.exec(markdown ?? '')?.[1]
}

export const titles = {
  unsynced: (count: number) =>
    `Unsynced · \`warehouse\` · ${count} asset${count === 1 ? '' : 's'} will become unsynced`,
  clean: 'Unsynced · `warehouse` · no assets affected',
  accepted: 'Unsynced · `warehouse` · accepted',
  actionNeeded: 'Unsynced · `warehouse` · action needed',
  error: 'Unsynced · `warehouse` · could not compare',
} as const

/** Outputs of a run that could not tell: no count, not even 0. */
export const errorOutputs = {
  result: 'error',
  conclusion: 'failure',
  'unsynced-count': '',
  'after-upstream-count': '',
  'new-count': '',
  'removed-count': '',
  'formatting-only-count': '',
} as const

/** What a request changed, for comparing with a short list. */
export function writesOf(result: ActionResult): [method: string, status: number][] {
  return result.requests
    .filter(({ method }) => method !== 'GET')
    .map(({ method, status }) => [method, status])
}

type Row = { readonly key: readonly string[]; readonly status: string }

/** The report's assets as `status schema/name`. */
export function assetsOf(result: ActionResult): string[] {
  const { assets } = result.report as { assets: readonly Row[] }
  return assets.map(({ key, status }) => `${status} ${key.slice(-2).join('/')}`)
}
