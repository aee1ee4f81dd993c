import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { lookForGit, placesToHide } from '../../src/sandbox/hiddenPlaces.ts'
import { foldersOfPrograms } from '../../src/sandbox/programs.ts'
import { isolate } from '../../src/sandbox/sandbox.ts'
import { tryWays } from '../../src/sandbox/sandboxWays.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const launcher = { python: '/usr/bin/python3', way: 'root' } as const
const forbidden = { launcher: null, tried: ['a user namespace (Operation not permitted)'] }
const nothing = { found: [], unread: [] }
const surroundings = { environment: {}, workspace: '/work', given: [], gitFolders: nothing }

test('required is a failure that says what was tried and what to do', () => {
  expect(() => isolate('required', forbidden, surroundings)).toThrow(
    expect.objectContaining({
      code: 'isolation',
      message: expect.stringContaining('no a user namespace (Operation not permitted)'),
      hint: expect.stringContaining('`isolation: auto`'),
    }),
  )
})

test('auto says what is missing, and why', () => {
  const { level, text } = isolate('auto', forbidden, surroundings)
  expect(level).toBe('environment')
  expect(text).toContain('a user namespace (Operation not permitted)')
})

test('off and environment leave a command as it is', () => {
  const needs = { python: null, read: [], write: [], tmp: null, network: false }
  for (const [mode, trial] of [
    ['off', { launcher, tried: [] }],
    ['auto', forbidden],
  ] as const) {
    expect(isolate(mode, trial, surroundings).sandbox(needs)(['python', 'x.py'], 5)).toEqual([
      'python',
      'x.py',
    ])
  }
})

/** A runner's machine, as far as it is looked at. */
async function machine() {
  const folder = await temporaryFolder()
  const file = async (path: string, text = 'x') => {
    await mkdir(dirname(join(folder.path, path)), { recursive: true })
    await writeFile(join(folder.path, path), text)
  }
  for (const path of [
    'runner/.credentials',
    'runner/_work/_temp/_runner_file_commands/set_output_1',
    'runner/_work/data/data/.git/config',
    'runner/_work/data/data/gha-creds-1.json',
    'runner/_work/data/data/lib/.git/config',
    'runner/_work/data/data/vendor/deep/down/.git/config',
    'home/.venv/pyvenv.cfg',
    'home/.ssh/id_ed25519',
    'home/.netrc',
    'home/.pyenv/versions/3.12/lib/python3.12/os.py',
    'home/.local/share/keyrings/login.keyring',
    'home/notes.txt',
  ]) {
    await file(path)
  }
  const at = (path: string) => join(folder.path, path)
  const environment = {
    HOME: at('home'),
    RUNNER_TEMP: at('runner/_work/_temp'),
    GITHUB_WORKSPACE: at('runner/_work/data/data'),
    GOOGLE_APPLICATION_CREDENTIALS: at('runner/_work/data/data/gha-creds-1.json'),
    SSL_CERT_FILE: at('home/notes.txt'),
    AWS_CA_BUNDLE: at('home/notes.txt'),
  }
  return { file, at, environment, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] }
}

test('what is hidden: the runner’s files, git’s, and credentials wherever they usually are', async () => {
  await using place = await machine()
  const { at, environment } = place
  const workspace = environment.GITHUB_WORKSPACE
  const gitFolders = await lookForGit({ environment, workspace })
  const { sealed, covers } = placesToHide({ environment, workspace, given: [], gitFolders })
  const hidden = [...sealed, ...covers].filter((path) => path.startsWith(at(''))).sort()

  expect(hidden.map((path) => path.slice(at('').length + 1))).toEqual([
    'home/.local/share/keyrings',
    'home/.netrc',
    'home/.ssh',
    'runner/.credentials',
    'runner/_work/_temp',
    'runner/_work/data/data/.git',
    'runner/_work/data/data/gha-creds-1.json',
    'runner/_work/data/data/lib/.git',
    'runner/_work/data/data/vendor/deep/down/.git',
  ])
})

test('a file whose variable is given is not hidden, and shown where a folder above it is', async () => {
  await using place = await machine()
  const { at, environment } = place
  const key = 'GOOGLE_APPLICATION_CREDENTIALS'
  const given = { ...environment, [key]: at('runner/_work/_temp/key.json') }
  await place.file('runner/_work/_temp/key.json')
  const { sandbox } = isolate(
    'auto',
    { launcher, tried: [] },
    {
      environment: given,
      workspace: environment.GITHUB_WORKSPACE,
      given: [key],
      gitFolders: nothing,
    },
  )
  const needs = { python: null, read: [], write: [], tmp: null, network: true }
  const command = sandbox(needs)(['/bin/true'], null)
  expect(command).toContain(`show=${given[key]}`)
  expect(command).not.toContain(`hide=${given[key]}`)
})

