import { describe, expect, test } from 'vitest'
import { differingPins, readPins } from '../../src/python/pins.ts'

/** What one file alone pins, as `sqlmesh sqlglot`. */
function pins(path: string, text: string): string {
  const { sqlmesh, sqlglot } = readPins([{ path, text, distance: 1 }])
  return `${sqlmesh} ${sqlglot}`
}

describe('what one file pins', () => {
  test.each([
    ['requirements.txt', 'sqlmesh==0.236.4\n', '0.236.4 null'],
    [
      'requirements.txt',
      'SQLMesh[web, dbt] == 0.236.4 ; python_version < "3.12" # why',
      '0.236.4 null',
    ],
    [
      'requirements.txt',
      'sqlmesh==0.236.4 \\\n    --hash=sha256:0a\nsqlglot===30.8.0',
      '0.236.4 30.8.0',
    ],
    ['requirements.txt', '# sqlmesh==0.1.0\nsqlmesh>=0.200,<1\n', 'null null'],
    ['requirements.txt', 'sqlmesh==0.236.*\n', 'null null'],
    ['requirements.txt', 'dg-sqlmesh==1.10.1\nsqlmesh-extras==2\nmy.sqlmesh==3', 'null null'],
    [
      'requirements.txt',
      "sqlmesh==0.1.0; sys_platform=='win32'\nsqlmesh==0.2.0; sys_platform!='win32'",
      'null null',
    ],
    ['constraints-ci.txt', 'sqlmesh==0.236.4.dev1+local', '0.236.4.dev1+local null'],
    [
      'uv.lock',
      '[[package]]\nname = "shop"\nversion = "1"\ndependencies = [\n    { name = "sqlmesh" },\n]\n\n[[package]]\nname = "sqlmesh"\nversion = "0.236.4"\nsource = { registry = "x" }\n',
      '0.236.4 null',
    ],
    [
      'uv.lock',
      '[[package]]\nname = "sqlmesh"\nversion = "0.1.0"\n[[package]]\nname = "sqlmesh"\nversion = "0.2.0"\n',
      'null null',
    ],
    [
      'poetry.lock',
      '[[package]]\r\nname = "sqlglot"\r\nversion = "30.8.0"\r\n\r\n[package.dependencies]\r\nname = "sqlmesh"\r\nversion = "0.1.0"\r\n',
      'null 30.8.0',
    ],
    ['pylock.toml', '[[packages]]\nname = "sqlmesh"\nversion = "0.236.4"\n', '0.236.4 null'],
    [
      'Pipfile.lock',
      '{"default": {"sqlmesh": {"version": "==0.236.4"}, "sqlglot": {"git": "x"}}}',
      '0.236.4 null',
    ],
    ['Pipfile.lock', '{"default": {"sqlmesh": {"version": "==0.236.4"', 'null null'],
    ['Pipfile', '[packages]\nsqlmesh = "==0.236.4"\nsqlglot = "*"\n', '0.236.4 null'],
    [
      'pyproject.toml',
      'dependencies = [\n  "sqlmesh[web]==0.236.4",\n  "sqlglot~=30.8",\n]\n',
      '0.236.4 null',
    ],
    [
      'pyproject.toml',
      '[tool.poetry.dependencies]\nsqlmesh = "0.236.4"\nsqlglot = { version = "^30.8", extras = ["rs"] }\n',
      '0.236.4 null',
    ],
    [
      'pyproject.toml',
      '[tool.poetry.dependencies]\nsqlmesh = {extras = ["web"], version = "0.236.4"}\n',
      '0.236.4 null',
    ],
    ['setup.py', "setup(install_requires=['sqlmesh==0.236.4'])", '0.236.4 null'],
  ])('%s: %j', (path, text, expected) => {
    expect(pins(path, text)).toBe(expected)
  })

  test('however long a hostile file makes it', () => {
    const started = performance.now()
    pins(
      'requirements.txt',
      `sqlmesh${' '.repeat(200_000)}\n${'\n'.repeat(200_000)}sqlmesh[${'x'.repeat(200_000)}`,
    )
    pins('pyproject.toml', `${' \n'.repeat(100_000)}sqlmesh = {${'version '.repeat(50_000)}`)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('which file decides', () => {
  const requirement = (version: string) => `sqlmesh==${version}\n`
  const lock = (version: string) => `[[package]]\nname = "sqlmesh"\nversion = "${version}"\n`

  test('the first in the order given, unless it pins nothing', () => {
    const files = [
      { path: 'warehouse/pyproject.toml', text: '"sqlmesh>=0.2"', distance: 1 },
      { path: 'uv.lock', text: lock('0.3.0'), distance: 2 },
      { path: 'requirements.txt', text: requirement('0.1.0'), distance: 2 },
    ]
    expect(readPins(files).sqlmesh).toBe('0.3.0')
  })

  test('neither of two that have the same standing', () => {
    const files = [
      { path: 'a/requirements.txt', text: requirement('0.1.0'), distance: 1 },
      { path: 'b/requirements.txt', text: requirement('0.2.0'), distance: 1 },
      { path: 'requirements.txt', text: requirement('0.1.0'), distance: 2 },
    ]
    expect(readPins(files).sqlmesh).toBe(null)
  })
})

test('pins differ only where both commits have one', () => {
  const base = { sqlmesh: '0.212.0', sqlglot: '27.9.0' }
  expect(differingPins({ base, head: base })).toEqual([])
  expect(differingPins({ base, head: { sqlmesh: null, sqlglot: null } })).toEqual([])
  expect(differingPins({ base, head: { sqlmesh: '0.236.4', sqlglot: '30.8.0' } })).toEqual([
    'SQLMesh 0.212.0 and 0.236.4',
    'sqlglot 27.9.0 and 30.8.0',
  ])
})
