import { describe, expect, test } from 'vitest'
import type { Closed } from '../../src/scope/askClosed.ts'
import { roleOf } from '../../src/scope/fileRoles.ts'
import { decideScope, reasonToLoadAll } from '../../src/scope/scope.ts'

const file = (path: string, mode = '100644') => ({ path, mode })
const change = (path: string, ...modes: string[]) => ({
  path,
  mode: { base: modes[0] ?? '100644', head: modes[1] ?? '100644' },
})

const CLOSED: Closed = { open: null, seeds: [] }

/** What a change to `paths` needs, in a repository whose project is `warehouse`. */
function scopeOf(paths: readonly string[], closed = CLOSED, others: readonly string[] = []) {
  const files = ['warehouse/config.yaml', ...paths, ...others].map((path) => file(path))
  const changes = paths.map((path) => change(path))
  const question = { changes, files, projects: ['warehouse'] }
  const because = reasonToLoadAll(question)
  return because === null ? decideScope(question, closed) : { kind: 'everything', because }
}

describe('what a load does with a file, by its path', () => {
  test.each([
    // SQLMesh loads each SQL file below models by itself.
    ['warehouse/models/orders.sql', 'model'],
    ['warehouse/models/marts/deep/orders.sql', 'model'],
    // They decide how everything else is read.
    ['warehouse/config.yaml', 'anything'],
    ['warehouse/config.py', 'anything'],
    ['warehouse/.env', 'anything'],
    ['.env.local', 'anything'],
    ['warehouse/external_models.yaml', 'anything'],
    ['warehouse/schema.yaml', 'anything'],
    ['warehouse/external_models/raw.yaml', 'anything'],
    ['warehouse/macros/money.py', 'anything'],
    ['warehouse/macros/jinja.sql', 'anything'],
    ['warehouse/audits/positive.sql', 'anything'],
    ['warehouse/metrics/revenue.sql', 'anything'],
    ['warehouse/signals/ready.py', 'anything'],
    ['warehouse/materializations/merge.py', 'anything'],
    ['warehouse/linter/rules.py', 'anything'],
    ['warehouse/models/python_model.py', 'anything'],
    ['warehouse/sqlmesh-requirements.lock', 'anything'],
    ['pyproject.toml', 'anything'],
    ['uv.lock', 'anything'],
    ['requirements/base.txt', 'anything'],
    ['.gitattributes', 'anything'],
    ['native/fast.so', 'anything'],
    ['lib/sitecustomize.py', 'anything'],
    ['warehouse/helpers/money.py', 'unlisted'],
    ['warehouse/scripts/adhoc.sql', 'unlisted'],
    ['warehouse/seeds/countries.parquet', 'unlisted'],
    ['warehouse/unknown', 'unlisted'],
    ['warehouse/models/\ufffd.sql', 'anything'],
    ['warehouse/tests/test_orders.yaml', 'test'],
    ['warehouse/tests/deep/test.yml', 'test'],
    ['warehouse/tests/orders.yaml', 'unlisted'],
    // The setting `ignore_patterns` may list it, and then others by its name.
    ['warehouse/models/[ab].sql', 'anything'],
    // Nothing of SQLMesh looks there, but for what it is told to.
    ['warehouse/seeds/countries.csv', 'other'],
    ['data/countries.csv', 'other'],
    ['README.md', 'other'],
    ['warehouse/models/README.md', 'other'],
    ['.github/workflows/ci.yml', 'other'],
    ['web/src/app.tsx', 'other'],
    ['web/package-lock.json', 'other'],
    ['shop/models/orders.sql', 'other'],
    ['shop/config.yaml', 'other'],
    ['helpers/money.py', 'other'],
  ])('%s: %s', (path, role) => {
    expect(roleOf(path, 'warehouse', false)).toBe(role)
  })

  test('a project at the root', () => {
    expect(roleOf('models/orders.sql', '.', false)).toBe('model')
    expect(roleOf('macros/money.py', '.', false)).toBe('anything')
    expect(roleOf('helpers/money.py', '.', false)).toBe('unlisted')
  })

  test('in a dbt project nothing is known to be left alone', () => {
    expect(roleOf('warehouse/models/orders.sql', 'warehouse', true)).toBe('anything')
    expect(roleOf('warehouse/README.md', 'warehouse', true)).toBe('anything')
    expect(roleOf('shop/orders.sql', 'warehouse', true)).toBe('anything')
    expect(roleOf('README.md', 'warehouse', true)).toBe('anything')
  })
})

test('equal trees need no load, if there is a project', () => {
  expect(scopeOf([])).toEqual({ kind: 'nothing', why: 'Both commits have the same files.' })
  const nowhere = {
    changes: [],
    files: [file('README.md')],
    projects: ['warehouse'],
  }
  expect(reasonToLoadAll(nowhere)).toBe('there is no project in warehouse')
})

