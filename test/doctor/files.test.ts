import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { guessDefinitions, targetText } from '../../src/doctor/lookAtDefinitions.ts'
import { examineWorkflows, problemsOf } from '../../src/doctor/lookAtWorkflows.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

/** A folder with those files; null makes a folder of that name, which no reader can read. */
async function folderWith(files: Readonly<Record<string, string | null>>) {
  const folder = await temporaryFolder()
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder.path, file)
    await mkdir(text === null ? path : dirname(path), { recursive: true })
    if (text !== null) await writeFile(path, text)
  }
  return folder
}

test.each([
  ['nothing', {}, null],
  ['a file', { 'warehouse/definitions.py': '' }, 'warehouse/definitions.py'],
  [
    'the root’s file first',
    { 'definitions.py': '', 'warehouse/definitions.py': '' },
    'definitions.py',
  ],
  [
    'pyproject.toml',
    { 'pyproject.toml': '[tool.dagster]\nmodule_name = "shop.defs"\n' },
    'shop.defs',
  ],
  ['dotted keys', { 'pyproject.toml': "tool.dagster.module_name = 'shop.defs'" }, 'shop.defs'],
  ['a note', { 'pyproject.toml': "x = '''\n[tool.dagster]\nmodule_name = \"x\"\n'''" }, null],
  ['another section', { 'pyproject.toml': '[tool.other]\nmodule_name = "x"\n' }, null],
])('definitions are looked for: %s', async (_, files, expected) => {
  await using folder = await folderWith(files)
  const found = await guessDefinitions(folder.path, ['warehouse'])
  expect(found && targetText(found)).toBe(expected)
})

test('a pyproject.toml that cannot be read is no absent one', async () => {
  await using folder = await folderWith({ 'pyproject.toml': null, 'definitions.py': '' })
  await expect(guessDefinitions(folder.path, [])).rejects.toMatchObject({
    file: 'pyproject.toml',
    message: 'It is there, but cannot be read (EISDIR).',
  })
})

test('a workflow that cannot be read is a problem that names it', async () => {
  const workflow = 'steps:\n  - uses: acme/unsynced@v1\npermissions: { pull-requests: write }\n'
  await using folder = await folderWith({
    '.github/workflows/one.yml': workflow,
    '.github/workflows/two.yml': null,
  })
  expect(await examineWorkflows(folder.path)).toMatchObject([
    {
      level: 'problem',
      found: '.github/workflows/two.yml: It is there, but cannot be read (EISDIR).',
      fix: expect.stringContaining('can be read'),
    },
  ])
})

test('a workflow that is a link to nowhere is none', async () => {
  await using folder = await folderWith({ '.github/workflows/notes.txt': '' })
  await symlink('gone.yml', join(folder.path, '.github/workflows/two.yml'))
  expect(await examineWorkflows(folder.path)).toMatchObject([{ level: 'note' }])
})

test('a pyproject.toml that does not parse says nothing of definitions', async () => {
  await using folder = await folderWith({ 'pyproject.toml': '[tool' })
  await expect(guessDefinitions(folder.path, [])).rejects.toMatchObject({
    file: 'pyproject.toml',
    message: expect.stringContaining('Invalid TOML'),
  })
})

/** A workflow whose only job uses the action. */
const workflow = (job: string, top = 'on: pull_request', inputs = '') =>
  `${top}\njobs:\n  check:\n    ${job}\n    steps:\n      - uses: actions/checkout@v6\n      - uses: "acme/unsynced@v1"\n${inputs}`
const writing = 'permissions: { pull-requests: write }'

test.each([
  [workflow(writing), []],
  [workflow("permissions:\n      'pull-requests': 'write'"), []],
  [workflow('permissions: write-all'), []],
  [workflow('runs-on: x', `on: pull_request\n${writing}`), []],
  [workflow('permissions: {}', `on: pull_request\n${writing}`), ['problem']],
  [workflow('permissions: read-all'), ['problem']],
  [workflow('runs-on: x # pull-requests: write'), ['problem']],
  [workflow('runs-on: x', 'on: pull_request', '        with: { mode: compute }\n'), []],
  [workflow('runs-on: x', 'on: pull_request', '        with: { mode: report }\n'), ['problem']],
  [workflow(writing, 'on: [push, pull_request_target]'), ['problem']],
  [workflow(writing, 'on: { pull_request_target: {} }'), ['problem']],
  [workflow(writing, 'on: pull_request # not pull_request_target'), []],
  [workflow(writing, 'on:\n  pull_request:\n    paths: [models/**]'), ['note']],
  [workflow(writing, 'on:\n  push:\n  pull_request: { paths-ignore: [docs/**] }'), ['note']],
  ['on: [', ['problem']],
])('a workflow with %j', (text, expected) => {
  expect(problemsOf('check.yml', text).map(({ level }) => level)).toEqual(expected)
})
