import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pinText, readPins, satisfies } from '../../src/interpreter/pins.ts'
import { dependencyFile } from '../helpers/dependencyFile.ts'

/** What one file asks for of SQLMesh; why it cannot be told, after a `?`. */
function asked(path: string, text: string): string {
  const pin = readPins([dependencyFile(path, text)]).sqlmesh
  const unread = pin.unread.map(({ why }) => ` ? ${why}`).join('')
  return `${pin.asked.length === 0 ? 'nothing' : pinText(pin)}${unread}`
}

const lines = (...all: string[]) => `${all.join('\n')}\n`

describe('requirements', () => {
  test.each([
    ['sqlmesh==0.236.4', '0.236.4'],
    ['SQLMesh == v0.236.4', '0.236.4'],
    ['sqlmesh[bigquery,web] == 0.236.4 ; python_version < "3.12" # why', '0.236.4'],
    ['sqlmesh (==0.236.4)', '0.236.4'],
    ['sqlmesh===0.236.4', '0.236.4'],
    ['sqlmesh==0.236.4.dev1+local', '0.236.4.dev1+local'],
    ['sqlmesh==0.236.4 \\\n    --hash=sha256:0a \\\n    --hash=sha256:0b', '0.236.4'],
    ['  sqlmesh==0.236.4\r\nduckdb\r\n', '0.236.4'],
    ['\ufeffsqlmesh==0.236.4', '0.236.4'],
    ['sqlmesh==0.236.*', '`==0.236.*`'],
    ['sqlmesh>=0.230, <0.237', '`>=0.230,<0.237`'],
    ['sqlmesh~=0.230', '`~=0.230`'],
    ['sqlmesh', '`any version`'],
    [
      'sqlmesh @ git+https://github.com/x/sqlmesh@main',
      '`@ git+https://github.com/x/sqlmesh@main`',
    ],
    [
      '-e git+https://github.com/x/sqlmesh@main#egg=sqlmesh',
      '`@ git+https://github.com/x/sqlmesh@main#egg=sqlmesh`',
    ],
    ['sqlmesh==0.1 ; sys_platform == "win32"\nsqlmesh==0.2', '`==0.1` and `==0.2`'],
    ['# sqlmesh==0.200.0', 'nothing'],
    ['duckdb # sqlmesh==0.200.0', 'nothing'],
    ['# a comment ends no line \\\nsqlmesh==0.1', '0.1'],
    ['dg-sqlmesh==1.10.1\nsqlmesh-extras==2\nmy.sqlmesh==3\nsql_mesh==4\nsql-mesh==5', 'nothing'],
    ['--extra-index-url https://index.example/sqlmesh==0.1', 'nothing'],
    ['sqlmesh = 0.1', '`= 0.1`'],
    [
      '-e git+https://example.org/x',
      'nothing ? `git+https://example.org/x` does not say which package it is',
    ],
    ['--surprise sqlmesh==0.1', 'nothing ? `--surprise sqlmesh==0.1` is not understood'],
    ['?', 'nothing ? `?` is no requirement that is understood'],
    ['-r https://example.org/x.txt', 'nothing ? it includes https://example.org/x.txt'],
  ])('%j', (text, expected) => {
    for (const name of ['requirements.txt', 'constraints-ci.txt', 'requirements/prod.in']) {
      expect(asked(name, text)).toBe(expected)
    }
  })
})

