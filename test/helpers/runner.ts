import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { actionFile, inputVariables, root } from './actionFile.ts'
import type { ActionEvent } from './events.ts'
import type { FakeGitHub, JournalEntry } from './github.ts'
import { type ProcessResult, runNode } from './process.ts'
import { type Annotation, parseAnnotations, parseOutputs } from './runnerFiles.ts'
import { temporaryFolder } from './temporary.ts'

/** Canary: the runner's own credential, which no project code may see. */
export const runtimeToken = 'canaryRuntimeToken00000000000000000000'

export type ActionRun = {
  readonly event: ActionEvent
  /** The checked-out repository; the action's working directory. */
  readonly workspace: string
  /** Without one nothing answers at `GITHUB_API_URL`. */
  readonly github?: FakeGitHub
  /** Which of the fake's tokens the job has. */
  readonly token?: 'write' | 'read' | 'user'
  /** As in the step's `with:`; the others have action.yml's defaults. */
  readonly inputs?: Readonly<Record<string, string>>
  /** As in the step's `env:`. */
  readonly env?: Readonly<Record<string, string>>
  readonly runId?: number
  readonly attempt?: number
  /** Milliseconds. */
  readonly timeout?: number
}

export type ActionResult = ProcessResult & {
  readonly outputs: Readonly<Record<string, string>>
  /** The step summary's markdown. */
  readonly summary: string
  readonly annotations: readonly Annotation[]
  /** What it asked GitHub, in order. */
  readonly requests: readonly JournalEntry[]
  /** The JSON at the output `report`, null when there is none. */
  readonly report: unknown
}

/**
 * Runs the committed bundle as one step of a job, the way the Actions runner does: a process with
 * the documented variables and the machine's PATH, and nothing else of this process's environment.
 */
export async function runAction(run: ActionRun): Promise<ActionResult> {
  await using folder = await temporaryFolder()
  const requestsBefore = run.github?.requests.length ?? 0
  const { script, env, commands } = await prepareAction(run, folder.path)
  const timeout = run.timeout ?? 100_000
  const result = await runNode(script, [], { cwd: run.workspace, timeout, env })
  const outputs = parseOutputs(await readFile(commands['GITHUB_OUTPUT'] ?? '', 'utf8'))
  return {
    ...result,
    outputs,
    summary: await readFile(commands['GITHUB_STEP_SUMMARY'] ?? '', 'utf8'),
    annotations: parseAnnotations(`${result.stdout}\n${result.stderr}`),
    requests: run.github?.requests.slice(requestsBefore) ?? [],
    // Read now: RUNNER_TEMP goes with the job.
    report: outputs['report'] ? JSON.parse(await readFile(outputs['report'], 'utf8')) : null,
  }
}

/** What the runner starts for a step, and with what. Files go to `folder`. */
export async function prepareAction(
  run: ActionRun,
  folder: string,
): Promise<{
  readonly script: string
  readonly env: Readonly<Record<string, string>>
  readonly commands: Readonly<Record<string, string>>
}> {
  const commands = await commandFiles(folder)
  const eventPath = join(folder, 'event.json')
  await writeFile(eventPath, JSON.stringify(run.event.payload))
  return {
    script: join(root, actionFile.runs.main),
    commands,
    env: {
      PATH: process.env['PATH'] ?? '',
      ...(await folders(folder)),
      ...documentedVariables(run, eventPath),
      ...commands,
      ...inputVariables(run.inputs ?? {}, run.github?.tokens[run.token ?? 'write'] ?? 'none'),
      ...run.env,
    },
  }
}

/**
 * Runs the terminal command `node dist/cli.js …`.
 *
 * @param options.program another file that is the command
 */
export async function runCli(
  args: readonly string[],
  options: {
    cwd: string
    env?: Readonly<Record<string, string>>
    timeout?: number
    program?: string
  },
): Promise<ProcessResult> {
  await using folder = await temporaryFolder()
  return await runNode(options.program ?? join(root, 'dist', 'cli.js'), args, {
    cwd: options.cwd,
    timeout: options.timeout ?? 100_000,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder.path, ...options.env },
  })
}

