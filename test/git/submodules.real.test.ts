import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkedOutCommit, resolveCommits } from '../../src/git/commits.ts'
import { openReader } from '../../src/git/objectReader.ts'
import { openRepository } from '../../src/git/repository.ts'
import { readSubmodules } from '../../src/git/submodules.ts'
import { openTrees } from '../../src/git/trees.ts'
import { parseInputs } from '../../src/inputs/request.ts'
import { compareFiles } from '../../src/scope/compareFiles.ts'
import { git, type Origin, temporaryOrigin } from '../helpers/git.ts'
import { snapshot } from '../helpers/snapshot.ts'
import { exists, temporaryFolder } from '../helpers/temporary.ts'
import { type Tree, treeIn } from './reading.ts'
import { program } from './traps.ts'

const CONFIG = {
  'wh/config.yaml': 'model_defaults:\n  dialect: duckdb\n',
  'wh/models/a.sql': 'A\n',
}
const MODELS = 'wh/models/shared'

let top: Origin
let shared: Origin
let inner: Origin
/** Commits of the shared models, oldest first. */
let versions: readonly string[]
beforeAll(async () => {
  top = await temporaryOrigin()
  shared = await temporaryOrigin()
  inner = await temporaryOrigin()
  const deep = await inner.commit({ 'c.sql': 'C\n' }, 'Inner')
  const inside = { '.gitmodules': moduleAt('deep', inner.url), deep: { submodule: deep } }
  const first = await shared.commit({ 'b.sql': 'B1\n', ...inside }, 'One')
  await shared.commit({ 'b.sql': 'B2\n' }, 'Two')
  versions = [first, await shared.commit({ 'b.sql': 'B3\n', 'new.sql': 'N\n' }, 'Three')]
})
afterAll(async () => {
  for (const origin of [top, shared, inner]) await origin[Symbol.asyncDispose]()
})

const moduleAt = (path: string, url: string, name = path) =>
  `[submodule "${name}"]\n\tpath = ${path}\n\turl = ${url}\n`

type Files = Parameters<Origin['commit']>[0]
let branches = 0

/** Two commits, the second one checked out. */
async function cloneOf(before: Files, after: Files, depth = 1) {
  branches += 1
  const branch = `b${branches}`
  const base = await top.commit({ ...CONFIG, ...before }, 'Base', branch)
  await top.commit(after, 'Head', branch)
  const clone = await top.checkout({ ref: `refs/heads/${branch}`, depth })
  return { clone, base }
}

/** As actions/checkout does with `submodules: true`, or `recursive`. */
async function populate(clone: string, depth: number, ...options: string[]): Promise<void> {
  await git(clone, ['submodule', 'sync', '--quiet'])
  const update = ['submodule', 'update', '--init', '--force', '--quiet']
  const deep = depth === 0 ? [] : [`--depth=${depth}`]
  await git(clone, ['-c', 'protocol.file.allow=always', ...update, ...deep, ...options])
}

/** All that a check does with submodules, until files are written. */
async function read({ clone, base }: { clone: string; base: string }, project = 'wh') {
  const repository = await openRepository(clone)
  const commits = await resolveCommits(repository.git, {
    head: await checkedOutCommit(repository.git),
    headFetchRef: null,
    base: { kind: 'commit', revision: base },
  })
  await using submodules = await readSubmodules(repository, commits, tmpdir())
  await using reader = await openReader(submodules.objects, tmpdir())
  const request = parseInputs({ project, 'asset-key': '{schema}/{name}' })
  const search = { workspace: clone, environment: process.env }
  const { changed, scope } = await compareFiles(reader, submodules, request, search)
  await using trees = await openTrees(tmpdir())
  await trees.checkout(submodules.objects, submodules.commits, null)
  return {
    changed: changed.map(({ path }) => path),
    scope: scope.kind,
    base: await trees.visit('base', treeIn),
    head: await trees.visit('head', treeIn),
  }
}

const only = (tree: Tree, folder: string): Tree =>
  Object.fromEntries(
    Object.entries(tree)
      .filter(([path]) => path.startsWith(`${folder}/`) && !path.endsWith('.gitmodules'))
      .map(([path, text]) => [path.slice(folder.length + 1), text]),
  )

const bump = (path: string, name = path): [Files, Files] => [
  {
    '.gitmodules': moduleAt(path, shared.url, name),
    [path]: { submodule: versions[0] as string },
  },
  { [path]: { submodule: versions[1] as string } },
]

