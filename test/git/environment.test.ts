import { expect, test } from 'vitest'
import { readerVariables, repositoryVariables } from '../../src/git/gitEnvironment.ts'

const canaries = [
  ...['TOKEN', 'ENV', 'OUTPUT', 'PATH', 'STATE', 'STEP_SUMMARY', 'EVENT_PATH', 'WORKSPACE'].map(
    (name) => `GITHUB_${name}`,
  ),
  ...['RUNTIME_TOKEN', 'RUNTIME_URL', 'CACHE_URL', 'RESULTS_URL', 'ID_TOKEN_REQUEST_TOKEN'].map(
    (name) => `ACTIONS_${name}`,
  ),
  ...['GITHUB-TOKEN', 'DAGSTER-TOKEN', 'PROJECT', 'ENV'].map((name) => `INPUT_${name}`),
  ...['DIR', 'WORK_TREE', 'INDEX_FILE', 'OBJECT_DIRECTORY', 'ALTERNATE_OBJECT_DIRECTORIES'],
  ...['CONFIG_COUNT', 'CONFIG_KEY_0', 'CONFIG_VALUE_0', 'CONFIG_PARAMETERS', 'CONFIG_GLOBAL'],
  ...[
    'SSH',
    'SSH_COMMAND',
    'ASKPASS',
    'EXTERNAL_DIFF',
    'PAGER',
    'EDITOR',
    'TRACE',
    'PROXY_COMMAND',
  ],
  ...['NODE_OPTIONS', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'BASH_ENV', 'ENV', 'SSH_ASKPASS', 'PAGER'],
  ...['AWS_SECRET_ACCESS_KEY', 'SNOWFLAKE_PASSWORD', 'GH_TOKEN', 'NPM_TOKEN', 'STATE_x'],
].flatMap((name) => [name, `GIT_${name}`])

const inherited = {
  ...Object.fromEntries(canaries.map((name) => [name, 'canary'])),
  PATH: '/usr/bin',
  HOME: '/home/alice',
  SSH_AUTH_SOCK: '/tmp/agent',
  https_proxy: 'http://proxy:3128',
  NO_PROXY: 'localhost',
  SSL_CERT_FILE: '/etc/ca.pem',
}

test.each([
  ['the user’s repository', repositoryVariables(inherited, false)],
  ['the remote', repositoryVariables(inherited, true)],
  [
    'a repository of ours',
    readerVariables(inherited, { repository: '/r', objects: '/o', tree: null }),
  ],
])('git for %s sees none of %#', (_, variables) => {
  expect(Object.values(variables).filter((value) => value.includes('canary'))).toEqual([])
  expect(variables).toMatchObject({ PATH: '/usr/bin', GIT_TERMINAL_PROMPT: '0' })
})

test('only what speaks to the remote gets the agent, the proxies and the authorities', () => {
  expect(repositoryVariables(inherited, true)).toMatchObject({
    SSH_AUTH_SOCK: '/tmp/agent',
    https_proxy: 'http://proxy:3128',
    NO_PROXY: 'localhost',
    SSL_CERT_FILE: '/etc/ca.pem',
  })
  const names = Object.keys(repositoryVariables(inherited, false))
  expect(names.filter((name) => /SOCK|proxy|CERT/i.test(name))).toEqual([])
})
