import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { root } from './helpers/actionFile.ts'
import { git } from './helpers/git.ts'
import { runNode } from './helpers/process.ts'
import { type TemporaryFolder, temporaryFolder } from './helpers/temporary.ts'
import { writeFiles } from './helpers/writeFiles.ts'

const CHANGELOG =
  '# Changelog\n\n## Unreleased\n\n- Something new.\n\n## 0.1.0 (2026-01-01)\n\n- All.\n'
const FILES = {
  'package.json': `${JSON.stringify({ version: '0.1.0', scripts: { build: 'node build.mjs' } }, null, 2)}\n`,
  'package-lock.json': `${JSON.stringify({ version: '0.1.0', packages: { '': { version: '0.1.0' } } }, null, 2)}\n`,
  // Stands for the real build: dist/ is what it makes of src.
  'build.mjs': "import { copyFileSync } from 'node:fs'\ncopyFileSync('src.js', 'dist/index.js')\n",
  'src.js': 'main()\n',
  'dist/index.js': 'main()\n',
  '.ci/run': '#!/bin/sh\nexit 0\n',
  'CHANGELOG.md': CHANGELOG,
  'README.md': 'uses: OWNER/unsynced@v0.1.0\nuses: actions/checkout@v7.0.0\n',
}

type Scratch = TemporaryFolder & {
  readonly release: (...args: string[]) => Promise<{ exitCode: number; said: string }>
  readonly git: (...args: string[]) => Promise<string>
  readonly read: (file: string) => Promise<string>
}

/** A small repository that releases as this one does, in real git, with a remote of its own. */
async function scratch(files: Readonly<Record<string, string>> = {}): Promise<Scratch> {
  const folder = await temporaryFolder()
  const work = join(folder.path, 'work')
  await writeFiles(work, { ...FILES, ...files })
  await chmod(join(work, '.ci/run'), 0o755)
  await mkdir(join(work, 'scripts'))
  await copyFile(join(root, 'scripts/release.mjs'), join(work, 'scripts/release.mjs'))
  const run = (...args: string[]) => git(work, args)
  await run('init', '--quiet', '--initial-branch', 'main')
  await run('config', 'user.name', 'Releaser')
  await run('config', 'user.email', 'releaser@example.com')
  await run('add', '.')
  await run('commit', '--quiet', '--message', 'All')
  await git(folder.path, ['clone', '--quiet', '--bare', work, 'remote.git'])
  await run('remote', 'add', 'origin', '../remote.git')
  await run('fetch', '--quiet', 'origin')
  return {
    ...folder,
    git: run,
    read: (file) => readFile(join(work, file), 'utf8'),
    release: async (...args) => {
      const env = { PATH: process.env['PATH'] ?? '', HOME: folder.path, TMPDIR: folder.path }
      const options = { cwd: work, env, timeout: 60_000 }
      const { exitCode, stdout, stderr } = await runNode('scripts/release.mjs', args, options)
      return { exitCode, said: stdout + stderr }
    },
  }
}

test('a release is one commit and an annotated tag, names the version everywhere, and pushes nothing', async () => {
  await using repository = await scratch()
  const before = await repository.git('rev-parse', 'HEAD')
  const { exitCode, said } = await repository.release('0.2.0')
  expect(said).toContain('git push --atomic origin main v0.2.0')
  expect(exitCode).toBe(0)

  expect(await repository.git('rev-parse', 'HEAD~1')).toBe(before)
  expect(await repository.git('log', '-1', '--format=%an: %s')).toBe('Releaser: Release 0.2.0')
  expect(await repository.git('cat-file', '-t', 'v0.2.0')).toBe('tag')
  expect(await repository.git('rev-parse', 'v0.2.0^{commit}')).toBe(
    await repository.git('rev-parse', 'HEAD'),
  )
  expect(await repository.git('status', '--porcelain')).toBe('')

  const packages =
    (await repository.read('package.json')) + (await repository.read('package-lock.json'))
  expect(packages.match(/"version": "0\.2\.0"/g)).toHaveLength(3)
  expect(await repository.read('README.md')).toBe(
    'uses: OWNER/unsynced@v0.2.0\nuses: actions/checkout@v7.0.0\n',
  )
  const changelog = await repository.read('CHANGELOG.md')
  expect(changelog.replace(/\d{4}-\d\d-\d\d\)\n\n- S/, 'today)\n\n- S')).toBe(
    CHANGELOG.replace('## Unreleased\n', '## Unreleased\n\n## 0.2.0 (today)\n'),
  )
  expect(notesOf(changelog, 'v0.2.0', repository.path).trim()).toBe('- Something new.')

  const remote = await repository.git('ls-remote', 'origin')
  expect(remote).not.toContain('v0.2.0')
  expect(remote).toContain(`${before}\trefs/heads/main`)
})

/** What the release workflow would say of a version: its own script, with its own changelog. */
function notesOf(changelog: string, tag: string, folder: string): string {
  const workflow = parse(readFileSync(join(root, '.github/workflows/release.yml'), 'utf8'))
  const step = workflow.jobs.release.steps.find(({ name }: { name?: string }) => name === 'Release')
  const [script] = (step.run as string).split('\n').filter((line) => line.startsWith('awk '))
  execFileSync('bash', ['--norc', '-ec', `cat > CHANGELOG.md; ${script}`], {
    cwd: folder,
    input: changelog,
    env: { PATH: process.env['PATH'], GITHUB_REF_NAME: tag, RUNNER_TEMP: folder },
  })
  return readFileSync(join(folder, 'notes.md'), 'utf8')
}

type Refusal = readonly [
  what: string,
  expected: string,
  args: readonly string[],
  files: Readonly<Record<string, string>>,
  prepare: (repository: Scratch) => Promise<unknown>,
]
const nothing = async () => {}

test.each<Refusal>([
  ['no version', 'Usage:', ['next'], {}, nothing],
  ['changes', 'in no commit', ['0.2.0'], {}, ({ path }) => writeFile(join(path, 'work/new'), '')],
  ['a branch', 'Release from main', ['0.2.0'], {}, ({ git }) => git('switch', '-qc', 'topic')],
  ['a tag', 'There is a tag v0.2.0', ['0.2.0'], {}, ({ git }) => git('tag', 'v0.2.0')],
  ['an older version', 'older than 0.1.0', ['0.0.9'], {}, nothing],
  [
    'nothing new',
    'says nothing',
    ['0.2.0'],
    { 'CHANGELOG.md': '## Unreleased\n\n## 0.1.0\n' },
    nothing,
  ],
  ['a stale bundle', 'M dist/index.js', ['0.2.0'], { 'src.js': 'other()\n' }, nothing],
  ['red CI', 'CI is red', ['0.2.0'], { '.ci/run': '#!/bin/sh\nexit 1\n' }, nothing],
])('%s: refused, and nothing is changed', async (_, expected, args, files, prepare) => {
  await using repository = await scratch(files)
  await prepare(repository)
  const state = () => repository.git('for-each-ref')
  const before = await state()
  const { exitCode, said } = await repository.release(...args)
  expect(said).toContain(expected)
  expect(exitCode).toBe(1)
  expect(await state()).toBe(before)
})

test('who has seen CI pass may say so', async () => {
  await using repository = await scratch({ '.ci/run': '#!/bin/sh\nexit 1\n' })
  const { exitCode, said } = await repository.release('0.1.0', '--ci-passed')
  expect(said).toContain('you said that it has passed')
  expect(exitCode).toBe(0)
})
