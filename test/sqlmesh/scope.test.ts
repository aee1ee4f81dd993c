import { describe, expect, test } from 'vitest'
import { roleOf } from '../../src/sqlmesh/fileRoles.ts'
import { importsOthers, pythonReach } from '../../src/sqlmesh/pythonReach.ts'
import { decideScope, reasonToLoadAll, seedCandidates } from '../../src/sqlmesh/scope.ts'

const file = (path: string, mode = '100644') => ({ path, mode })
const change = (path: string, ...modes: string[]) => ({
  path,
  mode: { base: modes[0] ?? '100644', head: modes[1] ?? '100644' },
})

/** What a change to `paths` needs, in a repository whose project is `warehouse`. */
function scopeOf(paths: readonly string[], python = '', others: readonly string[] = []) {
  const files = ['warehouse/config.yaml', ...paths, ...others].map((path) => file(path))
  const changes = paths.map((path) => change(path))
  const question = { changes, files, projects: ['warehouse'], install: null }
  const because = reasonToLoadAll(question)
  if (because !== null) return { kind: 'everything', because }
  const reachesOthers = importsOthers(python, [
    ...others,
    ...paths.filter((path) => path.endsWith('.py')),
  ])
  const seeds = seedCandidates(question).length > 0
  return decideScope(question, pythonReach(python, reachesOthers), seeds)
}

describe('what a load does with a file, by its path', () => {
  test.each([
    // SQLMesh loads each SQL file below models by itself.
    ['warehouse/models/orders.sql', 'model'],
    ['warehouse/models/marts/deep/orders.sql', 'model'],
    ['warehouse/seeds/countries.csv', 'seed'],
    ['data/countries.csv', 'seed'],
    // They decide how everything else is read.
    ['warehouse/config.yaml', 'anything'],
    ['warehouse/config.py', 'anything'],
    ['warehouse/.env', 'anything'],
    ['.env.local', 'anything'],
    ['warehouse/external_models.yaml', 'anything'],
    ['warehouse/macros/money.py', 'anything'],
    ['warehouse/macros/jinja.sql', 'anything'],
    ['warehouse/audits/positive.sql', 'anything'],
    ['warehouse/signals/ready.py', 'anything'],
    ['warehouse/models/python_model.py', 'anything'],
    ['warehouse/sqlmesh-requirements.lock', 'anything'],
    ['pyproject.toml', 'anything'],
    ['uv.lock', 'anything'],
    ['requirements/base.txt', 'anything'],
    ['.gitattributes', 'anything'],
    ['native/fast.so', 'anything'],
    ['warehouse/seeds/countries.parquet', 'anything'],
    ['warehouse/unknown', 'anything'],
    ['warehouse/models/\ufffd.sql', 'anything'],
    // Python outside of what SQLMesh imports, which may be imported from there.
    ['helpers/money.py', 'python'],
    ['warehouse/definitions.py', 'python'],
    // Nothing of SQLMesh looks there.
    ['README.md', 'unread'],
    ['warehouse/models/README.md', 'unread'],
    ['warehouse/tests/test_orders.yaml', 'test'],
    ['warehouse/tests/deep/test.yml', 'test'],
    ['warehouse/tests/orders.yaml', 'unread'],
    ['warehouse/scripts/adhoc.sql', 'unread'],
    ['.github/workflows/ci.yml', 'unread'],
    ['web/src/app.tsx', 'unread'],
    ['web/package-lock.json', 'unread'],
    ['shop/models/orders.sql', 'unread'],
    // A seed's data can lie anywhere, and have any type.
    ['shop/config.yaml', 'seed'],
    ['data/rates.tsv', 'seed'],
  ])('%s: %s', (path, role) => {
    expect(roleOf(path, 'warehouse', false)).toBe(role)
  })

  test('a project at the root', () => {
    expect(roleOf('models/orders.sql', '.', false)).toBe('model')
    expect(roleOf('macros/money.py', '.', false)).toBe('anything')
    expect(roleOf('helpers/money.py', '.', false)).toBe('python')
  })

  test('in a dbt project nothing is known to be unread', () => {
    expect(roleOf('warehouse/models/orders.sql', 'warehouse', true)).toBe('anything')
    expect(roleOf('warehouse/README.md', 'warehouse', true)).toBe('anything')
    expect(roleOf('shop/orders.sql', 'warehouse', true)).toBe('anything')
    expect(roleOf('README.md', 'warehouse', true)).toBe('unread')
  })
})

test('equal trees need no load, if there is a project', () => {
  expect(scopeOf([])).toEqual({ kind: 'nothing', why: 'Both commits have the same files.' })
  const nowhere = {
    changes: [],
    files: [file('README.md')],
    projects: ['warehouse'],
    install: null,
  }
  expect(reasonToLoadAll(nowhere)).toBe('there is no project in warehouse')
})

