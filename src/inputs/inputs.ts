import { z } from 'zod'
import { Failure } from '../platform/failure.ts'
import { type CommentKey, commentKeyOf } from './commentKey.ts'
import {
  assetKey,
  type DefinitionsTarget,
  dagsterToken,
  dagsterUrl,
  definitions,
  lines,
  oneOf,
  optional,
  projects,
  variableNames,
  wholeNumber,
} from './inputValues.ts'

/** Every input's default, once. action.yml repeats them for its readers; a test keeps the two equal. */
export const DEFAULTS = {
  project: '.',
  gateway: '',
  python: '',
  install: '',
  env: '',
  integration: 'auto',
  'asset-key': '',
  definitions: '',
  'data-version': 'auto',
  'dagster-url': '',
  'dagster-token': '',
  'fail-on': 'none',
  'accept-label': 'unsynced-ok',
  comment: 'changes',
  'comment-key': '',
  base: '',
  head: '',
  'pull-request': '',
  timeout: '600',
  isolation: 'auto',
  mode: 'check',
  reports: '',
} as const

export type InputName = keyof typeof DEFAULTS

export const INTEGRATIONS = ['auto', 'dg-sqlmesh', 'dagster-sqlmesh', 'custom'] as const
export const DATA_VERSIONS = ['auto', 'snapshot', 'dagster'] as const
export const COMMENT_MODES = ['changes', 'always', 'never'] as const
export const MODES = ['check', 'compute', 'report'] as const
export const ISOLATIONS = ['auto', 'required', 'off'] as const
export const FAIL_ON = [
  'none',
  'unsynced',
  'incremental',
  'formatting',
  'dependencies',
  'removed',
] as const

/** What turns the check red. */
export type FailOn = Exclude<(typeof FAIL_ON)[number], 'none'>

/** A running Dagster, and what it takes to ask it. */
export type DagsterServer = {
  /** Address of its page, with a path where it has one, and without a slash at the end. */
  readonly url: string
  readonly token: string | null
}

/** One check to make, whichever entry it came in by. */
export type Request = {
  /** Project folders relative to the repository root, forward slashes, `.` for the root itself. */
  readonly projects: readonly string[]
  readonly gateway: string | null
  /** A command line that runs Python; null = find one. */
  readonly python: string | null
  /** Shell command that makes the project's environment in a copy of one commit; null = none is made. */
  readonly install: string | null
  /** Names of environment variables the project may read while it loads. */
  readonly env: readonly string[]
  readonly integration: (typeof INTEGRATIONS)[number]
  /** Template such as `{catalog}/{schema}/{name}`; only with integration `custom`. */
  readonly assetKey: string | null
  /** The user's own Dagster definitions; null = assets are derived from the models. */
  readonly definitions: DefinitionsTarget | null
  readonly dataVersion: (typeof DATA_VERSIONS)[number]
  /** null = no running Dagster is asked. */
  readonly dagster: DagsterServer | null
  /** Empty = nothing but an error turns the check red. */
  readonly failOn: readonly FailOn[]
  /** Name of the label that accepts a change set. */
  readonly acceptLabel: string
  readonly comment: (typeof COMMENT_MODES)[number]
  readonly commentKey: CommentKey
  readonly base: string | null
  readonly head: string | null
  readonly pullRequest: number | null
  readonly timeoutSeconds: number
  /** What keeps the loaded code from the runner; `required`: a failure where that is not to be had. */
  readonly isolation: (typeof ISOLATIONS)[number]
  /** `compute` asks GitHub nothing; `report` runs no project code. */
  readonly mode: (typeof MODES)[number]
  /** Files of earlier jobs, as given; empty but in mode `report`. */
  readonly reports: readonly string[]
}

const failOn = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((word) => word !== ''))
  .pipe(
    z
      .array(z.enum(FAIL_ON, { error: `takes one or more of ${FAIL_ON.join(', ')}` }))
      .min(1, 'is empty'),
  )
  .refine((rules) => rules.length === 1 || !rules.includes('none'), 'has none next to other values')
  .transform((rules) => rules.filter((rule) => rule !== 'none'))

