import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../src/github/api/retry.ts'
import { publish } from '../../src/github/publish.ts'
import type { PullRequest } from '../../src/github/pullRequest.ts'
import type { InputName } from '../../src/inputs/inputs.ts'
import { parseInputs } from '../../src/inputs/request.ts'
import type { Report } from '../../src/report/model.ts'
import { type FakeGitHub, type FakeGitHubOptions, fakeGitHub } from './github.ts'
import { client } from './posting.ts'
import { BASE, HEAD, outcomeOf } from './reports.ts'
import { type Annotation, parseAnnotations, parseOutputs } from './runnerFiles.ts'
import { temporaryFolder } from './temporary.ts'

/** The pull request that runs are about. */
export const PULL = {
  head: { ref: 'feature', sha: HEAD, repository: 4242 },
  base: { ref: 'main', sha: BASE },
}

export async function pullServer(options: FakeGitHubOptions = {}): Promise<FakeGitHub> {
  return await fakeGitHub({ pull: PULL, ...options })
}

/** One run, from what it found on. */
export type Run = {
  readonly reports: readonly Report[]
  readonly inputs?: Readonly<Partial<Record<InputName, string>>>
  readonly run?: { readonly id: number; readonly attempt: number }
  readonly token?: 'write' | 'read' | 'user' | 'none'
  readonly clock?: Clock
  readonly pullRequest?: Partial<PullRequest> | null
  /** A variable that the runner does not set. */
  readonly without?: string
}

export type Published = {
  readonly conclusion: 'success' | 'failure'
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
  readonly annotations: readonly Annotation[]
  /** The JSON report that later steps read. */
  readonly report: unknown
  readonly printed: string
}

/** Publishes as the action does, in this process: to the fake GitHub and to files of its own. */
export async function publishTo(github: FakeGitHub, run: Run): Promise<Published> {
  await using folder = await temporaryFolder()
  const files = {
    GITHUB_OUTPUT: join(folder.path, 'output'),
    GITHUB_STEP_SUMMARY: join(folder.path, 'summary'),
  }
  await mkdir(join(folder.path, 'temp'))
  for (const file of Object.values(files)) await writeFile(file, '')
  const request = parseInputs(run.inputs ?? {})
  const [owner = '', name = ''] = github.repository.split('/')
  const known = { number: 7, head: HEAD, description: null, queued: false }
  const found = {
    outcomes: run.reports.map((report) => outcomeOf(report, request.failOn)),
    request,
    pullRequest: run.pullRequest === null ? null : { ...known, ...run.pullRequest },
    runner: {
      workspace: folder.path,
      temporary: join(folder.path, 'temp'),
      apiUrl: github.apiUrl,
      serverUrl: 'https://github.com',
      repository: { owner, name },
      run: run.run ?? { id: 10, attempt: 1 },
    },
    isolation: null,
  }
  const { token = 'write' } = run
  const api = token === 'none' ? null : client(github, run.clock, token)
  const { result, printed } = await capture(
    { ...files, ...(run.without && { [run.without]: '' }) },
    () => publish(found, api),
  )
  const outputs = parseOutputs(await readFile(files.GITHUB_OUTPUT, 'utf8'))
  return {
    conclusion: result,
    outputs,
    summary: await readFile(files.GITHUB_STEP_SUMMARY, 'utf8'),
    annotations: parseAnnotations(printed),
    report: outputs['report'] ? JSON.parse(await readFile(outputs['report'], 'utf8')) : null,
    printed,
  }
}

/** Runs with variables set, and gives what was printed. */
async function capture<T>(
  variables: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<{ result: T; printed: string }> {
  const write = process.stdout.write
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
  let printed = ''
  process.stdout.write = (text: string | Uint8Array) => {
    printed += String(text)
    return true
  }
  Object.assign(process.env, variables)
  try {
    const result = await work()
    return { result, printed }
  } finally {
    process.stdout.write = write
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}
