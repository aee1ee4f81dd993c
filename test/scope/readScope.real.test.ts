import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { git, temporaryOrigin } from '../helpers/git.ts'
import { scopeIn } from '../helpers/scopes.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

/* A change of one file, as the product reads it from git. */

type Texts = Readonly<Record<string, string>>

const project: Texts = {
  'config.yaml': 'gateways: {}\n',
  'models/a.sql': 'MODEL (name s.a, kind FULL);\nSELECT 1 AS x\n',
}

/** What has to be loaded where one file is changed, and why. */
async function scopeOfChange(
  file: string,
  files: Texts,
  change: string | null = 'id\n2\n',
  environment?: NodeJS.ProcessEnv,
) {
  await using origin = await temporaryOrigin()
  const base = await origin.commit({ ...project, [file]: 'id\n1\n', ...files }, 'Base')
  const head = await origin.commit({ [file]: change }, 'Head')
  const clone = await origin.checkout({ ref: 'refs/heads/main', depth: 0 })
  return await scopeIn(clone, { base, head }, {}, environment)
}

const kindOfChange = async (...change: Parameters<typeof scopeOfChange>) =>
  (await scopeOfChange(...change)).kind

const seed = (path: string) => ({ 'models/m.sql': `MODEL (name s.m, kind SEED (path ${path}));\n` })

test.each([
  ['data/rates.csv', "'../data/rates.csv'"],
  ['data/Größe.csv', "'../data/Größe.csv'"],
  ['data/d.md', "'../data/d.md'"],

  ['LICENSE', "'../LICENSE'"],
  ['models/d.md', "'$root/models/d.md'"],
  ['data/p.md', "'../data/p.md'\n  "],
  ['data/c.md', "'../data/c.md' -- of the year\n  -- before\n  "],
])('a change of %s is one of the seed whose path is %s', async (data, path) => {
  expect(await kindOfChange(data, seed(path))).toBe('files')
})

test.each([
  ['data/d.html', "'../data/d.html'"],
  ['data/d.sql', "'../data/d.sql'"],
  ['data/d.py', "'../data/d.py'"],
  ['tests/d.yaml', "'../tests/d.yaml'"],
])('a change of %s may be more than one of the seed whose path is %s', async (data, path) => {
  expect(await scopeOfChange(data, seed(path))).toMatchObject({
    kind: 'observed',
    unread: { kind: 'files', seeds: true },
  })
})

test.each([
  ["data/it's.csv", "'../data/it''s.csv'"],
  ['data/a "b" c.csv', '"../data/a ""b"" c.csv"'],
])(
  'a change of %s means everything, as the path of the seed %s is not plain',
  async (data, path) => {
    expect(await kindOfChange(data, seed(path))).toBe('everything')
  },
)

test('a change of a file that no model names is none', async () => {
  const rates = seed("'../data/rates.csv'")
  expect(await kindOfChange('data/prices.csv', rates)).toBe('nothing')
})

test('a seed’s data before the change counts as well', async () => {
  const { kind } = await scopeOfChange(
    'models/m.sql',
    { 'data/d.md': 'id\n1\n', ...seed("'../data/d.md'") },
    null,
  )
  expect(kind).toBe('files')
  await using origin = await temporaryOrigin()
  const base = await origin.commit(
    { ...project, 'data/d.md': 'id\n1\n', ...seed("'../data/d.md'") },
    'Base',
  )
  const head = await origin.commit(
    { 'data/d.md': null, ...seed("'../data/e.md'"), 'data/e.md': 'id\n1\n' },
    'Head',
  )
  const clone = await origin.checkout({ ref: 'refs/heads/main', depth: 0 })
  const scope = await scopeIn(clone, { base, head })
  expect(scope).toMatchObject({
    kind: 'files',
    files: {
      base: expect.arrayContaining(['data/d.md']),
      head: expect.arrayContaining(['data/e.md']),
    },
  })
})

test('a seed whose data lie behind a link', async () => {
  await using origin = await temporaryOrigin()
  const model = "MODEL (name s.m, kind SEED (path '../../data/link.csv'));\n"
  const files = { 'wh/config.yaml': 'gateways: {}\n', 'wh/models/m.sql': model }
  await origin.commit({ ...files, 'raw/real.csv': 'id\n1\n' }, 'Files')
  const clone = await origin.checkout({ ref: 'refs/heads/main', depth: 0 })
  const commit = async () => {
    await git(clone, ['add', '--all'])
    await git(clone, ['commit', '--quiet', '--message', 'Changed'])
    return await git(clone, ['rev-parse', 'HEAD'])
  }
  await mkdir(join(clone, 'data'))
  await symlink('../raw/real.csv', join(clone, 'data/link.csv'))
  const base = await commit()
  await writeFile(join(clone, 'raw/real.csv'), 'id\n2\n')
  const head = await commit()
  expect(await scopeIn(clone, { base, head }, { project: 'wh' })).toMatchObject({
    kind: 'everything',
    because: 'raw/real.csv changed, and the data of the seed wh/models/m.sql may be any file',
  })
})

/** A macro that may read files, and nothing says which. */
const reading = {
  'macros/include.py': `from pathlib import Path
from sqlmesh import macro

@macro()
def include(evaluator, path):
    return Path(path.name).read_text()
`,
  'models/c.sql': "MODEL (name s.c, kind FULL);\n@include('queries/shared.sql')\n",
}
const closing = {
  'macros/twice.py':
    'from sqlmesh import macro\n\n@macro()\ndef twice(evaluator, x):\n    return f"{x} * 2"\n',
}