describe('pyproject.toml', () => {
  test.each([
    [lines('[project]', "dependencies = ['sqlmesh==0.236.4']"), '0.236.4'],
    ['project.dependencies = ["duckdb", "sqlmesh[web]==0.236.4"]', '0.236.4'],
    ['project = { dependencies = ["sqlmesh==0.236.4"] }', '0.236.4'],
    ['[project]\ndependencies = [\n  """sqlmesh==\\\n  0.236.4""", # why\n]', '0.236.4'],
    ['["project"]\n"dependencies" = ["\\u0073qlmesh==0.236.4"]', '0.236.4'],
    ['\ufeff[project]\r\ndependencies = [\r\n"sqlmesh==0.236.4"\r\n]\r\n', '0.236.4'],
    ['[project.optional-dependencies]\ndev = ["sqlmesh==0.236.4"]', '0.236.4'],
    [
      '[dependency-groups]\nall = [{ include-group = "dev" }]\ndev = ["sqlmesh==0.236.4"]',
      '0.236.4',
    ],
    ['dependency-groups.dev = ["sqlmesh==0.236.4"]', '0.236.4'],
    ['[tool.poetry.dependencies]\nsqlmesh = "0.236.4"', '0.236.4'],
    ["[tool.poetry.dependencies]\nsqlmesh = '==0.236.4'", '0.236.4'],
    ['[tool.poetry.dependencies.sqlmesh]\nversion = "0.236.4"\nextras = ["web"]', '0.236.4'],
    ['[tool.poetry.dependencies]\nSQLMesh = { version = "0.236.4" }', '0.236.4'],
    ['tool.poetry.dependencies.sqlmesh.version = "0.236.4"', '0.236.4'],
    ['[tool.poetry.group.dev.dependencies]\nsqlmesh = "0.236.4"', '0.236.4'],
    ['[[tool.poetry.dependencies.sqlmesh]]\nversion = "0.236.4"\npython = "<3.12"', '0.236.4'],
    ['[tool.poetry.dependencies]\nsqlmesh = "^0.230"', '`^0.230`'],
    ['[tool.poetry.dependencies]\nsqlmesh = "*"', '`*`'],
    [
      '[tool.poetry.dependencies]\nsqlmesh = { git = "https://x/y", rev = "abc" }',
      '`git https://x/y, rev abc`',
    ],
    ['[tool.uv]\ndev-dependencies = ["sqlmesh==0.236.4"]', '0.236.4'],
    ['[tool.uv]\nconstraint-dependencies = ["sqlmesh==0.236.4"]', '0.236.4'],
    ['tool.uv.override-dependencies = ["sqlmesh==0.236.4"]', '0.236.4'],
    [
      '[tool.uv.sources]\nsqlmesh = { git = "https://x/y", tag = "v1" }',
      '`git https://x/y, tag v1`',
    ],
    ['[tool.pdm.dev-dependencies]\ntest = ["sqlmesh==0.236.4"]', '0.236.4'],
    ['[tool.hatch.envs.default]\ndependencies = ["sqlmesh==0.236.4"]', '0.236.4'],
    // What is only said, or asked for something else.
    ['[project]\ndescription = "needs sqlmesh==0.1"\n# "sqlmesh==0.2"', 'nothing'],
    ['[project]\nreadme = """\n[tool.poetry.dependencies]\nsqlmesh = "0.1"\n"""', 'nothing'],
    ['[tool.notes]\nsqlmesh = "0.1"\ndependencies = ["sqlmesh==0.1"]', 'nothing'],
    ['[build-system]\nrequires = ["sqlmesh==0.1"]', 'nothing'],
    ['[project]\nname = "sqlmesh"\nversion = "0.1"', 'nothing'],
    // What cannot be read is not nothing.
    [
      '[project]\ndynamic = ["dependencies"]',
      'nothing ? its dependencies are dynamic: a program tells them',
    ],
    ['[project]\ndependencies = "sqlmesh==0.1"', 'nothing ? `project.dependencies` is no list'],
    ['[project]\ndependencies = [1]', 'nothing ? `project.dependencies` is no text'],
    ['[project]\n[project]', expect.stringMatching(/^nothing \? Invalid TOML document: /)],
    ['<<<<<<< HEAD', expect.stringMatching(/^nothing \? Invalid TOML document: /)],
  ])('%j', (text, expected) => {
    expect(asked('pyproject.toml', text)).toEqual(expected)
  })
})

