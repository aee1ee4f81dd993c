/** What single inputs may hold, and what they become. Each schema takes the input's text. */
import { z } from 'zod'
import type { DefinitionsTarget } from '../dagster/definitions.ts'
import { FAIL_ON } from '../report/policy.ts'

export const COMMENT_MODES = ['changes', 'always', 'never'] as const

/** `compute` asks GitHub nothing; `report` runs no project code. */
export const MODES = ['check', 'compute', 'report'] as const

/**
 * Variables that would give a project the runner's own, or steer the programs around it instead of being
 * read by it. LD_LIBRARY_PATH every load has. PYTHONPATH is a project's to need; where it leads to the
 * checkout, a load is led to its commit.
 */
const REFUSED_VARIABLE =
  /^(GITHUB_|ACTIONS_|INPUT_|RUNNER_|STATE_|LD_(?!LIBRARY_PATH$)|DYLD_|GIT_|(NODE_OPTIONS|BASH_ENV|ENV|SHELLOPTS|BASHOPTS|PYTHONHOME)$)/

export const lines = z.string().transform((text) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== ''),
)

export const optional = z.string().transform((text) => (text.trim() === '' ? null : text.trim()))

export const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z
    .string()
    .trim()
    .pipe(z.enum(values, { error: `must be one of ${values.join(', ')}` }))

/** A folder relative to the repository root, forward slashes, `.` for the root itself. */
const project = z.string().transform((path, context) => {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.')
  if (path.startsWith('/') || path.includes('\\') || segments.includes('..')) {
    const message = `${path} must be a folder inside the repository, relative to its root, with forward slashes`
    context.addIssue({ code: 'custom', message })
  }
  return segments.join('/') || '.'
})

export const projects = lines.pipe(
  z
    .array(project)
    .min(1, 'names no folder')
    .refine((paths) => new Set(paths).size === paths.length, 'names a folder twice'),
)

export const variableNames = lines.pipe(
  z.array(
    z
      .string()
      .regex(
        /^[A-Za-z_][A-Za-z0-9_]*$/,
        'takes names of environment variables, one per line, without values',
      )
      .refine((name) => !REFUSED_VARIABLE.test(name), {
        error: (issue) =>
          `${issue.input} is not passed on: it belongs to the runner or steers programs`,
      }),
  ),
)

export const assetKey = optional.refine(
  (template) => template === null || isTemplate(template),
  'must be segments joined by /, made of text and {catalog}, {schema}, {name}, with at least {name}',
)

export const definitions = optional.transform((text, context): DefinitionsTarget | null => {
  if (text === null) return null
  const target = parseTarget(text)
  if (target !== null) return target
  context.addIssue({
    code: 'custom',
    message:
      'must be a Python module such as pkg.definitions, or a .py file relative to the repository root, optionally followed by :attribute',
  })
  return z.NEVER
})

/** The path is part of links in markdown, so it has nothing that needs an escape there. */
export const dagsterUrl = optional.transform((text, context): string | null => {
  if (text === null) return null
  const url = URL.canParse(text) ? new URL(text) : null
  const path = url?.pathname.replace(/\/+$/, '').replace(/\/graphql$/, '') ?? ''
  const plain =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    [url.username, url.password, url.search, url.hash].every((part) => part === '') &&
    /^[\w./~%-]*$/.test(path)
  if (plain) return `${url.origin}${path}`
  const message =
    'must be the http or https address of a running Dagster, such as https://acme.dagster.cloud/prod, without a user name, a query or a fragment'
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

export const dagsterToken = optional.refine(
  (token) => token === null || /^[\x21-\x7e]{1,4096}$/.test(token),
  'has characters that no token has, such as a line break',
)

export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(least, `must be at least ${least}`).max(most, `must be at most ${most}`))

/** Empty = nothing but an error turns the check red. */
export const failOn = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((word) => word !== ''))
  .pipe(
    z
      .array(z.enum(FAIL_ON, { error: `takes one or more of ${FAIL_ON.join(', ')}` }))
      .min(1, 'is empty'),
  )
  .refine((rules) => rules.length === 1 || !rules.includes('none'), 'has none next to other values')
  .transform((rules) => rules.filter((rule) => rule !== 'none'))

function parseTarget(text: string): DefinitionsTarget | null {
  const [place = '', attribute = null, ...rest] = text.split(':').map((part) => part.trim())
  const name = /^[\p{L}_][\p{L}\p{N}_]*$/u
  if (rest.length > 0 || (attribute !== null && !name.test(attribute))) return null
  if (place.split('.').every((part) => name.test(part)) && !/[.]py$/.test(place)) {
    return { file: null, module: place, attribute }
  }
  const segments = place.split('/').filter((segment) => segment !== '' && segment !== '.')
  const outside = place.startsWith('/') || place.includes('\\') || segments.includes('..')
  if (outside || !/[^/][.]py$/.test(place)) return null
  return { file: segments.join('/'), module: null, attribute }
}

function isTemplate(template: string): boolean {
  const segments = template.split('/')
  const rest = segments.map((segment) => segment.replaceAll(/\{(catalog|schema|name)\}/g, ''))
  return (
    template.includes('{name}') &&
    segments.every((segment) => segment !== '') &&
    rest.every((segment) => !/[{}]/.test(segment))
  )
}