describe('a change where a macro may read files', () => {
  test.each([
    ['of documentation', 'docs/rates.md', 'nothing'],
    ['of a model', 'models/b.sql', 'files'],
    ['of seed data', 'data/rates.csv', 'nothing'],
  ])('%s has to be observed', async (_, file, kind) => {
    const scope = await scopeOfChange(file, reading)
    expect(scope).toMatchObject({ kind: 'observed', unread: { kind } })
    expect(scope).toHaveProperty('because', expect.stringContaining('include.py may read files'))
  })

  test('of nothing is none', async () => {
    await using origin = await temporaryOrigin()
    const base = await origin.commit({ ...project, ...reading }, 'Base')
    const clone = await origin.checkout({ ref: 'refs/heads/main', depth: 0 })
    expect(await scopeIn(clone, { base, head: base })).toMatchObject({ kind: 'nothing' })
  })

  test('is less where no macro may', async () => {
    expect(await kindOfChange('docs/rates.md', closing)).toBe('nothing')
    expect(await kindOfChange('models/b.sql', closing)).toBe('files')
  })
})

describe('the Python that tells', () => {
  const lying = '#!/bin/sh\necho \'{"open": null, "seeds": []}\'\n'

  test('without one, nothing is known', async () => {
    const scope = await scopeOfChange('README.md', closing, 'b\n', { PATH: '/nonexistent' })
    expect(scope).toMatchObject({
      kind: 'everything',
      because: 'README.md changed, and no Python could tell what the project reads',
    })
  })

  test.each([
    ['is active', (clone: string) => ({ VIRTUAL_ENV: `${clone}/.venv` })],
    ['is on PATH', (clone: string) => ({ PATH: `${clone}/.venv/bin` })],
    ['is a folder above on PATH', (clone: string) => ({ PATH: `${clone}/docs/../.venv/bin` })],
  ])('is not one of the checkout that %s', async (_, environment) => {
    await using origin = await temporaryOrigin()
    const venv = { '.venv/bin/python': lying, '.venv/bin/python3': lying, 'docs/a.md': 'a' }
    const base = await origin.commit({ ...project, ...reading, ...venv }, 'Base')
    const head = await origin.commit({ 'README.md': 'b\n' }, 'Head')
    const clone = await origin.checkout({ ref: 'refs/heads/main', depth: 0 })
    const scope = await scopeIn(clone, { base, head }, {}, environment(clone))
    expect(scope.kind).toBe('everything')
  })

  test.each([
    ['nothing', ''],
    ['something else', 'Welcome\n{"open": null, "seeds": []}'],
    ['another document', '{"open": null}'],
  ])('is not believed where it says %s', async (_, said) => {
    await using folder = await temporaryFolder()
    const program = `#!/bin/sh\ncat > /dev/null\nprintf '%s' '${said}'\n`
    await writeFile(join(folder.path, 'python3'), program, { mode: 0o755 })
    const PATH = `${folder.path}:/usr/bin:/bin`
    const scope = await scopeOfChange('README.md', closing, 'b\n', { PATH })
    expect(scope).toMatchObject({
      kind: 'everything',
      because: 'README.md changed, and the answer of a Python about it was not understood',
    })
  })

  test('is not one that a link leads to', async () => {
    await using origin = await temporaryOrigin()
    await using folder = await temporaryFolder()
    const base = await origin.commit({ ...project, ...reading, 'bin/python3': lying }, 'Base')
    const head = await origin.commit({ 'README.md': 'b\n' }, 'Head')
    const clone = await origin.checkout({ ref: 'refs/heads/main', depth: 0 })
    await symlink(join(clone, 'bin'), join(folder.path, 'bin'))
    await symlink(join(clone, 'bin/python3'), join(folder.path, 'python3'))
    const PATH = `${folder.path}/bin:${folder.path}`
    expect((await scopeIn(clone, { base, head }, {}, { PATH })).kind).toBe('everything')
  })
})

describe('texts that would take long are decided in time', () => {
  const long = (unit: string) => unit.repeat(Math.ceil(300_000 / unit.length))
  const sql = (text: string) => ({ 'models/long.sql': text })
  const python = (text: string) => ({ 'macros/long.py': text })

  test.each([
    ['an import', python(`from ${long('a')}\n`)],
    ['nested brackets', python(`X = ${long('[')}\n`)],
    ['a sum', python(`X = ${long('1 + ')}1\n`)],
    ['attributes', python(`X = a${long('.a')}\n`)],
    ['functions', python(long('def f():\n    return f\n'))],
    [
      'MODEL after MODEL',
      sql(`MODEL (name s.l, kind FULL);\nSELECT '${long('MODEL ( @a ')}' AS x`),
    ],
    ['comments', sql(`${long('/* a */ ')} x MODEL (name s.l, kind FULL);\nSELECT 1`)],
    ['comments that do not end', sql(`MODEL (name s.l, ${long('/*')}`)],
    ['quotes', sql(`MODEL (name s.l, kind SEED (path '${long("''")}`)],
    ['brackets', sql(`MODEL (name s.l, ${long('(')}`)],
    ['jinja', sql(`SELECT ${long('{{ ')}`)],
    ['macros', sql(`SELECT ${long('@a(')}`)],
    ['blanks', sql(`MODEL (name s.l, kind${long(' ')} SEED (path ${long(' ')}`)],
  ])(
    '%s',
    async (_, files) => {
      const before = performance.now()
      await scopeOfChange('data/x.csv', files)
      expect(performance.now() - before).toBeLessThan(25_000)
    },
    30_000,
  )

  test('more than is worth looking at is not', async () => {
    const files = { ...closing, 'models/long.sql': `SELECT '${'a'.repeat(65 * 1024 * 1024)}'` }
    expect(await scopeOfChange('README.md', files)).toMatchObject({
      kind: 'everything',
      because: expect.stringContaining('took more than 67108864 bytes'),
    })
  })
})
