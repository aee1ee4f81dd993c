import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

const src = join(import.meta.dirname, '..', 'src')
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort()
const texts = new Map(files.map((file) => [file, readFileSync(join(src, file), 'utf8')]))
const textOf = (file: string) => texts.get(file) as string

/** What a file imports: files relative to src/, packages by name. Types count as imports too. */
function importsOf(file: string): readonly string[] {
  const found = textOf(file).matchAll(/^(?:import|export) [^'"]*?['"]([^'"]+)['"]/gms)
  return [...found].map(([, name = '']) =>
    name.startsWith('.') ? relative(src, join(src, dirname(file), name)) : name,
  )
}

/**
 * The folders of src/, from the platform up. Each may use those before it and none after, so that a change to one
 * never needs a change to what it stands on.
 */
const FLOORS = [
  'platform',
  'sandbox',
  'git',
  'interpreter',
  'scope',
  'sqlmesh',
  'dagster',
  'report',
  'inputs',
  'check',
  'github',
  'doctor',
] as const

const ENTRIES = ['cli.ts', 'main.ts']

const folderOf = (file: string) => file.split('/')[0] as string

test('nothing lies outside of the folders but the two entries', () => {
  const places = new Set(files.map(folderOf))
  expect([...places].sort()).toEqual([...ENTRIES, ...FLOORS].sort())
})

test.each(FLOORS)('%s/ uses only what stands before it', (floor) => {
  const below: readonly string[] = FLOORS.slice(0, FLOORS.indexOf(floor) + 1)
  const own = files.filter((file) => folderOf(file) === floor)
  const used = own.flatMap((file) =>
    importsOf(file)
      .filter((name) => texts.has(name) && !below.includes(folderOf(name)))
      .map((name) => `${file} uses ${name}`),
  )
  expect(used).toEqual([])
})

test('no file imports itself by way of others', () => {
  const seen = new Set<string>()
  const circles: string[] = []
  const follow = (file: string, way: readonly string[]) => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '))
    if (seen.has(file)) return
    seen.add(file)
    for (const name of importsOf(file)) if (texts.has(name)) follow(name, [...way, file])
  }
  for (const file of files) follow(file, [])
  expect(circles).toEqual([])
})

/** Values that more than one of the pairs has, with what has them. */
function doubled(pairs: readonly (readonly [value: string, of: string])[]): string[] {
  const all = Map.groupBy(pairs, ([value]) => value)
  return [...all]
    .filter(([, of]) => of.length > 1)
    .map(([value, of]) => `${value}: ${of.map(([, one]) => one).join(', ')}`)
}

describe('a name is looked for once', () => {
  test('of a file', () => {
    const python = readdirSync(join(src, '..', 'python'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.py') && !basename(file).startsWith('__'))
      .map((file) => [basename(file), file] as const)
    expect(doubled(files.map((file) => [basename(file), file]))).toEqual([])
    expect(doubled(python)).toEqual([])
  })

  test('of what a file exports', () => {
    const exported =
      /^export (?:async )?(?:abstract )?(?:const|function|class|type|interface) (\w+)/gm
    const names = files.flatMap((file) =>
      [...textOf(file).matchAll(exported)].map(([, name = '']) => [name, file] as const),
    )
    expect(names.length).toBeGreaterThan(300)
    expect(doubled(names)).toEqual([])
  })
})

/** Who uses a package of others, or of Node's that starts programs: these files, and no others. */
const USERS: Readonly<Record<string, readonly string[]>> = {
  '@actions/': [
    'github/annotate.ts',
    'github/api/octokit.ts',
    'github/log.ts',
    'github/publish.ts',
    'github/runner.ts',
    'main.ts',
    'platform/http.ts',
  ],
  zod: [
    'dagster/definitions.ts',
    'dagster/live/askDagster.ts',
    'dagster/live/liveAnswers.ts',
    'github/api/apiAnswers.ts',
    'github/api/client.ts',
    'github/api/octokit.ts',
    'github/event.ts',
    'github/pullRequest.ts',
    'inputs/inputValues.ts',
    'inputs/inputs.ts',
    'inputs/request.ts',
    'interpreter/answerEnvelope.ts',
    'report/memory.ts',
    'report/model.ts',
    'report/readReport.ts',
    'report/writeReport.ts',
    'scope/askClosed.ts',
    'sqlmesh/loadObservation.ts',
    'sqlmesh/manifest.ts',
    'sqlmesh/snapshotVersions.ts',
  ],
  'simple-git': ['git/gitCommand.ts'],
  undici: ['platform/http.ts'],
  'smol-toml': ['interpreter/formats/parseDocuments.ts'],
  yaml: ['interpreter/formats/parseDocuments.ts'],
  '@renovatebot/pep440': ['interpreter/formats/fileContents.ts', 'interpreter/formats/poetry.ts'],
  'node:child_process': [
    'interpreter/anyPython.ts',
    'interpreter/askProcess.ts',
    'interpreter/findPython.ts',
    'interpreter/install.ts',
    'interpreter/processGroup.ts',
    'sandbox/sandboxWays.ts',
  ],
}

test.each(Object.entries(USERS))('%s is used where it belongs', (name, users) => {
  const using = files.filter((file) => importsOf(file).some((used) => used.startsWith(name)))
  expect(using).toEqual(users)
})

test('only the log and the terminal print, so that no text of others reaches the runner raw', () => {
  const prints = /\bconsole\.|\bcore\.info\b|\b(stdout|stderr)\.write\b/
  const printing = files.filter((file) => prints.test(textOf(file)))
  expect(printing).toEqual(['cli.ts', 'github/log.ts'])
})