test('a shallow clone has head’s commit of a submodule: base’s is fetched, and nothing else is touched', async () => {
  await using folder = await temporaryFolder()
  const place = await cloneOf(...bump(MODELS, 'lib/shared models'))
  await populate(place.clone, 1, '--recursive')
  const own = join(place.clone, '.git/modules/lib/shared models')
  // Nothing of the submodule’s own runs either.
  const { path, mark } = await program(folder.path)
  for (const hook of ['reference-transaction', 'post-checkout', 'post-index-change']) {
    await writeFile(join(own, 'hooks', hook), await readFile(path), { mode: 0o755 })
  }
  await git(place.clone, ['config', '--file', join(own, 'config'), 'core.fsmonitor', path])
  const before = await snapshot(place.clone)

  const found = await read(place)

  expect(only(found.base, MODELS)).toEqual({ 'b.sql': 'B1\n', 'deep/c.sql': 'C\n' })
  expect(only(found.head, MODELS)).toEqual({
    ...{ 'b.sql': 'B3\n', 'new.sql': 'N\n' },
    'deep/c.sql': 'C\n',
  })
  expect(found.changed).toEqual([`${MODELS}/b.sql`, `${MODELS}/new.sql`])
  expect(found.scope).toBe('files')
  expect(await exists(mark)).toBe(false)
  // Only objects were added, and the list of shallow commits.
  const after = await snapshot(place.clone)
  const touched = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (one) => before[one] !== after[one] && !/modules\/lib\/shared models\/objects\//.test(one),
  )
  expect(touched).toEqual(['.git/modules/lib/shared models/shallow'])
})

test('a submodule that only base has is read from where git keeps it', async () => {
  const [before, after] = bump(MODELS)
  const place = await cloneOf({ ...before, ...after }, { [MODELS]: null, '.gitmodules': null }, 0)
  await git(place.clone, ['checkout', '--quiet', place.base])
  await populate(place.clone, 0, '--recursive')
  await git(place.clone, ['checkout', '--quiet', '--force', 'HEAD@{1}'])
  await rm(join(place.clone, MODELS), { recursive: true, force: true })

  const found = await read(place)

  expect(found.changed).toContain(`${MODELS}/b.sql`)
  expect(Object.keys(only(found.base, MODELS))).toContain('b.sql')
  expect(only(found.head, MODELS)).toEqual({})
})

const missing = /^The files of the submodule wh\/models\/shared are not in this clone, and models/

test('without its files it cannot be told what a project loads, whether they differ or not', async () => {
  const [before, after] = bump(MODELS)
  const hint = expect.stringContaining('`submodules: true`')
  for (const change of [after, { 'wh/models/a.sql': 'changed\n' }]) {
    const place = await cloneOf(before, change)
    const error = { code: 'submodule', message: expect.stringMatching(missing), hint }
    await expect(read(place)).rejects.toThrow(expect.objectContaining(error))
  }
  // The project may lie in one, and a link may lead there.
  await expect(read(await cloneOf(...bump('data')), 'data/wh')).rejects.toThrow(
    /the project lies in it\.$/,
  )
})

test('a submodule of a submodule that is not populated is told as its own', async () => {
  const place = await cloneOf(...bump(MODELS))
  await populate(place.clone, 1)
  await expect(read(place)).rejects.toThrow(/submodule wh\/models\/shared\/deep are not in this/)
})

test('a commit that the remote does not have is an error with git’s words', async () => {
  const [before, after] = bump(MODELS)
  const place = await cloneOf({ ...before, [MODELS]: { submodule: '1'.repeat(40) } }, after)
  await populate(place.clone, 1, '--recursive')
  await expect(read(place)).rejects.toThrow(
    expect.objectContaining({
      side: 'base',
      message: expect.stringMatching(
        /^The clone of the submodule wh\/models\/shared does not have the commit 111111111111 of base, and it could not be fetched \(.+\), and models/,
      ),
      hint: expect.stringContaining('`fetch-depth: 0`'),
    }),
  )
})

test('a submodule without an entry in .gitmodules cannot be known', async () => {
  const [, after] = bump(MODELS)
  const place = await cloneOf({}, after)
  await rm(join(place.clone, MODELS), { recursive: true, force: true })
  await git(place.clone, ['clone', '--quiet', shared.url, MODELS])
  await expect(read(place)).rejects.toThrow(/is a submodule without an entry in \.gitmodules/)
})

test('elsewhere a submodule changes nothing, whether it is here or not', async () => {
  const place = await cloneOf(...bump('docs/theme'))
  const absent = await read(place)
  expect([absent.scope, absent.changed]).toEqual(['nothing', []])

  await populate(place.clone, 1, '--recursive')
  const there = await read(place)
  expect(there.scope).toBe('nothing')
  expect(there.changed).toEqual(['docs/theme/b.sql', 'docs/theme/new.sql'])

  const [before] = bump('docs/theme')
  const model = await read(await cloneOf(before, { 'wh/models/a.sql': 'changed\n' }))
  expect([model.scope, model.changed]).toEqual(['files', ['wh/models/a.sql']])
})