test('the least that a change needs', () => {
  expect(scopeOf(['README.md', 'web/app.ts'])).toMatchObject({ kind: 'nothing' })
  const others = ['warehouse/models/b.sql', 'warehouse/macros/m.py', 'web/app.ts']
  expect(scopeOf(['README.md', 'warehouse/models/a.sql'], '', others)).toEqual({
    kind: 'files',
    changed: ['README.md', 'warehouse/models/a.sql'],
    seeds: false,
    files: {
      base: ['warehouse/config.yaml', 'warehouse/macros/m.py', 'warehouse/models/a.sql'],
      // What follows is searched for in the text of all models.
      head: [
        'warehouse/config.yaml',
        'warehouse/models/b.sql',
        'warehouse/macros/m.py',
        'warehouse/models/a.sql',
      ],
    },
  })
  expect(scopeOf(['warehouse/seeds/a.csv'])).toMatchObject({ kind: 'files', seeds: true })
  expect(scopeOf(['warehouse/models/a.sql', 'warehouse/macros/m.py'])).toMatchObject({
    kind: 'everything',
  })
})

test('several projects: each must be able to do without', () => {
  const files = ['a/config.yaml', 'b/config.yaml', 'a/models/x.sql'].map((path) => file(path))
  const question = {
    files,
    projects: ['a', 'b'],
    install: null,
    changes: [change('a/models/x.sql')],
  }
  expect(reasonToLoadAll(question)).toBe(null)
  expect(decideScope(question, pythonReach('', false), false)).toMatchObject({ kind: 'files' })
  expect(reasonToLoadAll({ ...question, changes: [change('b/macros/x.py')] })).toBe(
    'b/macros/x.py changed',
  )
})

describe('links and submodules', () => {
  test.each([
    ['a link inside the project', 'warehouse/models/shared', ['warehouse']],
    ['the project itself is a link', 'warehouse', ['warehouse']],
    ['a folder above the project is a link', 'data', ['data/warehouse']],
  ])('%s', (_, path, projects) => {
    const files = [file(`${projects[0]}/config.yaml`), file(path, '120000')]
    const question = { files, projects, install: null, changes: [change('README.md')] }
    expect(reasonToLoadAll(question)).toBe(`${path} is a symbolic link`)
  })

  test('a link that cannot lead a load anywhere', () => {
    const files = ['warehouse/config.yaml', 'warehouse/README.md'].map((path) => file(path))
    const link = file('AGENTS.md', '120000')
    const question = {
      files: [...files, link],
      projects: ['warehouse'],
      install: null,
      changes: [change('a.md')],
    }
    expect(reasonToLoadAll(question)).toBe(null)
  })

  test.each([['120000'], ['160000']])('a changed entry of mode %s', (mode) => {
    const files = [file('warehouse/config.yaml')]
    const changes = [change('vendor', mode, '100644')]
    expect(reasonToLoadAll({ files, changes, projects: ['warehouse'], install: null })).toBe(
      'vendor is no regular file',
    )
  })
})

describe('Python of the project', () => {
  test.each([
    ['imports it', 'from helpers import money'],
    ['imports what may import it', 'import shared.tools'],
    ['imports it in a function', 'def f():\n    import os, helpers.money as m\n'],
    ['imports by a name that is not written', 'importlib.import_module(name)'],
    ['changes where it looks', 'sys.path.append(root)'],
    ['runs text', 'exec(source)'],
  ])('may reach other Python: it %s', (_, python) => {
    const others = ['lib/shared/tools.py']
    expect(scopeOf(['helpers/money.py'], python, others)).toMatchObject({ kind: 'everything' })
  })

  test.each([
    'import sqlmesh\nfrom sqlglot import exp',
    'from .helpers import money',
    'import datetime',
  ])('does not reach other Python: %s', (python) => {
    expect(scopeOf(['helpers/money.py', 'lib/shared.py'], python)).toMatchObject({
      kind: 'nothing',
    })
  })

  test.each([
    ['names it', 'open("../data/rates.json")', 'data/rates.json'],
    ['names it in a formatted text', 'open(f"{ROOT}/rates.json")', 'data/rates.json'],
    ['names a folder', 'load_all(ROOT / "data")', 'data/rates.json'],
    ['names a type', 'ROOT.rglob("*.json")', 'data/rates.json'],
    ['names any type', 'ROOT.rglob("rates.*")', 'data/rates.json'],
    ['lists folders', 'for x in ROOT.iterdir(): pass', 'data/rates.json'],
    ['reads documentation', 'open("README.md")', 'README.md'],
    ['reads models', 'Path("x").glob("*.sql")', 'warehouse/models/a.sql'],
    ['reads seeds', 'pd.read_csv(HERE + "/seeds/" + name)', 'warehouse/seeds/a.csv'],
  ])('may read a file: it %s', (_, python, path) => {
    expect(scopeOf([path], python)).toMatchObject({ kind: 'everything' })
  })

  test.each([
    ['another type', 'open("rates.yaml")', 'data/rates.json'],
    ['a method', 'expression.sql(dialect="duckdb")', 'warehouse/models/a.sql'],
    ['a hash function', 'hashlib.md5(b"x")', 'README.md'],
    [
      'the folder of the project itself',
      'catalogs = {"warehouse": ":memory:"}',
      'warehouse/models/a.sql',
    ],
  ])('does not read a file: %s', (_, python, path) => {
    expect(scopeOf([path], python).kind).not.toBe('everything')
  })
})
