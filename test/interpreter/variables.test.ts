import { expect, test } from 'vitest'
import { installEnvironment, keptBack, passedOn } from '../../src/interpreter/variables.ts'

const place = {
  own: '/private/own',
  other: '/private/other',
  venv: '/private/own/venv',
  tmp: '/private/own/tmp',
  home: '/private/home',
  cache: '/private/cache',
}

const runner = {
  PATH: '/usr/bin',
  HOME: '/home/runner',
  VIRTUAL_ENV: '/home/runner/venv',
  LD_LIBRARY_PATH: '/tools/python/lib',
  GITHUB_TOKEN: 'canary',
  ACTIONS_RUNTIME_TOKEN: 'canary',
  AWS_SECRET_ACCESS_KEY: 'canary',
  DATABASE_URL: 'postgres://user:canary@db/x',
  https_proxy: 'http://proxy:3128',
  SSL_CERT_FILE: '/etc/ca.pem',
  PIP_INDEX_URL: 'https://index.example/simple',
  PIP_EXTRA_INDEX_URL: 'https://user:canary@index.example/simple',
  UV_INDEX_PRIVATE_PASSWORD: 'canary',
  POETRY_HTTP_BASIC_PRIVATE_USERNAME: 'canary',
  UV_PYTHON: '3.12',
  UV_SYSTEM_PYTHON: '1',
  UV_CACHE_DIR: '/home/runner/.cache/uv',
  PIP_TARGET: '/home/runner/lib',
  UV_TOOL_DIR: '/home/runner/tools',
  POETRY_VIRTUALENVS_CREATE: 'false',
}

test('an installation reaches its index, and none of the runner’s secrets or folders', () => {
  const environment = installEnvironment(runner, [], place)
  expect(JSON.stringify(environment)).not.toMatch(/canary|home\/runner/)
  expect(environment).toMatchObject({
    PATH: '/private/own/venv/bin:/usr/bin',
    VIRTUAL_ENV: '/private/own/venv',
    UV_PROJECT_ENVIRONMENT: '/private/own/venv',
    LD_LIBRARY_PATH: '/tools/python/lib',
    HOME: '/private/home',
    UV_CACHE_DIR: '/private/cache/uv',
    PIP_COMPILE: '0',
    https_proxy: 'http://proxy:3128',
    SSL_CERT_FILE: '/etc/ca.pem',
    PIP_INDEX_URL: 'https://index.example/simple',
    UV_PYTHON: '3.12',
  })
  for (const name of ['UV_SYSTEM_PYTHON', 'PIP_TARGET', 'POETRY_VIRTUALENVS_CREATE']) {
    expect(environment[name]).toBeUndefined()
  }
})

test('search paths lead nowhere from the folder that a program is in', () => {
  const inherited = { PATH: 'bin:/usr/bin::.', LD_LIBRARY_PATH: '/tools/lib:', LANG: 'C' }
  expect(passedOn(inherited)).toEqual({
    PATH: '/usr/bin',
    LD_LIBRARY_PATH: '/tools/lib',
    LANG: 'C',
  })
})

test('a named variable is passed on, also a cache, but never as home or environment', () => {
  const names = ['UV_CACHE_DIR', 'PIP_EXTRA_INDEX_URL', 'HOME', 'VIRTUAL_ENV']
  expect(installEnvironment(runner, names, place)).toMatchObject({
    UV_CACHE_DIR: '/home/runner/.cache/uv',
    PIP_EXTRA_INDEX_URL: runner.PIP_EXTRA_INDEX_URL,
    HOME: '/private/home',
    VIRTUAL_ENV: '/private/own/venv',
  })
})

test('what was kept back because of credentials can be named in a hint', () => {
  expect(keptBack(runner, ['UV_INDEX_PRIVATE_PASSWORD'])).toEqual([
    'PIP_EXTRA_INDEX_URL',
    'POETRY_HTTP_BASIC_PRIVATE_USERNAME',
  ])
})
