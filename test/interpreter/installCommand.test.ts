import { describe, expect, test } from 'vitest'
import { needsPip, pathsIn, requirementsIn } from '../../src/interpreter/installCommand.ts'
import { suggestInstall } from '../../src/interpreter/suggestInstall.ts'
import { dependencyFile } from '../helpers/dependencyFile.ts'

const file = (path: string, text = 'sqlmesh') => dependencyFile(path, text)

describe('the command to suggest', () => {
  test.each([
    ['uv.lock', 'uv sync --frozen'],
    ['warehouse/uv.lock', 'uv sync --frozen --project warehouse'],
    ['poetry.lock', 'poetry install'],
    ['data/poetry.lock', 'poetry install --directory data'],
    ['pdm.lock', 'pdm sync'],
    ['Pipfile.lock', 'pipenv sync'],
    ['data/Pipfile.lock', 'cd data && pipenv sync'],
    ['requirements.txt', 'pip install -r requirements.txt'],
    ["it's/requirements.txt", "pip install -r 'it'\\''s/requirements.txt'"],
    ['requirements/prod.txt', 'pip install -r requirements/prod.txt'],
    ['pyproject.toml', 'pip install -e .'],
    ['data/setup.py', 'pip install -e ./data'],
    ['constraints.txt', null],
    ['.python-version', null],
  ])('%s', (path, expected) => {
    expect(suggestInstall([file(path)])).toBe(expected)
  })

  test('passes over files without SQLMesh', () => {
    const files = [file('uv.lock', 'dg-sqlmesh sqlmeshy'), file('requirements.txt', 'sqlmesh\n')]
    expect(suggestInstall(files)).toBe('pip install -r requirements.txt')
    expect(suggestInstall([])).toBe(null)
  })
})

test('paths that a command names', () => {
  const command =
    'cd ./warehouse/ && pip install -r reqs/prod.txt --constraint=c.txt . /etc/passwd ../up $X *.txt git+https://x'
  expect(pathsIn(command)).toEqual(['cd', 'warehouse', 'pip', 'install', 'reqs/prod.txt', 'c.txt'])
})

test.each([
  ['uv sync --frozen', false],
  ['poetry install --no-root', false],
  ['uv pip install -r requirements.txt', false],
  ['pip install -r requirements.txt', true],
  ['uv sync && pip install x', true],
  ['./scripts/install.sh', true],
])('%s needs pip: %s', (command, expected) => {
  expect(needsPip(command)).toBe(expected)
})

test.each([
  ['pip install -r a.list --constraint=./pins', ['a.list', 'pins']],
  ['sh ci/env.sh', []],
  ['uv pip install -r pyproject.toml', []],
])('what %s has pip read as requirements', (command, expected) => {
  expect([...requirementsIn(command)]).toEqual(expected)
})