test('what is beyond the bounds is hidden as a whole, and said', async () => {
  await using place = await machine()
  const { at } = place
  const workspace = at('runner/_work/data/data')
  const around = { environment: place.environment, workspace, given: [] }
  const trial = { launcher, tried: [] }
  const gitFolders = { found: [], unread: [at('runner/_work/data/data/lib')] }
  const { sandbox, text } = isolate('auto', trial, { ...around, gitFolders })
  const needs = { python: null, read: [], write: [], tmp: null, network: false }
  const command = sandbox(needs)(['/bin/true'], null)
  expect(command).toContain(`hide=${at('runner/_work/data/data/lib')}`)
  expect(command).toContain(`show=${workspace}`)
  expect(text).toMatch(/Too many files .* all was hidden: lib\.$/)

  const all = isolate('auto', trial, { ...around, gitFolders: { found: [], unread: [workspace] } })
  expect(all.sandbox(needs)(['/bin/true'], null)).not.toContain(`show=${workspace}`)
  expect(all.text).toMatch(/all was hidden: the checkout\.$/)
})

test('a variable that is given shows neither git’s folders nor the runner’s', async () => {
  await using place = await machine()
  const { environment } = place
  const workspace = environment.GITHUB_WORKSPACE
  const named = { GIT_DIR: `${workspace}/.git`, RUNNER_TEMP: environment.RUNNER_TEMP, TMP: '/tmp' }
  const given = Object.keys(named)
  const around = { environment: { ...environment, ...named }, workspace, given }
  const gitFolders = await lookForGit(around)
  const { sandbox } = isolate('auto', { launcher, tried: [] }, { ...around, gitFolders })
  const needs = { python: null, read: [], write: [], tmp: null, network: false }
  const command = sandbox(needs)(['/bin/true'], null)
  for (const value of Object.values(named)) expect(command).not.toContain(`show=${value}`)
})

test('a tool below a hidden place is shown, but neither that place nor one that holds another', async () => {
  await using place = await machine()
  const { at, environment } = place
  await place.file('home/.tools/bin/tool')
  const workspace = environment.GITHUB_WORKSPACE
  const { covers } = placesToHide({ environment, workspace, given: [], gitFolders: nothing })
  const temporary = at('runner/_work/_temp')
  const folders = ['uv/bin', 'bin', 'pixi/a/bin', 'pixi/a/b/bin']
  for (const folder of folders) await place.file(`runner/_work/_temp/${folder}/tool`)

  const searchPath = [
    ...folders.map((folder) => `${temporary}/${folder}/`),
    ...[temporary, at('home/.tools/bin'), at('home'), 'bin', '', `${temporary}/none`],
  ].join(delimiter)

  expect(foldersOfPrograms(searchPath, [...covers, `${temporary}/pixi/a/secret`])).toEqual([
    `${temporary}/uv`,
    `${temporary}/bin`,
    `${temporary}/pixi/a/bin`,
    `${temporary}/pixi/a/b`,
    at('home/.tools/bin'),
  ])
})

test('a command runs a tool that PATH finds in /tmp, and nothing that lies elsewhere there', async ({
  skip,
}) => {
  const trial = await tryWays(process.env)
  if (trial.launcher === null) skip(trial.tried.join(', '))
  await using folder = await temporaryFolder()
  const tool = join(folder.path, 'tool')
  await mkdir(join(tool, 'bin'), { recursive: true })
  await writeFile(join(tool, 'words'), 'beside it')
  await writeFile(join(folder.path, 'secret'), 'secret')
  const program = join(tool, 'bin', 'tool-in-tmp')
  await writeFile(program, `#!/bin/sh\ncat ${tool}/words ${folder.path}/secret\n`, { mode: 0o755 })
  const searchPath = ['/usr/bin', '/bin', join(tool, 'bin')].join(delimiter)

  const { sandbox } = isolate('auto', trial, surroundings)
  const needs = { python: null, searchPath, read: [], write: [], tmp: null, network: false }
  const [command = '', ...words] = sandbox(needs)(['/bin/sh', '-c', 'tool-in-tmp || true'], null)
  const options = { cwd: '/', env: { PATH: searchPath } }
  const { stdout } = await promisify(execFile)(command, words, options)

  expect(stdout).toBe('beside it')
})
