import { describe, expect, test } from 'vitest'
import { usage } from '../../src/inputs/commandLine.ts'
import { INPUTS } from '../../src/inputs/inputs.ts'
import { parseInputs } from '../../src/inputs/request.ts'
import { Failure } from '../../src/platform/failure.ts'
import { actionFile } from '../helpers/actionFile.ts'

/** The message that the inputs are refused with. */
function refusal(raw: Parameters<typeof parseInputs>[0]): string {
  try {
    parseInputs(raw)
  } catch (error) {
    if (error instanceof Failure && error.code === 'config') return error.message
    throw error
  }
  throw new Error('The inputs were accepted.')
}

test('action.yml has these inputs, with their defaults and texts, and the token', () => {
  const { 'github-token': _, ...inputs } = actionFile.inputs
  const rows = Object.entries(INPUTS).map(([name, { default: value, text }]) => {
    return [name, { description: text, default: value }]
  })
  expect(inputs).toEqual(Object.fromEntries(rows))
})

test('--help has every input that means something in a terminal', () => {
  const options = [...usage().matchAll(/^ {2}--([\w-]+)$/gm)].map(([, name]) => name)
  const { mode: _, reports: __, ...inputs } = INPUTS
  expect(options).toEqual(['help', ...Object.keys(inputs)])
})

test('nothing given is every default', () => {
  expect(parseInputs({})).toEqual({
    projects: ['.'],
    gateway: null,
    python: null,
    install: null,
    env: [],
    integration: 'auto',
    assetKey: null,
    definitions: null,
    dataVersion: 'auto',
    dagster: null,
    failOn: [],
    acceptLabel: 'unsynced-ok',
    comment: 'changes',
    commentKey: { text: '?', from: 'project' },
    base: null,
    head: null,
    pullRequest: null,
    timeoutSeconds: 600,
    isolation: 'auto',
    mode: 'check',
    reports: [],
  })
})

test('blank inputs count as not given', () => {
  expect(parseInputs({ timeout: ' ', project: '\n' })).toEqual(parseInputs({}))
})

test('several projects, one per line, in plain form', () => {
  const request = parseInputs({ project: ' ./a/b/ \n\nc\n' })
  expect(request.projects).toEqual(['a/b', 'c'])
})

test('a template sets the integration', () => {
  const request = parseInputs({ 'asset-key': 'x/{schema}/{name}' })
  expect(request).toMatchObject({ integration: 'custom', assetKey: 'x/{schema}/{name}' })
})

test('fail-on takes words by line, comma or blank', () => {
  const request = parseInputs({ 'fail-on': 'incremental, formatting\nremoved' })
  expect(request.failOn).toEqual(['incremental', 'formatting', 'removed'])
})

test.each([
  ...['GITHUB_TOKEN', 'ACTIONS_RUNTIME_TOKEN', 'INPUT_X', 'RUNNER_TEMP', 'STATE_X', 'LD_PRELOAD'],
  ...['DYLD_INSERT_LIBRARIES', 'GIT_SSH_COMMAND', 'NODE_OPTIONS', 'BASH_ENV', 'ENV', 'SHELLOPTS'],
  ...['BASHOPTS', 'PYTHONHOME'],
])('the variable %s is not for a project to have', (name) => {
  expect(() => parseInputs({ env: `DB_PASSWORD\n${name}` })).toThrow(`${name} is not passed on`)
})

describe('refused, with the value and what is allowed', () => {
  test.each<[Parameters<typeof parseInputs>[0], string]>([
    [{ integration: 'dbt' }, 'Input `integration` must be one of auto, dg-sqlmesh'],
    [{ 'data-version': 'x' }, 'must be one of auto, snapshot, dagster (given: "x")'],
    [{ 'fail-on': 'none, unsynced' }, 'Input `fail-on` has none next to other values'],
    [{ 'fail-on': 'everything' }, 'takes one or more of none, unsynced, incremental'],
    [{ project: '../other' }, '../other must be a folder inside the repository'],
    [{ project: '/abs' }, '/abs must be a folder inside the repository'],
    [{ project: 'a\n./a' }, 'names a folder twice'],
    [{ env: 'A=1' }, 'takes names of environment variables'],
    [{ env: 'GITHUB_TOKEN' }, 'GITHUB_TOKEN is not passed on'],
    [{ 'asset-key': '{schema}' }, 'with at least {name}'],
    [{ 'asset-key': '{name}/{db}' }, 'with at least {name}'],
    [{ integration: 'custom' }, '`asset-key` is not given'],
    [{ integration: 'dg-sqlmesh', 'asset-key': '{name}' }, 'contradicts'],
    [{ mode: 'both' }, 'Input `mode` must be one of check, compute, report (given: "both")'],
    [{ mode: 'report' }, '`reports` names no file'],
    [{ reports: 'a.json' }, '`reports` has no meaning with `mode: check`'],
    [{ 'accept-label': 'x'.repeat(51) }, 'Input `accept-label` is longer than a label can be'],
    [{ timeout: '0' }, 'must be at least 1'],
    [{ timeout: '1.5' }, 'must be a whole number'],
    [{ 'pull-request': 'seven' }, 'Input `pull-request` must be a whole number (given: "seven")'],
  ])('%j', (raw, message) => {
    expect(refusal(raw)).toContain(message)
  })

  test('all of them at once', () => {
    expect(refusal({ comment: 'x', timeout: 'y' }).split('\n')).toHaveLength(2)
  })
})

describe('a running Dagster', () => {
  const server = (url: string, token = '') =>
    parseInputs({ 'dagster-url': url, 'dagster-token': token }).dagster

  test.each([
    ['https://acme.dagster.cloud/prod', 'https://acme.dagster.cloud/prod'],
    ['https://acme.dagster.cloud/prod/graphql', 'https://acme.dagster.cloud/prod'],
    [' http://127.0.0.1:3000/ ', 'http://127.0.0.1:3000'],
    ['HTTPS://Dagster.Example/a%20b//', 'https://dagster.example/a%20b'],
  ])('%s', (given, url) => {
    expect(server(given, ' abc ')).toEqual({ url, token: 'abc' })
  })

  test.each([
    ...['acme.dagster.cloud', 'ftp://a', 'https://', 'https://user:secret@a', 'https://a?b=secret'],
    ...['https://a#b', 'https://a/(b)', 'https://a/|'],
  ])('%s is refused, and not repeated', (url) => {
    const message = refusal({ 'dagster-url': url })
    expect(message).toMatch(/^Input `dagster-url` must be the http or https address/)
    expect(message).not.toContain('secret')
  })

  test('a token that cannot be a header is refused, and not repeated', () => {
    const message = refusal({ 'dagster-url': 'https://a', 'dagster-token': 'sec\nret' })
    expect(message).toMatch(/^Input `dagster-token` has characters that no token has/)
    expect(message).not.toContain('sec')
    expect(server('', 'abc')).toBeNull()
  })
})