/** The runner makes these files before each step and reads them after it. */
async function commandFiles(folder: string): Promise<Record<string, string>> {
  const files = commandFileNames(folder)
  for (const file of Object.values(files)) {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, '')
  }
  return files
}

/** Their paths, by variable. */
export function commandFileNames(folder: string): Record<string, string> {
  const parent = join(folder, '_temp', '_runner_file_commands')
  const names = {
    GITHUB_OUTPUT: 'set_output',
    GITHUB_ENV: 'set_env',
    GITHUB_PATH: 'add_path',
    GITHUB_STATE: 'save_state',
    GITHUB_STEP_SUMMARY: 'step_summary',
  }
  const files = Object.entries(names).map(([variable, name]) => [
    variable,
    join(parent, `${name}_0a1b2c3d-0000-4000-8000-000000000000`),
  ])
  return Object.fromEntries(files)
}

async function folders(folder: string): Promise<Record<string, string>> {
  const made = {
    HOME: join(folder, 'home'),
    RUNNER_TEMP: join(folder, '_temp'),
    RUNNER_TOOL_CACHE: join(folder, '_tool'),
  }
  for (const path of Object.values(made)) await mkdir(path, { recursive: true })
  return made
}

/** docs.github.com, "Default environment variables", and what the runner adds for its own services. */
function documentedVariables(run: ActionRun, eventPath: string): Record<string, string> {
  const repository = run.github?.repository ?? 'acme/data'
  // Nothing listens there; fetch refuses port 9 by itself, which would be another error.
  const api = run.github?.apiUrl ?? 'http://127.0.0.1:2'
  const ref = run.event.ref
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: '__unsynced_unsynced',
    GITHUB_ACTION_REPOSITORY: 'unsynced/unsynced',
    GITHUB_ACTION_REF: 'v1',
    GITHUB_ACTOR: 'alice',
    GITHUB_ACTOR_ID: '1002',
    GITHUB_TRIGGERING_ACTOR: 'alice',
    GITHUB_API_URL: api,
    GITHUB_GRAPHQL_URL: `${api}/graphql`,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_BASE_REF: run.event.branches?.base ?? '',
    GITHUB_HEAD_REF: run.event.branches?.head ?? '',
    GITHUB_EVENT_NAME: run.event.name,
    GITHUB_EVENT_PATH: eventPath,
    GITHUB_JOB: 'unsynced',
    GITHUB_REF: ref,
    GITHUB_REF_NAME: ref.replace(/^refs\/(heads|tags|pull)\//, ''),
    GITHUB_REF_PROTECTED: 'false',
    GITHUB_REF_TYPE: 'branch',
    GITHUB_REPOSITORY: repository,
    GITHUB_REPOSITORY_ID: '4242',
    GITHUB_REPOSITORY_OWNER: repository.split('/')[0] ?? '',
    GITHUB_REPOSITORY_OWNER_ID: '1001',
    GITHUB_RETENTION_DAYS: '90',
    GITHUB_RUN_ID: String(run.runId ?? 1_234_567),
    GITHUB_RUN_ATTEMPT: String(run.attempt ?? 1),
    GITHUB_RUN_NUMBER: '42',
    GITHUB_SHA: run.event.sha,
    GITHUB_WORKFLOW: 'Unsynced',
    GITHUB_WORKFLOW_REF: `${repository}/.github/workflows/unsynced.yml@${ref}`,
    GITHUB_WORKFLOW_SHA: run.event.sha,
    GITHUB_WORKSPACE: run.workspace,
    RUNNER_ARCH: 'X64',
    RUNNER_ENVIRONMENT: 'github-hosted',
    RUNNER_NAME: 'GitHub Actions 1',
    RUNNER_OS: 'Linux',
    RUNNER_TRACKING_ID: 'github_0a1b2c3d-0000-4000-8000-000000000000',
    ACTIONS_RUNTIME_TOKEN: runtimeToken,
    ACTIONS_RUNTIME_URL: 'http://127.0.0.1:2/',
    ACTIONS_RESULTS_URL: 'http://127.0.0.1:2/',
  }
}
