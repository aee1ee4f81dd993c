import { describe, expect, test } from 'vitest'
import {
  copiesSources,
  needsPip,
  pathsIn,
  suggestInstall,
} from '../../src/python/installCommand.ts'

const file = (path: string, text = 'sqlmesh') => ({ path, text, distance: 1 })

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

describe('an environment that holds a copy of the commit’s code', () => {
  test.each([
    ['pip install .', true],
    ['pip install --upgrade .', true],
    ['uv pip install ./libs/common -r requirements.txt', true],
    ['pip install ".[dev]"', true],
    ['uv sync --frozen --no-editable', true],
    ['pip install -e .', false],
    ['pip install --editable ./libs/common', false],
    ['pip install -r ./requirements.txt -c ../constraints.txt', false],
    ['pip install git+https://example.org/team/lib', false],
    ['cd warehouse && uv sync --frozen', false],
    ['uv sync --frozen --project ./warehouse', false],
    ['poetry install --directory ./warehouse', false],
  ])('%s: %s', (command, expected) => {
    expect(copiesSources(command, [])).toBe(expected)
  })

  test.each([
    ['requirements.txt', 'sqlmesh\n./libs/common\n', true],
    ['requirements.txt', 'sqlmesh # see ./docs/\n-e ./libs/common\n-r ./base.txt\n', false],
    ['uv.lock', 'name = "common"\nsource = { directory = "libs/common" }\n', true],
    ['uv.lock', 'source = { editable = "." }\nsource = { virtual = "." }\n', false],
    ['poetry.lock', '[package.source]\ntype = "directory"\nurl = "libs/common"\n', true],
  ])('%s: %j', (path, text, expected) => {
    expect(copiesSources('uv sync', [file(path, text)])).toBe(expected)
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
