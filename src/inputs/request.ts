import { z } from 'zod'
import type { DagsterServer } from '../dagster/live/dagsterServer.ts'
import { Failure } from '../platform/failure.ts'
import { type CommentKey, commentKeyOf } from './commentKey.ts'
import { INPUTS, type InputName, type InputValues, type RawInputs } from './inputs.ts'
import { lines } from './inputValues.ts'

/** One check to make, whichever entry it came in by. */
export type Request = Omit<InputValues, 'dagsterUrl' | 'dagsterToken' | 'commentKey'> & {
  /** null = no running Dagster is asked. */
  readonly dagster: DagsterServer | null
  readonly commentKey: CommentKey
}

const NAMES = Object.keys(INPUTS) as readonly InputName[]

/** One schema of all inputs, by name. */
const inputs = z.strictObject(
  Object.fromEntries(NAMES.map((name) => [name, INPUTS[name].schema])) as {
    [Name in InputName]: (typeof INPUTS)[Name]['schema']
  },
)

/**
 * Raw inputs as a Request. An absent or blank one takes its default; nothing else is replaced.
 *
 * @throws Failure `config` that names every wrong input, its value and what is allowed
 */
export function parseInputs(raw: RawInputs): Request {
  const given = NAMES.map((name) => [name, raw[name]?.trim() ? raw[name] : INPUTS[name].default])
  const unknown = Object.entries(raw).filter(([name]) => !(name in INPUTS))
  const parsed = inputs.safeParse(Object.fromEntries([...given, ...unknown]))
  if (!parsed.success) throw wrongInputs(parsed.error, raw)
  const byField = NAMES.map((name) => [INPUTS[name].field, parsed.data[name]])
  const values = Object.fromEntries(byField) as InputValues
  const { dagsterUrl, dagsterToken, commentKey, ...rest } = values
  refuseContradictions(values)
  return {
    ...rest,
    integration: values.assetKey === null ? values.integration : 'custom',
    dagster: dagsterUrl === null ? null : { url: dagsterUrl, token: dagsterToken },
    commentKey: commentKeyOf(commentKey, {
      project: unlessDefault('project', values.projects.join('\n')),
      gateway: unlessDefault('gateway', raw.gateway),
      definitions: unlessDefault('definitions', raw.definitions),
      integration: unlessDefault('integration', raw.integration),
    }),
  }
}

/** Inputs that say where to tell something, and whether. */
const TELLING = [
  ...(['project', 'gateway', 'definitions', 'integration', 'asset-key'] as const),
  ...(['comment', 'comment-key', 'accept-label', 'pull-request', 'mode', 'reports'] as const),
]

/**
 * What it takes to say that other inputs are wrong where the job's comment says what an earlier push did;
 * null if these are wrong themselves.
 */
export function inputsForTelling(raw: RawInputs): Request | null {
  try {
    return parseInputs(Object.fromEntries(TELLING.map((name) => [name, raw[name] ?? ''])))
  } catch {
    // What is wrong with them is in the error about all of them.
    return null
  }
}

/** What the workflow says, without blanks around its lines; '' where it says what it need not. */
function unlessDefault(name: InputName, text = ''): string {
  const written = lines.parse(text).join('\n')
  return written === INPUTS[name].default ? '' : written
}

/** @throws Failure `config` for inputs of which each is right, and not all of them together */
function refuseContradictions({ integration, assetKey, mode, reports }: InputValues): void {
  const refuse = (message: string, hint: string) => {
    throw new Failure('config', message, { hint })
  }
  if (integration === 'custom' && assetKey === null) {
    const hint = 'Set `asset-key` to a template such as {catalog}/{schema}/{name}.'
    refuse('Input `integration` is custom, but `asset-key` is not given.', hint)
  }
  if (assetKey !== null && integration !== 'custom' && integration !== 'auto') {
    const hint = 'Leave one of the two out: a template always means integration custom.'
    refuse(`Input \`asset-key\` contradicts \`integration: ${integration}\`.`, hint)
  }
  if (mode === 'report' && reports.length === 0) {
    const hint = 'Name the JSON reports of the earlier jobs in `reports`, one path per line.'
    refuse('Input `mode` is report, but `reports` names no file.', hint)
  }
  if (mode !== 'report' && reports.length > 0) {
    const hint = 'Leave it out, or set `mode` to report.'
    refuse(`Input \`reports\` has no meaning with \`mode: ${mode}\`.`, hint)
  }
}

function wrongInputs(error: z.ZodError, raw: RawInputs): Failure {
  const messages = error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') return `There is no input ${issue.keys.join(', ')}.`
    const name = String(issue.path[0])
    const value = raw[name as InputName] ?? ''
    // An address may hold a password.
    const shown = name.startsWith('dagster-') ? '' : ` (given: ${JSON.stringify(value.trim())})`
    return `Input \`${name}\` ${issue.message}${shown}.`
  })
  return new Failure('config', [...new Set(messages)].join('\n'), {
    hint: 'Correct the input where the action or the command is called.',
  })
}