const inputs = z.strictObject({
  project: projects,
  gateway: optional,
  python: optional,
  install: optional,
  env: variableNames,
  integration: oneOf(INTEGRATIONS),
  'asset-key': assetKey,
  definitions,
  'data-version': oneOf(DATA_VERSIONS),
  'dagster-url': dagsterUrl,
  'dagster-token': dagsterToken,
  'fail-on': failOn,
  'accept-label': z.string().trim().max(50, 'is longer than a label can be'),
  comment: oneOf(COMMENT_MODES),
  'comment-key': optional,
  base: optional,
  head: optional,
  'pull-request': optional.pipe(wholeNumber(1, 999_999_999).nullable()),
  timeout: z.string().trim().pipe(wholeNumber(1, 21_600)),
  isolation: oneOf(ISOLATIONS),
  mode: oneOf(MODES),
  reports: lines.pipe(z.array(z.string()).max(100, 'names more than 100 files')),
})

/**
 * Raw input strings as a Request. An absent or empty input takes its default; nothing else is
 * replaced.
 *
 * @throws Failure `config` that names every wrong input, its value and what is allowed
 */
export function parseInputs(raw: Readonly<Partial<Record<InputName, string>>>): Request {
  const given = Object.entries(raw).filter(([, value]) => value.trim() !== '')
  const parsed = inputs.safeParse({ ...DEFAULTS, ...Object.fromEntries(given) })
  if (!parsed.success) throw wrongInputs(parsed.error, raw)
  const value = parsed.data
  const template = value['asset-key']
  checkIntegration(value.integration, template)
  checkMode(value.mode, value.reports)
  return {
    projects: value.project,
    gateway: value.gateway,
    python: value.python,
    install: value.install,
    env: value.env,
    integration: template === null ? value.integration : 'custom',
    assetKey: template,
    definitions: value.definitions,
    dataVersion: value['data-version'],
    dagster:
      value['dagster-url'] === null
        ? null
        : { url: value['dagster-url'], token: value['dagster-token'] },
    failOn: value['fail-on'],
    acceptLabel: value['accept-label'],
    comment: value.comment,
    commentKey: commentKeyOf(value['comment-key'], {
      project: unlessDefault('project', value.project.join('\n')),
      gateway: unlessDefault('gateway', raw.gateway),
      definitions: unlessDefault('definitions', raw.definitions),
      integration: unlessDefault('integration', raw.integration),
    }),
    base: value.base,
    head: value.head,
    pullRequest: value['pull-request'],
    timeoutSeconds: value.timeout,
    isolation: value.isolation,
    mode: value.mode,
    reports: value.reports,
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
export function inputsForTelling(
  raw: Readonly<Partial<Record<InputName, string>>>,
): Request | null {
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
  return written === DEFAULTS[name] ? '' : written
}

function checkIntegration(integration: Request['integration'], template: string | null): void {
  if (integration === 'custom' && template === null) {
    throw new Failure('config', 'Input `integration` is custom, but `asset-key` is not given.', {
      hint: 'Set `asset-key` to a template such as {catalog}/{schema}/{name}.',
    })
  }
  if (template !== null && integration !== 'custom' && integration !== 'auto') {
    throw new Failure(
      'config',
      `Input \`asset-key\` contradicts \`integration: ${integration}\`.`,
      {
        hint: 'Leave one of the two out: a template always means integration custom.',
      },
    )
  }
}

function checkMode(mode: Request['mode'], reports: readonly string[]): void {
  if (mode === 'report' && reports.length === 0) {
    throw new Failure('config', 'Input `mode` is report, but `reports` names no file.', {
      hint: 'Name the JSON reports of the earlier jobs in `reports`, one path per line.',
    })
  }
  if (mode !== 'report' && reports.length > 0) {
    throw new Failure('config', `Input \`reports\` has no meaning with \`mode: ${mode}\`.`, {
      hint: 'Leave it out, or set `mode` to report.',
    })
  }
}

function wrongInputs(
  error: z.ZodError,
  raw: Readonly<Partial<Record<InputName, string>>>,
): Failure {
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
