import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openPullRequest } from '../e2e/scenario.ts'
import { pullRequestEvent } from '../helpers/events.ts'
import { checkoutCredential } from '../helpers/git.ts'
import { runProgram } from '../helpers/process.ts'
import { type Files, project, projectFolder } from '../helpers/project.ts'
import { commandFileNames, prepareAction, runtimeToken } from '../helpers/runner.ts'
import { type Command, commandsIn } from '../helpers/runnerCommands.ts'
import { parseOutputs } from '../helpers/runnerFiles.ts'
import { type Snapshot, snapshot } from '../helpers/snapshot.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { writeFiles } from '../helpers/writeFiles.ts'
import { hostileMachine, type Machine } from './machine.ts'

export type HostileRun = {
  /** Files of the pull request's commit; those of the machine that they are made for are known. */
  readonly head: (machine: Machine) => Files
  readonly base?: Files
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly fork?: boolean
  /** A machine that is like this: see test/helpers/machines.ts. */
  readonly prefix?: readonly string[]
  /** Milliseconds to wait for what was left running. */
  readonly afterwards?: number
}

/** What came of a run that loaded hostile code, everywhere where it may have left something. */
export type Aftermath = {
  readonly exitCode: number
  readonly outputs: Readonly<Record<string, string>>
  readonly report: {
    result: string
    error: { side: string | null; code: string; message: string } | null
    assets: { key: string[]; status: string }[]
    notices: { code: string }[]
  }
  readonly log: string
  readonly summary: string
  /** Where the machine was. */
  readonly folder: string
  /** Secrets that anybody can read now, by where. */
  readonly leaks: readonly string[]
  /** Commands that the runner carried out and that are not the action's own. */
  readonly executed: readonly Command[]
  /** What should be as it was and is not: the checkout, the runner's files, the machine. */
  readonly changed: readonly string[]
  /** Who connected from inside. */
  readonly heard: readonly string[]
}

/** The action's own: it groups, masks and annotates. */
const OWN = new Set(['group', 'endgroup', 'notice', 'warning', 'error', 'debug', 'add-mask'])

/** The runner gives a step real pipes, which whoever may can open once more. */
const PIPED = ['bash', '-c', 'set -o pipefail; "$@" 2>&1 | cat', 'bash']

/** One run of the committed action on a machine full of secrets. */
export async function hostileRun(run: HostileRun): Promise<Aftermath> {
  await using machine = await hostileMachine()
  await using scenario = await openPullRequest({
    base: run.base ?? project,
    head: run.head(machine),
  })
  const { github, origin, pullRequest } = scenario
  const event = pullRequestEvent(pullRequest, { fork: run.fork ?? false })
  const workspace = join(machine.folder, 'workspace')
  await rename(await origin.checkout({ ref: event.ref }), workspace)
  // Other checkouts of the job, which have their credentials too.
  await writeFiles(workspace, machine.checkouts)
  const before = await snapshot(workspace)
  const inputs = { project: projectFolder, python: sqlmeshPython, ...run.inputs }
  const env = { ...machine.env, ...run.env }
  const prepared = await prepareAction({ event, workspace, github, inputs, env }, machine.folder)
  const node = [process.execPath, prepared.script]
  const [program = '', ...args] = [...PIPED, ...(run.prefix ?? []), ...node]
  const result = await runProgram(program, args, {
    cwd: workspace,
    env: prepared.env,
    timeout: 100_000,
  })
  await pause(run.afterwards ?? 0)
  const read = (variable: string) =>
    readFile(commandFileNames(machine.folder)[variable] ?? '', 'utf8')
  const outputs = parseOutputs(await read('GITHUB_OUTPUT'))
  const json = outputs['report'] ? await readFile(outputs['report'], 'utf8') : 'null'
  const html = outputs['report-html'] ? await readFile(outputs['report-html'], 'utf8') : ''
  const log = `${result.stdout}\n${result.stderr}`
  const secrets = [
    ...[...machine.canaries, checkoutCredential, runtimeToken],
    ...Object.values(github.tokens),
  ]
  const visible = {
    log: log.replaceAll(/::add-mask::.*/g, ''),
    summary: await read('GITHUB_STEP_SUMMARY'),
    outputs: JSON.stringify(outputs),
    report: json,
    page: html,
    comments: JSON.stringify(github.comments),
  }
  return {
    exitCode: result.exitCode,
    outputs,
    report: JSON.parse(json),
    log,
    summary: visible.summary,
    folder: machine.folder,
    leaks: Object.entries(visible).flatMap(([where, text]) =>
      secrets.filter((secret) => text.includes(secret)).map((secret) => `${where}: ${secret}`),
    ),
    executed: commandsIn(log).filter(({ name, data }) => !OWN.has(name) || /^HOSTILE/.test(data)),
    changed: [
      ...differences(before, await snapshot(workspace)),
      ...(await runnerFilesChanged(read, visible.summary, outputs)),
      ...((await readFile(machine.late, 'utf8')) === '' ? [] : ['written after the end']),
    ],
    heard: machine.heard,
  }
}

function differences(before: Snapshot, after: Snapshot): string[] {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...paths].filter((path) => before[path] !== after[path]).map((path) => `checkout/${path}`)
}

async function runnerFilesChanged(
  read: (variable: string) => Promise<string>,
  summary: string,
  outputs: Readonly<Record<string, string>>,
): Promise<string[]> {
  const untouched = ['GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STATE']
  const texts = await Promise.all(untouched.map(read))
  return [
    ...untouched.filter((_, index) => texts[index] !== ''),
    ...(summary.includes('HOSTILE=') ? ['GITHUB_STEP_SUMMARY'] : []),
    ...('HOSTILE' in outputs ? ['GITHUB_OUTPUT'] : []),
  ]
}
