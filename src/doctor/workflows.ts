import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { toFailure } from '../failure.ts'
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

/** Text alone, without YAML's fine print: enough to find what was forgotten. */
export function problemsOf(name: string, text: string): Finding[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/(^|\s)#.*$/, ''))
  const has = (pattern: RegExp) => lines.some((line) => pattern.test(line))
  const reports = !has(/^\s*mode:\s*['"]?compute\b/) || has(/^\s*mode:\s*['"]?(report|check)\b/)
  const writes = has(/\bpull-requests:\s*write\b/) || has(/^\s*permissions:\s*write-all\b/)
  const privileged = has(/\bpull_request_target\b/) && !has(/^\s*mode:\s*['"]?report\b/)
  return [
    ...(reports && !writes
      ? [
          problem(
            'workflow',
            `${name} does not grant \`pull-requests: write\`, so that there is no comment.`,
            'Add it to the job’s `permissions`, next to `contents: read`.',
          ),
        ]
      : []),
    ...(privileged
      ? [
          problem(
            'workflow',
            `${name} starts on pull_request_target, which is refused: a project load runs the pull request’s Python.`,
            'Use `pull_request`.',
          ),
        ]
      : []),
    ...(has(/^\s*(paths|paths-ignore):/)
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

/** @throws Failure of a file that is there and cannot be read: what it grants is unknown */
async function workflowsIn(root: string, folder: string): Promise<readonly Workflow[]> {
  if (!existsSync(path.join(root, folder))) return []
  const names = (await readdir(path.join(root, folder))).filter((name) => /\.ya?ml$/.test(name))
  const files = names.sort().map((name) => `${folder}/${name}`)
  const read = files.map(async (name) => ({ name, text: await readText(root, name) }))
  // A link that leads nowhere is no workflow for GitHub either.
  return (await Promise.all(read)).filter((file): file is Workflow => file.text !== null)
}
