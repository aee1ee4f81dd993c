import { parse } from 'yaml'
import { actionFile } from '../helpers/actionFile.ts'

export type Step = {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}
export type Job = {
  readonly if?: string
  readonly permissions?: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
}
export type Workflow = {
  readonly on: Readonly<Record<string, object | null>>
  readonly permissions?: unknown
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': boolean }
  readonly jobs: Readonly<Record<string, Job>>
}

/** This action in workflows to paste; the reader puts the owner's name in. */
export const OWN_ACTION = 'OWNER/unsynced'

const PINNED = /^\s*(- )?uses: [\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/

/**
 * What is wrong with a workflow of this repository or one that it offers.
 *
 * @returns sentences; none where everything is right
 */
export function workflowProblems(text: string): string[] {
  const workflow = parse(text) as Workflow
  return [
    ...(isEmpty(workflow.permissions) ? [] : ['the workflow itself has permissions']),
    ...(workflow.concurrency?.['cancel-in-progress'] === !releases(workflow)
      ? []
      : ['a new run does not cancel the old, or a release is left half done']),
    ...('pull_request_target' in workflow.on ? ['it starts on pull_request_target'] : []),
    ...(Object.values(workflow.on).some(isFiltered) ? ['it has a paths filter'] : []),
    ...unpinned(text),
    ...jobsOf(workflow).flatMap(([name, job]) =>
      jobProblems(job).map((problem) => `${name}: ${problem}`),
    ),
    ...(text.match(/persist-credentials: false/g)?.length === uses(text, 'actions/checkout')
      ? []
      : ['a checkout keeps its credentials']),
    ...(text.match(/fetch-depth: \d+ # \S/g)?.length === uses(text, 'actions/checkout')
      ? []
      : ['a checkout does not tell why it fetches what it fetches']),
  ]
}

/** What is wrong with a workflow that is to be pasted. @param version of the action that it uses */
export function exampleProblems(text: string, version: string): string[] {
  const workflow = parse(text) as Workflow
  const perPull = workflow.concurrency?.group.includes('github.event.pull_request.number')
  return [
    ...workflowProblems(text),
    ...('pull_request' in workflow.on && !perPull ? ['pull requests share one run'] : []),
    ...(text.includes(`${OWN_ACTION}@v${version}`) ? [] : [`it does not use v${version}`]),
    ...[...text.matchAll(/steps\.unsynced\.outputs\.([\w-]+)/g)]
      .filter(([, output]) => !((output as string) in actionFile.outputs))
      .map(([found]) => `there is no ${found}`),
    ...jobsOf(workflow).flatMap(([name, job]) =>
      exampleJobProblems(job, workflow).map((problem) => `${name}: ${problem}`),
    ),
  ]
}

const jobsOf = ({ jobs }: Workflow) => Object.entries(jobs)

const isEmpty = (permissions: unknown) => JSON.stringify(permissions) === '{}'

const isFiltered = (trigger: object | null) =>
  trigger !== null && ('paths' in trigger || 'paths-ignore' in trigger)

/** Every action but this one is named by a commit, and its version is told in a comment. */
function unpinned(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => /^\s*(- )?uses:/.test(line))
    .filter((line) => !line.includes(`${OWN_ACTION}@v`) && !PINNED.test(line))
    .map((line) => `not pinned: ${line.trim()}`)
}

/** Tags are pushed to release something. */
const releases = ({ on }: Workflow) => on['push'] != null && 'tags' in on['push']

const uses = (text: string, action: string) =>
  text.match(new RegExp(`uses: ${action}@`, 'g'))?.length

function jobProblems(job: Job): string[] {
  return [
    ...(job.permissions === undefined || isEmpty(job.permissions) ? ['it has no permissions'] : []),
    // An expression is pasted into the script before the shell reads it, whoever wrote its value.
    ...(job.steps.some(({ run }) => run?.includes('${{')) ? ['a script has an expression'] : []),
  ]
}

/** Where a workflow starts with the base repository's rights, or a job has a secret, no code runs. */
function exampleJobProblems(job: Job, { on }: Workflow): string[] {
  const own = job.steps.find(({ uses }) => uses?.startsWith(`${OWN_ACTION}@`))
  const mode = own?.with?.['mode'] ?? 'check'
  const privileged = 'workflow_run' in on
  const trusted = privileged || JSON.stringify(job).includes('secrets.')
  const runs = job.steps.some((step) => step.run || step.uses?.startsWith('actions/checkout@'))
  return [
    ...(own === undefined ? ['it does not use the action'] : []),
    // Its inputs do not say what the reports are about, so that all such jobs would have one comment.
    ...(mode === 'report' && own?.with?.['comment-key'] === undefined
      ? ['another job that reports would write its comment']
      : []),
    ...Object.keys(own?.with ?? {})
      .filter((input) => !(input in actionFile.inputs))
      .map((input) => `there is no input ${input}`),
    ...(trusted && (runs || mode !== 'report') ? ['it runs code next to a secret'] : []),
    // A skipped job counts as a passed check. What workflow_run starts is on no pull request.
    ...(job.if === undefined || job.if === 'always()' || privileged ? [] : ['it can be skipped']),
    ...Object.entries(job.permissions ?? {})
      .map(([scope, access]) => `${scope}: ${access}`)
      .filter((permission) => !allowed(String(mode), privileged, on).includes(permission))
      .map((permission) => `it does not need ${permission}`),
  ]
}

/** What a job may do at most. */
function allowed(mode: string, privileged: boolean, on: Workflow['on']): string[] {
  const comments = mode !== 'compute' && ('pull_request' in on || privileged)
  return [
    'contents: read',
    ...(comments ? ['pull-requests: write'] : []),
    ...(privileged ? ['actions: read'] : []),
  ]
}