test('the least that a change needs', () => {
  expect(scopeOf(['README.md', 'web/app.ts'])).toMatchObject({ kind: 'nothing' })
  const others = ['warehouse/models/b.sql', 'warehouse/macros/m.py', 'web/app.ts']
  expect(scopeOf(['README.md', 'warehouse/models/a.sql'], CLOSED, others)).toEqual({
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
  expect(scopeOf(['warehouse/models/a.sql', 'warehouse/macros/m.py'])).toMatchObject({
    kind: 'everything',
  })
})

test('several projects: each must be able to do without', () => {
  const files = ['a/config.yaml', 'b/config.yaml', 'a/models/x.sql'].map((path) => file(path))
  const question = {
    files,
    projects: ['a', 'b'],
    changes: [change('a/models/x.sql')],
  }
  expect(reasonToLoadAll(question)).toBe(null)
  expect(decideScope(question, CLOSED)).toMatchObject({ kind: 'files' })
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
    const question = { files, projects, changes: [change('README.md')] }
    expect(reasonToLoadAll(question)).toBe(`${path} is a symbolic link`)
  })

  test('a link that cannot lead a load anywhere', () => {
    const files = ['warehouse/config.yaml', 'warehouse/README.md'].map((path) => file(path))
    const link = file('NOTES.md', '120000')
    const question = {
      files: [...files, link],
      projects: ['warehouse'],
      changes: [change('a.md')],
    }
    expect(reasonToLoadAll(question)).toBe(null)
  })

  test.each([['120000'], ['160000']])('a changed entry of mode %s', (mode) => {
    const files = [file('warehouse/config.yaml')]
    const changes = [change('vendor', mode, '100644')]
    expect(reasonToLoadAll({ files, changes, projects: ['warehouse'] })).toBe(
      'vendor is no regular file',
    )
  })
})

test('a link beside the loaders’ folders shows them nothing', () => {
  const link = file('warehouse/NOTES.md', '120000')
  const question = { projects: ['warehouse'], changes: [change('README.md')] }
  const files = [file('warehouse/config.yaml'), link]
  expect(reasonToLoadAll({ ...question, files })).toBe(null)
  const inside = file('warehouse/models/shared.md', '120000')
  expect(reasonToLoadAll({ ...question, files: [...files, inside] })).toBe(
    'warehouse/models/shared.md is a symbolic link',
  )
})

test('Python that is imported whatever its text says', () => {
  const paths = ['warehouse/config.yaml', 'warehouse/macros/__pycache__/money.cpython-312.pyc']
  const files = paths.map((path) => file(path))
  const question = { files, projects: ['warehouse'], changes: [change('README.md')] }
  expect(reasonToLoadAll(question)).toBe(`${paths[1]} may be imported`)
})

describe('what may be read besides', () => {
  test('any change has to be observed where code may read any file', () => {
    const open = { open: 'macros may read files', seeds: [] }
    expect(scopeOf(['README.md'], open)).toMatchObject({
      kind: 'observed',
      because: 'README.md changed, and macros may read files',
      unread: { kind: 'nothing' },
    })
    expect(scopeOf(['warehouse/models/a.sql'], open)).toMatchObject({
      kind: 'observed',
      unread: { kind: 'files' },
    })
    expect(scopeOf([], open)).toMatchObject({ kind: 'nothing' })
  })

  test('a file that no loader is known to read has to be observed too', () => {
    expect(scopeOf(['README.md', 'warehouse/helpers/money.py'])).toMatchObject({
      kind: 'observed',
      because: 'warehouse/helpers/money.py changed, and a load may read it',
      unread: { kind: 'nothing' },
    })
    expect(scopeOf(['warehouse/x.json', 'warehouse/macros/m.py'])).toMatchObject({
      kind: 'everything',
    })
  })

  test('any change means everything where a seed may have any data', () => {
    const seeds = { open: 'the data of a seed may be any file', seeds: null }
    expect(scopeOf(['README.md'], seeds)).toMatchObject({
      kind: 'everything',
      because: 'README.md changed, and the data of a seed may be any file',
    })
    expect(scopeOf([], seeds)).toMatchObject({ kind: 'nothing' })
  })

  test.each(['LICENSE', 'warehouse/seeds/a.csv', 'web/yarn.lock', 'docs/list.md', 'lib/d.py'])(
    'the data of a seed: %s',
    (path) => {
      const scope = scopeOf([path], { open: null, seeds: [path] })
      expect(scope).toMatchObject({ kind: 'files', seeds: true })
      expect(scope).toMatchObject({
        files: { base: expect.arrayContaining([path]), head: expect.arrayContaining([path]) },
      })
      expect(scopeOf([path])).toMatchObject({ kind: 'nothing' })
    },
  )

  test('a model that is the data of a seed as well is loaded with it', () => {
    const path = 'warehouse/models/a.sql'
    expect(scopeOf([path], { open: null, seeds: [path] })).toMatchObject({ seeds: true })
  })
})
