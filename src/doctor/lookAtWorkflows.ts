import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { at, isTable, type Table, yamlTable } from '../interpreter/formats/parseDocuments.ts'
import { toFailure } from '../platform/failure.ts'
import { type Finding, failed, note, ok, problem } from './finding.ts'
import { readText } from './readText.ts'

type Workflow = { readonly name: string; readonly text: string }

const FOLDERS = ['.github/workflows', '.gitea/workflows', '.forgejo/workflows']

/** What the workflows that use this action grant it and when they start, as far as their text tells. */
export async function examineWorkflows(root: string): Promise<Finding[]> {
  let files: readonly Workflow[]
  try {
    files = (await Promise.all(FOLDERS.map((folder) => workflowsIn(root, folder)))).flat()
  } catch (thrown) {
    return [failed('workflow', toFailure(thrown))]
  }
  const using = files.filter(({ text }) => /^\s*-?\s*uses:\s*\S*\bunsynced@/im.test(text))
  if (using.length === 0) {
    const fix = 'README.md has one to paste.'
    return [note('workflow', 'No workflow of this repository uses the action yet.', fix)]
  }
  return using.flatMap(({ name, text }) => {
    const found = problemsOf(name, text)
    return found.length > 0 ? found : [ok('workflow', `${name} uses the action.`)]
  })
}

/** What is wrong with a workflow that uses the action. */
export function problemsOf(name: string, text: string): Finding[] {
  let workflow: Table
  try {
    workflow = yamlTable(text)
  } catch (thrown) {
    const found = `${name} is no YAML that can be read: ${(thrown as Error).message}`
    return [problem('workflow', found, 'Mend it; GitHub does not start it either.')]
  }
  const jobs = jobsIn(workflow)
  const silent = jobs.filter(
    ({ modes, writes }) => !writes && modes.some((mode) => mode !== 'compute'),
  )
  const loads = jobs.some(({ modes }) => modes.some((mode) => mode !== 'report'))
  return [
    ...(silent.length > 0
      ? [
          problem(
            'workflow',
            `${name} does not grant \`pull-requests: write\`, so that there is no comment.`,
            'Add it to the job’s `permissions`, next to `contents: read`.',
          ),
        ]
      : []),
    ...(loads && eventsOf(workflow).has('pull_request_target')
      ? [
          problem(
            'workflow',
            `${name} starts on pull_request_target, which is refused: a project load runs the pull request’s Python.`,
            'Use `pull_request`.',
          ),
        ]
      : []),
    ...(isFiltered(workflow)
      ? [
          note(
            'workflow',
            `${name} has a \`paths:\` filter: where it does not start, a required check never ends.`,
            'Leave the filter out; where nothing changed, the action is done in a moment.',
          ),
        ]
      : []),
  ]
}

/** A job that uses the action: in which modes, and whether it may comment. */
type Job = { readonly modes: readonly unknown[]; readonly writes: boolean }

function jobsIn(workflow: Table): Job[] {
  const jobs = Object.values(tableAt(workflow, 'jobs'))
  return jobs.flatMap((job) => {
    const listed = at(job, 'steps')
    const steps = (Array.isArray(listed) ? listed : []).filter(usesAction)
    if (steps.length === 0) return []
    // A job's own permissions stand for the workflow's: nothing is added to them.
    const granted = at(job, 'permissions') ?? workflow['permissions']
    const writes = granted === 'write-all' || at(granted, 'pull-requests') === 'write'
    return [{ modes: steps.map((step) => at(step, 'with', 'mode') ?? 'check'), writes }]
  })
}

function usesAction(step: unknown): boolean {
  const uses = at(step, 'uses')
  return typeof uses === 'string' && /(^|\/)unsynced@/i.test(uses)
}

/** `on: NAME`, `on: [NAME, …]` or a table. */
function eventsOf(workflow: Table): ReadonlySet<unknown> {
  const on = workflow['on']
  return new Set(Array.isArray(on) ? on : isTable(on) ? Object.keys(on) : [on])
}

function isFiltered(workflow: Table): boolean {
  return Object.values(tableAt(workflow, 'on')).some((event) =>
    ['paths', 'paths-ignore'].some((key) => at(event, key) !== undefined),
  )
}

function tableAt(workflow: Table, key: string): Table {
  const found = workflow[key]
  return isTable(found) ? found : {}
}

/** @throws Failure of a file that is there and cannot be read: what it grants is unknown */
async function workflowsIn(root: string, folder: string): Promise<readonly Workflow[]> {
  if (!existsSync(path.join(root, folder))) return []
  const names = (await readdir(path.join(root, folder))).filter((name) => /\.ya?ml$/.test(name))
  const files = names.sort().map((name) => `${folder}/${name}`)
  const read = files.map(async (name) => ({ name, text: await readText(root, name) }))
  // A link that leads nowhere is no workflow for GitHub either.
  return (await Promise.all(read)).filter((file): file is Workflow => file.text !== null)
}
