import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const src = join(import.meta.dirname, '..', 'src')
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
)

/** What each file imports: files relative to src/, packages by name. Types count as imports too. */
function importsOf(file: string): { name: string; typeOnly: boolean }[] {
  const text = readFileSync(join(src, file), 'utf8')
  return [...text.matchAll(/^import (type )?[^'"]*?['"]([^'"]+)['"]/gms)].map((match) => {
    const name = match[2] as string
    const path = name.startsWith('.') ? relative(src, join(src, dirname(file), name)) : name
    return { name: path, typeOnly: match[1] !== undefined }
  })
}

const room = (file: string) => (file.includes('/') ? (file.split('/')[0] as string) : file)

/**
 * The way of the data: a room may use what comes before it. A change to one room then never needs a
 * change to those before it, and there are no cycles.
 */
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  'failure.ts': [],
  'progress.ts': [],
  'privateFolder.ts': ['failure.ts'],
  'ending.ts': [],
  'http.ts': [],
  'inputValues.ts': [],
  'commentKey.ts': [],
  'inputs.ts': ['commentKey.ts', 'failure.ts', 'inputValues.ts'],
  'event.ts': ['failure.ts', 'inputs.ts'],
  'pullRequest.ts': ['inputs.ts', 'event.ts'],
  isolation: ['failure.ts'],
  git: ['ending.ts', 'failure.ts', 'privateFolder.ts'],
  python: ['ending.ts', 'failure.ts', 'privateFolder.ts', 'isolation'],
  sqlmesh: ['failure.ts', 'privateFolder.ts', 'isolation', 'python'],
  dagster: ['failure.ts', 'isolation', 'python', 'sqlmesh'],
  live: ['http.ts', 'inputs.ts', 'dagster'],
  html: ['git', 'dagster', 'live', 'report'],
  'verdict.ts': ['inputs.ts', 'report'],
  report: ['failure.ts', 'git', 'inputs.ts', 'python', 'sqlmesh', 'dagster', 'live', 'verdict.ts'],
  'overlay.ts': ['inputs.ts', 'live', 'report'],
  'printed.ts': ['report'],
  'ports.ts': ['event.ts', 'isolation', 'progress.ts', 'python'],
  'installReads.ts': ['git', 'inputs.ts', 'python'],
  'readScope.ts': ['git', 'inputs.ts', 'sqlmesh'],
  'compareFiles.ts': ['git', 'inputs.ts', 'installReads.ts', 'readScope.ts', 'sqlmesh'],
  'loading.ts': ['failure.ts', 'git', 'inputs.ts', 'isolation', 'ports.ts', 'python', 'sqlmesh'],
  'loads.ts': ['failure.ts', 'git', 'loading.ts', 'ports.ts', 'sqlmesh', 'dagster', 'report'],
  'observe.ts': [
    'compareFiles.ts',
    'failure.ts',
    'git',
    'loading.ts',
    'python',
    'report',
    'sqlmesh',
  ],
  'categories.ts': ['failure.ts', 'loading.ts', 'report', 'sqlmesh', 'dagster'],
  'compare.ts': ['failure.ts', 'inputs.ts', 'sqlmesh', 'dagster', 'report', 'verdict.ts'],
  'check.ts': [
    'categories.ts',
    'compare.ts',
    'compareFiles.ts',
    'event.ts',
    'failure.ts',
    'git',
    'inputs.ts',
    'isolation',
    'loading.ts',
    'loads.ts',
    'observe.ts',
    'overlay.ts',
    'ports.ts',
    'python',
    'report',
    'sqlmesh',
    'verdict.ts',
  ],
  'collect.ts': ['failure.ts', 'inputs.ts', 'overlay.ts', 'report', 'verdict.ts', 'check.ts'],
  github: [
    'failure.ts',
    'html',
    'http.ts',
    'inputs.ts',
    'event.ts',
    'pullRequest.ts',
    'check.ts',
    'isolation',
    'report',
    'printed.ts',
    'python',
    'verdict.ts',
  ],
  'main.ts': [
    'ending.ts',
    'isolation',
    'ports.ts',
    'failure.ts',
    'inputs.ts',
    'event.ts',
    'pullRequest.ts',
    'check.ts',
    'collect.ts',
    'github',
    'progress.ts',
  ],
  doctor: [
    'event.ts',
    'failure.ts',
    'git',
    'inputs.ts',
    'inputValues.ts',
    'isolation',
    'live',
    'loading.ts',
    'loads.ts',
    'ports.ts',
    'python',
    'dagster',
    'report',
    'sqlmesh',
  ],
  'cli.ts': [
    'ending.ts',
    'failure.ts',
    'inputs.ts',
    'event.ts',
    'check.ts',
    'doctor',
    'html',
    'ports.ts',
    'printed.ts',
    'report',
    'progress.ts',
  ],
}

test.each(files)('%s imports along the way of the data', (file) => {
  const allowed = MAY_USE[room(file)]
  expect(allowed, `${room(file)} has no rule yet`).toBeDefined()
  const used = importsOf(file).map(({ name }) => room(name))
  const local = used.filter((name) => name in MAY_USE && name !== room(file))
  expect(local.filter((name) => !allowed?.includes(name))).toEqual([])
})

test.each([
  ['@actions/', /^(main\.ts|http\.ts|github\/)/],
  [
    'zod',
    /^(inputs|inputValues|event|pullRequest|python\/answer|sqlmesh\/(closed|manifest|observation|snapshotVersions)|dagster\/definitions|live\/(answers|ask))\.ts$|^report\/(memory|read)\.ts$|^github\/(answers|calls|client)\.ts$/,
  ],
  ['simple-git', /^git\/repository\.ts$/],
  ['undici', /^http\.ts$/],
  ['smol-toml', /^python\/formats\/documents\.ts$/],
  ['@renovatebot/pep440', /^python\/formats\/(contents|poetry)\.ts$/],
  [
    'node:child_process',
    /^(git\/command|isolation\/launcher|python\/(ask|find|group|install|plain))\.ts$/,
  ],
])('%s is only used where it belongs', (name, where) => {
  const users = files.filter((file) => importsOf(file).some((used) => used.name.startsWith(name)))
  expect(users.length).toBeGreaterThan(0)
  expect(users.filter((file) => !where.test(file))).toEqual([])
})

test('only the log and the terminal print, so that no text of others reaches the runner raw', () => {
  const prints = /\bconsole\.|\bcore\.info\b|\b(stdout|stderr)\.write\b/
  const printing = files.filter((file) => prints.test(readFileSync(join(src, file), 'utf8')))
  expect(printing.sort()).toEqual(['cli.ts', 'github/log.ts'])
})
