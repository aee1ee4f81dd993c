import { readFileSync } from 'node:fs'
import { appendFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as core from '@actions/core'
import { INPUTS, type InputName } from '../inputs/inputs.ts'
import { Failure } from '../platform/failure.ts'
import type { Event } from './event.ts'

/** What the runner tells every action about itself. */
export type Runner = {
  readonly workspace: string
  readonly temporary: string
  readonly apiUrl: string
  readonly serverUrl: string
  readonly repository: { readonly owner: string; readonly name: string }
  readonly run: { readonly id: number; readonly attempt: number }
}

/**
 * Reads the runner's variables.
 *
 * @throws Failure `config` that names a missing one
 */
export function readRunner(environment: NodeJS.ProcessEnv): Runner {
  const required = (name: string) => {
    const value = environment[name]
    if (value) return value
    throw new Failure('config', `The environment variable ${name} is not set.`, {
      hint: 'The action runs in a GitHub Actions workflow; in a terminal, run dist/cli.js.',
    })
  }
  const [owner, name] = required('GITHUB_REPOSITORY').split('/')
  return {
    workspace: required('GITHUB_WORKSPACE'),
    temporary: environment['RUNNER_TEMP'] || tmpdir(),
    apiUrl: environment['GITHUB_API_URL'] || 'https://api.github.com',
    serverUrl: environment['GITHUB_SERVER_URL'] || 'https://github.com',
    repository: { owner: owner ?? '', name: name ?? '' },
    run: {
      id: Number(environment['GITHUB_RUN_ID'] ?? 0),
      attempt: Number(environment['GITHUB_RUN_ATTEMPT'] ?? 1),
    },
  }
}

/**
 * Reads the event that started the workflow.
 *
 * @throws Failure `config` when the runner gives none, or its file is not JSON
 */
export function readEvent(environment: NodeJS.ProcessEnv): Event {
  const name = environment['GITHUB_EVENT_NAME'] ?? ''
  const file = environment['GITHUB_EVENT_PATH'] ?? ''
  let payload: unknown
  try {
    payload = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    const message = `The event's payload (GITHUB_EVENT_PATH) cannot be read: ${(cause as Error).message}`
    throw new Failure('config', message, { hint: 'Run the action in a workflow.', cause })
  }
  return {
    name,
    payload,
    sha: environment['GITHUB_SHA'] ?? '',
    ref: environment['GITHUB_REF'] ?? '',
  }
}

/** Raw inputs as the workflow gives them; an input that is not set is "". */
export function readInputs(): Record<InputName, string> {
  const names = Object.keys(INPUTS) as InputName[]
  return Object.fromEntries(names.map((name) => [name, core.getInput(name)])) as Record<
    InputName,
    string
  >
}

/** Appends to the job summary; says so in the log when the runner has none. */
export async function writeSummary(markdown: string): Promise<void> {
  const file = process.env['GITHUB_STEP_SUMMARY']
  try {
    if (!file) throw new Error('GITHUB_STEP_SUMMARY is not set')
    await appendFile(file, `${markdown}\n`)
  } catch (error) {
    core.warning(`The job summary could not be written: ${(error as Error).message}`)
  }
}

/**
 * Sets outputs of the step. Without a place to put them the log says so: the toolkit would print a
 * command instead that the runner no longer takes.
 */
export function setOutputs(outputs: Readonly<Record<string, string | number>>): void {
  try {
    if (!process.env['GITHUB_OUTPUT']) throw new Error('GITHUB_OUTPUT is not set')
    for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value)
  } catch (error) {
    const names = Object.keys(outputs).join(', ')
    core.warning(`The outputs ${names} could not be set: ${(error as Error).message}`)
  }
}

/** More steps of one job than anybody writes. */
const MOST_REPORTS = 1000

/**
 * Writes a report where later steps can read it, and gives its path. One that is there already is
 * another step's, or a link that loaded code has made.
 */
export async function writeReport(
  folder: string,
  name: string,
  ending: string,
  text: string,
): Promise<string> {
  for (let number = 1; ; number++) {
    const file = path.join(folder, `unsynced-${name}${number === 1 ? '' : `-${number}`}${ending}`)
    try {
      await writeFile(file, text, { flag: 'wx' })
      return file
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EEXIST'
      if (!taken || number === MOST_REPORTS) throw error
    }
  }
}