describe('locks', () => {
  const package_ = (...more: string[]) =>
    lines('[[package]]', 'name = "sqlmesh"', 'version = "0.236.4"', ...more)

  test.each([
    ['uv.lock', package_('source = { registry = "https://index.example/simple" }'), '0.236.4'],
    ['uv.lock', "[[ package ]]\nversion='0.236.4'\nname='sqlmesh'", '0.236.4'],
    ['uv.lock', 'package = [{ name = "sqlmesh", version = "0.236.4" }]', '0.236.4'],
    [
      'uv.lock',
      lines(
        '[[package]]',
        'name = "shop"',
        'version = "1"',
        'dependencies = [',
        '  { name = "sqlmesh", version = "0.1" },',
        ']',
      ),
      'nothing',
    ],
    ['uv.lock', `${package_()}${package_().replace('0.236.4', '0.2')}`, '`==0.236.4` and `==0.2`'],
    [
      'poetry.lock',
      package_('[package.dependencies]', 'name = "1"').replaceAll('\n', '\r\n'),
      '0.236.4',
    ],
    ['pdm.lock', package_('groups = ["default"]'), '0.236.4'],
    ['pylock.toml', '[[packages]]\nname = "sqlmesh"\nversion = "0.236.4"', '0.236.4'],
    [
      'pylock.dev.toml',
      '[[packages]]\nname = "sqlmesh"\nvcs = { type = "git", url = "https://x", commit-id = "a" }',
      '`url https://x commit-id a`',
    ],
    [
      'Pipfile.lock',
      '{"_meta": {"sqlmesh": 1}, "default": {"sqlmesh": {"version": "==0.236.4"}}}',
      '0.236.4',
    ],
    [
      'Pipfile.lock',
      '{"develop": {"sqlmesh": {"version": "==0.236.4", "markers": "x"}}}',
      '0.236.4',
    ],
    [
      'Pipfile.lock',
      '{"default": {"sqlmesh": {"git": "https://x", "ref": "a"}}}',
      '`git https://x, ref a`',
    ],
    ['Pipfile.lock', '{"default": {', expect.stringMatching(/^nothing \? .*JSON/)],
    ['Pipfile', '[packages]\nsqlmesh = "==0.236.4"', '0.236.4'],
    ['Pipfile', '[packages.sqlmesh]\nversion = "==0.236.4"\nextras = ["web"]', '0.236.4'],
    ['Pipfile', '[dev-packages]\nsqlmesh = "*"', '`*`'],
    ['Pipfile', '[scripts]\nsqlmesh = "0.1"', 'nothing'],
  ])('%s: %j', (path, text, expected) => {
    expect(asked(path, text)).toEqual(expected)
  })

  test('what comes from a branch is told apart by its commit', () => {
    const of = (commit: string) =>
      asked(
        'uv.lock',
        lines(
          '[[package]]',
          'name = "sqlmesh"',
          'version = "0.1"',
          `source = { git = "https://x#${commit}" }`,
        ),
      )
    expect([of('a'), of('b')]).toEqual(['0.1', '0.1'])
  })
})

describe('other files', () => {
  test.each([
    [
      'setup.cfg',
      '[options]\ninstall_requires =\n    duckdb\n    # sqlmesh==0.1\n    sqlmesh==0.236.4\n',
      '0.236.4',
    ],
    ['setup.cfg', '[options.extras_require]\ndev = sqlmesh==0.236.4\n', '0.236.4'],
    ['setup.cfg', '[metadata]\ndescription = sqlmesh==0.1\n[flake8]\nignore = E1\n', 'nothing'],
    ['setup.py', 'setup(install_requires=["sqlmesh==0.236.4"])', 'nothing ? only running it tells'],
    ['environment.yml', 'dependencies: [python=3.11, sqlmesh==0.236.4]', '0.236.4'],
    ['environment.yml', 'dependencies:\n  - conda-forge::sqlmesh=0.236.4=py_0\n', '`==0.236.4.*`'],
    [
      'environment.yaml',
      'dependencies:\n  - pip\n  - pip:\n    - sqlmesh[web]==0.236.4\n',
      '0.236.4',
    ],
    [
      'conda-dev.yml',
      '# - sqlmesh==0.1\nname: sqlmesh==0.2\ndependencies:\n',
      expect.stringMatching(/^nothing/),
    ],
    ['environment.yml', 'dependencies: [sqlmesh >=0.230]', '`>=0.230`'],
    ['environment.yml', 'a: &a [x]\nb: [*a', expect.stringMatching(/^nothing \? ./)],
    ['uv.toml', 'constraint-dependencies = ["sqlmesh==0.236.4"]', '0.236.4'],
    ['hatch.toml', '[envs.default]\ndependencies = ["sqlmesh==0.236.4"]', '0.236.4'],
    ['.python-version', '3.11', 'nothing'],
  ])('%s: %j', (path, text, expected) => {
    expect(asked(path, text)).toEqual(expected)
  })
})

