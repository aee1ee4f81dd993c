import { describe, expect, test } from 'vitest'
import {
  comparePins,
  differingPins,
  type Pin,
  readPins,
  satisfies,
} from '../../src/interpreter/pins.ts'
import { dependencyFile } from '../helpers/dependencyFile.ts'

describe('which file decides', () => {
  const requirement = (version: string) => `sqlmesh==${version}\n`
  const lock = (version: string) => `[[package]]\nname = "sqlmesh"\nversion = "${version}"\n`

  const versionOf = (files: Parameters<typeof readPins>[0]) => readPins(files).sqlmesh.version

  test('the first in the order given, unless it pins nothing', () => {
    const files = [
      dependencyFile('warehouse/pyproject.toml', 'project.dependencies = ["sqlmesh>=0.2"]', 1),
      dependencyFile('uv.lock', lock('0.3.0'), 2),
      dependencyFile('requirements.txt', requirement('0.1.0'), 2),
    ]
    expect(versionOf(files)).toBe('0.3.0')
  })

  test('neither of two that have the same standing', () => {
    const files = [
      dependencyFile('a/requirements.txt', requirement('0.1.0'), 1),
      dependencyFile('b/requirements.txt', requirement('0.2.0'), 1),
      dependencyFile('requirements.txt', requirement('0.1.0'), 2),
    ]
    expect(versionOf(files)).toBe(null)
    const pin = readPins(files).sqlmesh
    expect(['0.1.0', '0.2.0', '0.3.0'].map((one) => satisfies(pin, one))).toEqual([
      true,
      true,
      false,
    ])
  })

  test('what cannot be read counts where it would decide', () => {
    const broken = (distance: number) => dependencyFile('uv.lock', '[[package', distance)
    const unread = (files: Parameters<typeof readPins>[0]) =>
      readPins(files).sqlmesh.unread.map(({ path }) => path)
    const pinned = dependencyFile('requirements.txt', requirement('0.1.0'), 2)
    expect(unread([broken(1), pinned])).toEqual(['uv.lock'])
    expect(unread([pinned, broken(3)])).toEqual([])
    expect(unread([dependencyFile('requirements.txt', 'sqlmesh\n', 2), broken(3)])).toEqual([
      'uv.lock',
    ])
  })
})

describe('whether a version is what is asked for', () => {
  const pinOf = (...lines: string[]) =>
    readPins([dependencyFile('requirements.txt', lines.join('\n'))]).sqlmesh

  test.each([
    [['sqlmesh>=0.230,<0.237'], true],
    [['sqlmesh==0.236.4.0'], true],
    [['sqlmesh!=0.236.4'], false],
    [['sqlmesh>=0.230', 'sqlmesh<0.236'], false],
    [['duckdb==1'], true],
    [['sqlmesh @ git+https://x/y'], null],
    [['sqlmesh @ git+https://x/y', 'sqlmesh<0.1'], false],
    [['sqlmesh==0.236.4; sys_platform == "linux"', 'sqlmesh==0.1; sys_platform != "linux"'], true],
    [['sqlmesh==0.2; sys_platform == "linux"', 'sqlmesh==0.1; sys_platform != "linux"'], false],
  ])('%j: %s', (lines, expected) => {
    expect(satisfies(pinOf(...lines), '0.236.4')).toBe(expected)
  })
})

describe('two commits', () => {
  const pinOf = (text: string, path = 'requirements.txt'): Pin =>
    readPins([dependencyFile(path, text)]).sqlmesh
  const gitLock = (commit: string) =>
    `${'[[package]]\nname = "sqlmesh"\nversion = "0.1"\n'}source = { git = "https://x#${commit}" }\n`

  test.each<[string, Pin, Pin, string]>([
    ['the same version', pinOf('sqlmesh==0.1'), pinOf('sqlmesh===0.1.0'), 'no'],
    [
      'in two formats',
      pinOf('sqlmesh==0.1'),
      pinOf('[packages]\nsqlmesh="==0.1"', 'Pipfile'),
      'no',
    ],
    ['two versions', pinOf('sqlmesh==0.1'), pinOf('sqlmesh==0.2'), 'yes'],
    ['the same range', pinOf('sqlmesh>=0.1'), pinOf('sqlmesh >= 0.1 # same'), 'no'],
    ['two ranges', pinOf('sqlmesh>=0.1'), pinOf('sqlmesh>=0.2'), 'maybe'],
    ['a version and none', pinOf('sqlmesh==0.1'), pinOf('sqlmesh'), 'maybe'],
    ['nothing at all', pinOf('duckdb==1'), pinOf('duckdb==2'), 'no'],
    [
      'two commits of a branch',
      pinOf(gitLock('a'), 'uv.lock'),
      pinOf(gitLock('b'), 'uv.lock'),
      'maybe',
    ],
    [
      'a program that is the same',
      pinOf('setup()', 'setup.py'),
      pinOf('setup()', 'setup.py'),
      'no',
    ],
    [
      'a program that differs',
      pinOf('setup()', 'setup.py'),
      pinOf('setup(1)', 'setup.py'),
      'maybe',
    ],
    ['a program that comes', pinOf('duckdb'), pinOf('setup(1)', 'setup.py'), 'maybe'],
  ])('%s', (_, base, head, expected) => {
    expect(comparePins(base, head)).toBe(expected)
    expect(comparePins(head, base)).toBe(expected)
  })

  test('only what certainly differs is told before anything is loaded', () => {
    const pinsOf = (text: string) => readPins([dependencyFile('requirements.txt', text)])
    const base = pinsOf('sqlmesh==0.212.0\nsqlglot==27.9.0')
    expect(differingPins({ base, head: base })).toEqual([])
    expect(differingPins({ base, head: pinsOf('') })).toEqual([])
    expect(differingPins({ base, head: pinsOf('sqlmesh==0.236.4\nsqlglot==30.8.0') })).toEqual([
      'SQLMesh 0.212.0 and 0.236.4',
      'sqlglot 27.9.0 and 30.8.0',
    ])
  })
})