/** Ways in which a pull request could have other things read than its own submodules. */
test.each<[string, (clone: string, secret: string) => Promise<Files>]>([
  ['a name that leads up', async () => ({ '.gitmodules': moduleAt(MODELS, 'x', '../secret') })],
  [
    'a name in another folder of git’s',
    async () => ({ '.gitmodules': moduleAt(MODELS, 'x', 'x/../../secret') }),
  ],
  [
    'an address that is a program',
    async (clone) => ({
      '.gitmodules': moduleAt(MODELS, `ext::sh -c "touch ${clone}/mark"`, 'own'),
    }),
  ],
  [
    'a link in the place of the folder',
    async (clone, secret) => {
      await rm(join(clone, MODELS), { recursive: true, force: true })
      await symlink(secret, join(clone, MODELS))
      return { '.gitmodules': moduleAt(MODELS, 'x', 'own') }
    },
  ],
  [
    'a file that says where the repository is',
    async (clone, secret) => {
      await mkdir(join(clone, MODELS), { recursive: true })
      await writeFile(join(clone, MODELS, '.git'), `gitdir: ${secret}/.git\n`)
      return { '.gitmodules': moduleAt(MODELS, 'x', 'own') }
    },
  ],
  [
    'a link among the modules',
    async (clone, secret) => {
      await symlink(join(secret, '.git'), join(clone, '.git/modules/own'))
      return { '.gitmodules': moduleAt(MODELS, 'x', 'own') }
    },
  ],
])('%s reads no other repository and runs nothing', async (_, prepare) => {
  await using folder = await temporaryFolder()
  const [, after] = bump(MODELS)
  const { clone, base } = await cloneOf({}, { ...after, '.gitmodules': '' })
  const secret = join(folder.path, 'secret')
  await git(folder.path, ['clone', '--quiet', shared.url, secret])
  // As a neighbour of the checkout too, where a name could lead.
  await git(folder.path, ['clone', '--quiet', '--bare', shared.url, join(clone, '.git', 'secret')])
  await mkdir(join(clone, '.git', 'modules'))
  const files = await prepare(clone, secret)
  await writeFile(join(clone, '.gitmodules'), String(files['.gitmodules']))
  const blob = await git(clone, ['hash-object', '-w', '.gitmodules'])
  await git(clone, ['update-index', '--cacheinfo', `100644,${blob},.gitmodules`])
  const tree = await git(clone, ['write-tree'])
  const head = await git(clone, ['commit-tree', tree, '-p', 'HEAD', '-m', 'Hostile'])
  await git(clone, ['update-ref', '--no-deref', 'HEAD', head])

  // That one, not the submodule in it, which would be missing once the other repository is read.
  await expect(read({ clone, base })).rejects.toThrow(missing)
  expect(await exists(join(clone, 'mark'))).toBe(false)
})

test('Python that may read one needs it', async () => {
  const [before, after] = bump('docs/theme')
  const macro = 'import os\n\nNAMES = os.listdir("docs/theme")\n'
  const place = await cloneOf({ ...before, 'wh/macros/names.py': macro }, after)
  await expect(read(place)).rejects.toThrow(/docs\/theme are not in .*, and the project may read/)
})

test('a seed with its data in one needs it', async () => {
  const [before, after] = bump('docs/data')
  const seed = "MODEL (name s.n, kind SEED (path '../../docs/data/b.csv'));\n"
  const place = await cloneOf({ ...before, 'wh/models/n.sql': seed }, after)
  await expect(read(place)).rejects.toThrow(/docs\/data are not in .*, and the project may read/)
})

test('a symbolic link of the project that leads into one needs it', async () => {
  const [before, after] = bump('shared')
  const place = await cloneOf(before, after)
  const blob = await git(place.clone, ['hash-object', '-w', '--stdin'], { input: '../../shared' })
  await git(place.clone, ['update-index', '--add', '--cacheinfo', `120000,${blob},wh/models/led`])
  const tree = await git(place.clone, ['write-tree'])
  const head = await git(place.clone, ['commit-tree', tree, '-p', 'HEAD', '-m', 'Link'])
  await git(place.clone, ['update-ref', '--no-deref', 'HEAD', head])
  await expect(read(place)).rejects.toThrow(/the symbolic link wh\/models\/led may lead there/)
})