describe('Poetry’s words for versions', () => {
  test.each([
    ['^0.230', ['0.230', '0.230.9'], ['0.231', '0.229.9']],
    ['^1.2.3', ['1.2.3', '1.9'], ['2.0', '1.2.2']],
    ['^0.0.3', ['0.0.3'], ['0.0.4']],
    ['^0', ['0.9'], ['1.0']],
    ['~1.2.3', ['1.2.9'], ['1.3']],
    ['~1.2', ['1.2.9'], ['1.3']],
    ['~1', ['1.9'], ['2.0']],
    ['0.236.*', ['0.236.4'], ['0.237']],
    ['>=0.230 <0.236', ['0.235'], ['0.236']],
    ['>=0.230,<0.236', ['0.235'], ['0.236']],
    ['^0.230 || ^0.236', ['0.230.1', '0.236.1'], ['0.231']],
    ['=0.236.4', ['0.236.4'], ['0.236.5']],
  ])('%s', (written, inside, outside) => {
    const pin = readPins([
      dependencyFile('pyproject.toml', `[tool.poetry.dependencies]\nsqlmesh = "${written}"\n`),
    ]).sqlmesh
    expect(inside.map((version) => satisfies(pin, version))).toEqual(inside.map(() => true))
    expect(outside.map((version) => satisfies(pin, version))).toEqual(outside.map(() => false))
  })
})

/** Ways to write a text, a key and a table in TOML. */
const quoted = (text: string) =>
  fc.constantFrom(
    `"${text}"`,
    `'${text}'`,
    `"""${text}"""`,
    `'''${text}'''`,
    `"""\n${text}"""`,
    `"""\\\n   ${text}"""`,
    `"\\u00${text.charCodeAt(0).toString(16)}${text.slice(1)}"`,
  )
const key = (name: string) => fc.constantFrom(name, `"${name}"`, `'${name}'`)
const blank = fc.constantFrom('', ' ', '\t')

/** `value` below some keys, in one of the ways of TOML. */
function written(keys: readonly string[], value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const at = fc.integer({ min: 0, max: keys.length - 1 })
  return fc
    .tuple(fc.tuple(...keys.map(key)), at, at, blank, value)
    .map(([names, one, two, space, text]) => {
      const [table, inline] = [Math.min(one, two), Math.max(one, two)]
      const header = names.slice(0, table).join(`${space}.${space}`)
      const dotted = names.slice(table, inline + 1).join(`${space}.${space}`)
      const inner = names
        .slice(inline + 1)
        .reduceRight((rest, name) => `{${space}${name} = ${rest}${space}}`, text)
      return `${header === '' ? '' : `[${space}${header}${space}]\n`}${dotted} =${space}${inner}\n`
    })
}

const version = fc.tuple(fc.nat(3), fc.nat(300), fc.nat(20)).map((parts) => parts.join('.'))
const spelling = fc.constantFrom('sqlmesh', 'SQLMesh', 'SqlMesh')

test('a version is read back however TOML writes it', () => {
  const listed = fc.constantFrom(
    ['project', 'dependencies'],
    ['dependency-groups', 'dev'],
    ['tool', 'uv', 'constraint-dependencies'],
    ['tool', 'pdm', 'dev-dependencies', 'x'],
  )
  const inList = fc.tuple(version, spelling, listed).chain(([wanted, name, keys]) =>
    written(
      keys,
      quoted(`${name}[web]==${wanted}`).map((text) => `[\n  "duckdb", # sqlmesh==9\n  ${text},\n]`),
    ).map((text) => ({ wanted, text })),
  )
  const named = fc.constantFrom(
    ['tool', 'poetry', 'dependencies'],
    ['tool', 'poetry', 'group', 'x', 'dependencies'],
  )
  const inTable = fc
    .tuple(version, spelling, named, fc.boolean())
    .chain(([wanted, name, keys, deep]) =>
      written([...keys, name, ...(deep ? ['version'] : [])], quoted(wanted)).map((text) => ({
        wanted,
        text,
      })),
    )
  const note = fc.constantFrom(
    '',
    '# sqlmesh==9\n',
    "note = '''\n[tool.poetry.dependencies]\nsqlmesh = \"9\"\n'''\n",
  )
  const end = fc.constantFrom('\n', '\r\n')
  fc.assert(
    fc.property(fc.oneof(inList, inTable), note, end, ({ wanted, text }, before, newline) => {
      const whole = `${before}${text}`.replaceAll('\n', newline)
      expect(asked('pyproject.toml', whole)).toBe(wanted)
    }),
    { numRuns: 500 },
  )
})

test('whatever a file has in it, it is read or said to be unread, in bounded time', () => {
  const names = [
    'requirements.txt',
    'pyproject.toml',
    'uv.lock',
    'Pipfile',
    'Pipfile.lock',
    'setup.cfg',
    'environment.yml',
  ]
  const part = fc.constantFrom(
    'sqlmesh',
    '==',
    '0.1',
    '[',
    ']',
    '"',
    "'",
    '\n',
    '.',
    '=',
    '{',
    '}',
    ',',
    ' ',
    ';',
    '@',
    '-r ',
    'package',
    'dependencies',
    ':',
    '\\',
    '#',
  )
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.array(part, { maxLength: 40 }), (name, parts) => {
      expect(asked(name, parts.join(''))).toMatch(/./)
    }),
    { numRuns: 1000 },
  )
})

test.each([
  [
    'requirements.txt',
    `sqlmesh${' '.repeat(300_000)}\n${'\n'.repeat(300_000)}sqlmesh[${'x'.repeat(300_000)}`,
  ],
  [
    'requirements.txt',
    `${'-r '.repeat(200_000)}\n${'\\\n'.repeat(200_000)}${' #'.repeat(200_000)}`,
  ],
  ['requirements.txt', `sqlmesh${'>=1,'.repeat(200_000)}`],
  ['requirements.txt', 'duckdb==1\n'.repeat(30_000)],
  ['pyproject.toml', `a = ${'['.repeat(500_000)}`],
  ['pyproject.toml', `${'a.'.repeat(500_000)}b = 1`],
  ['pyproject.toml', `[tool.poetry.dependencies]\nsqlmesh = "${' '.repeat(500_000)}x"`],
  ['pyproject.toml', `[project]\ndependencies = ["sqlmesh ${' '.repeat(500_000)}x"]`],
  ['Pipfile.lock', '['.repeat(500_000)],
  ['setup.cfg', `[options]\ninstall_requires = ${' '.repeat(300_000)}x${' #'.repeat(300_000)}`],
  ['environment.yml', `a: ${'['.repeat(100_000)}`],
  ['environment.yml', Array.from({ length: 100_000 }, (_, index) => `k${index}: 1`).join('\n')],
  [
    'uv.lock',
    '[[package]]\nname = "p"\nversion = "1.0"\nwheels = [{ url = "https://x", hash = "sha256:0a", size = 1 }]\n\n'.repeat(
      30_000,
    ),
  ],
])('%s that is made to take long', { timeout: 60_000 }, (name, text) => {
  const before = process.cpuUsage()
  asked(name, text)
  const { user, system } = process.cpuUsage(before)
  // Of this process, whatever else the machine does. Most take a tenth of a second.
  expect((user + system) / 1e6).toBeLessThan(15)
})
