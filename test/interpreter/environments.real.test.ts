import { execFile } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Printed } from '../../src/interpreter/askProcess.ts'
import { openEnvironments, type WantedEnvironment } from '../../src/interpreter/environments.ts'
import type { Side } from '../../src/platform/failure.ts'
import { notIsolated } from '../helpers/isolation.ts'
import { packageIndex } from '../helpers/packageIndex.ts'
import { pythonWith } from '../helpers/python.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { exists, temporaryFolder } from '../helpers/temporary.ts'
import { writeFiles } from '../helpers/writeFiles.ts'

const run = promisify(execFile)

/** Folder of the programs that a workflow has set up: uv. */
let tools: string
beforeAll(async () => {
  tools = join(await pythonWith('tools', 'uv'), '..')
})

type Setting = {
  /** requirements.txt of each commit. */
  readonly requirements?: Readonly<Record<Side, string>>
  /** Other files of each commit. */
  readonly files?: Readonly<Record<Side, Readonly<Record<string, string>>>>
  readonly wanted?: Partial<WantedEnvironment>
  readonly environment?: NodeJS.ProcessEnv
}

/** Two commits' trees and what a check lends; `printed` and `folder` show what came of it. */
async function setting({ requirements, files, wanted, environment }: Setting) {
  const folder = await temporaryFolder()
  const tree = (side: Side) => join(folder.path, side)
  for (const side of ['base', 'head'] as const) {
    await mkdir(tree(side))
    await writeFile(join(tree(side), 'requirements.txt'), requirements?.[side] ?? '# sqlmesh\n')
    await writeFiles(tree(side), { 'fill.py': FILL, ...files?.[side] })
  }
  await mkdir(join(folder.path, 'temporary'))
  await mkdir(join(folder.path, 'workspace'))
  const printed: [string, Printed][] = []
  const inputs = { python: null, install: null, projects: ['.'], timeoutSeconds: 60, env: [] }
  const open = () =>
    openEnvironments(
      { ...inputs, ...wanted },
      {
        workspace: join(folder.path, 'workspace'),
        temporary: join(folder.path, 'temporary'),
        isolation: notIsolated,
        environment: { PATH: `${tools}:${process.env['PATH']}`, ...environment },
        visit: (side, work) => work(tree(side)),
        onPrinted: (what, text) => printed.push([what, text]),
      },
    )
  return {
    open,
    tree,
    printed,
    folder: folder.path,
    left: () => readdir(join(folder.path, 'temporary')),
    [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
  }
}

/** Stands for an installer: puts a package called sqlmesh into an environment. */
const FILL = `import os, pathlib, subprocess, sys, sysconfig
venv = os.environ["VIRTUAL_ENV"]
if "--in-tree" in sys.argv:
    venv = ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
folder = pathlib.Path(sysconfig.get_path("purelib", vars={"base": venv})) / "sqlmesh"
folder.mkdir()
(folder / "__init__.py").write_bytes(pathlib.Path("requirements.txt").read_bytes())
pathlib.Path("seen").write_text("\\n".join(f"{name}={value}" for name, value in os.environ.items()))
`
// A command of uv's alone needs no pip in the environment, which takes seconds to put there.
const fill = 'uv run --quiet --no-project fill.py'

async function has(python: string): Promise<string> {
  const code = 'import sqlmesh, inspect; print(inspect.getsource(sqlmesh).strip())'
  return (await run(python, ['-I', '-c', code])).stdout.trim()
}

describe('install', () => {
  test('fills one environment for each set of dependency files, and removes them', async () => {
    await using place = await setting({
      requirements: { base: '# 1', head: '# 2' },
      wanted: { install: fill },
    })
    {
      await using environments = await place.open()
      const base = await environments.of('base', place.tree('base'))
      expect(environments.isMissing('head')).toBe(true)
      const head = await environments.of('head', place.tree('head'))

      expect([await has(base.python), await has(head.python)]).toEqual(['# 1', '# 2'])
      expect(head.variables['PATH']).toMatch(`${head.variables['VIRTUAL_ENV']}/bin:`)
      expect(environments.origin).toBe('installed')
    }
    expect(await place.left()).toEqual([])
  })

  const include = { base: '-r pins\n', head: '-r pins\n' }

  test('runs once where no file differs that it reads', async () => {
    await using index = await packageIndex({ sqlmesh: '0.1' })
    await using place = await setting({
      requirements: include,
      files: {
        base: { pins: 'sqlmesh==0.1', 'README.md': '1' },
        head: { pins: 'sqlmesh==0.1', 'README.md': '2' },
      },
      wanted: { install: 'uv pip install -r requirements.txt' },
      environment: { UV_DEFAULT_INDEX: index.url },
    })
    await using environments = await place.open()
    const base = await environments.of('base', place.tree('base'))

    expect(await has(base.python)).toMatch('# 0.1')
    expect(environments.isMissing('head')).toBe(false)
    expect(await environments.of('head', place.tree('head'))).toEqual(base)
  })

  test('runs for each commit where what it includes differs, whatever its name is', async () => {
    await using index = await packageIndex({ sqlmesh: '0.1' })
    await using place = await setting({
      requirements: include,
      files: { base: { pins: 'sqlmesh==0.1' }, head: { pins: 'sqlmesh' } },
      wanted: { install: 'uv pip install -r requirements.txt' },
      environment: { UV_DEFAULT_INDEX: index.url },
    })
    await using environments = await place.open()
    await environments.of('base', place.tree('base'))

    expect(environments.isMissing('head')).toBe(true)
  })

  test('runs for each commit where it could read any file', async () => {
    await using place = await setting({ wanted: { install: fill } })
    await using environments = await place.open()
    await environments.of('base', place.tree('base'))

    expect(environments.isMissing('head')).toBe(true)
  })

  test('finds a .venv that the command made, and takes it out of the tree', async () => {
    const install = `${fill} --in-tree`
    await using place = await setting({ wanted: { install } })
    await using environments = await place.open()
    const { python } = await environments.of('base', place.tree('base'))

    expect(await has(python)).toBe('# sqlmesh')
    expect(await readdir(place.tree('base'))).not.toContain('.venv')
  })

  test('sees nothing of the runner but what is allowed', async () => {
    await using place = await setting({
      wanted: { install: fill, env: ['WAREHOUSE'] },
      environment: {
        WAREHOUSE: 'duck',
        GITHUB_TOKEN: 'canary',
        INPUT_X: 'canary',
        HOME: '/home/me',
      },
    })
    await using environments = await place.open()
    await environments.of('base', place.tree('base'))

    const seen = await readFile(join(place.tree('base'), 'seen'), 'utf8')
    expect(seen).toMatch(/^WAREHOUSE=duck$/m)
    expect(seen).not.toMatch(/canary|\/home\/me/)
  })

  test('a failure names the side, the command and its last lines, and shows no secret', async () => {
    const install = 'echo start\necho "cannot reach $KEY of $PWD/x" >&2\nfalse\necho end'
    await using place = await setting({
      wanted: { install, env: ['KEY'] },
      environment: { KEY: 'canary', PIP_INDEX_URL: 'https://me:pass@index.example/simple' },
    })
    await using environments = await place.open()
    const failure = environments.of('head', place.tree('head'))

    await expect(failure).rejects.toMatchObject({
      code: 'install-failed',
      side: 'head',
      message: `\`${install}\` for head ended with exit code 1.\ncannot reach *** of x`,
      hint: expect.stringContaining('PIP_INDEX_URL'),
    })
    expect(place.printed.map(([what]) => what)).toEqual(['installing for head'])
    expect(place.printed[0]?.[1].stdout).toBe('start\n')
  })

  test('is ended with everything it started when it takes too long', async () => {
    const install = `(while true; do date >> ${'$PWD'}/alive; sleep 0.05; done) & sleep 3600`
    await using place = await setting({ wanted: { install, timeoutSeconds: 1 } })
    {
      await using environments = await place.open()
      // Long before the command would end: the test has a limit of its own.
      await expect(environments.of('base', place.tree('base'))).rejects.toMatchObject({
        code: 'timeout',
        side: 'base',
      })
    }
    const alive = await readFile(join(place.tree('base'), 'alive'), 'utf8')
    await new Promise((done) => setTimeout(done, 300))
    expect(await readFile(join(place.tree('base'), 'alive'), 'utf8')).toBe(alive)
    expect(await place.left()).toEqual([])
  })

  test('a command that installs no SQLMesh is an error that says so', async () => {
    await using place = await setting({ wanted: { install: 'true' } })
    await using environments = await place.open()
    await expect(environments.of('base', place.tree('base'))).rejects.toMatchObject({
      code: 'environment',
      message:
        '`true` for base installed no SQLMesh. Looked at: …/venv/bin/python (has no sqlmesh).',
    })
  })
})

describe('without install', () => {
  const pinned = { base: 'sqlmesh==0.212.0\n', head: 'sqlmesh==0.236.4\n' }

  test('one environment is refused where two are needed, with the command that makes them', async () => {
    await using place = await setting({
      requirements: pinned,
      environment: { VIRTUAL_ENV: join(sqlmeshPython, '..', '..') },
    })
    await expect(place.open()).rejects.toMatchObject({
      code: 'versions-differ',
      hint: expect.stringContaining('`install: pip install -r requirements.txt`'),
    })
  })

  test('a python that is given loads both', async () => {
    const python = sqlmeshPython
    await using place = await setting({ requirements: pinned, wanted: { python } })
    await using environments = await place.open()
    expect(environments.origin).toBe('given')
    expect(await environments.of('base', '')).toEqual({ python, variables: {} })
  })

  test.each(['tools of ours/python', 'it’s/python'])('a path is one word: %s', async (name) => {
    await using place = await setting({ wanted: { python: name } })
    const file = join(place.folder, 'workspace', name)
    await mkdir(join(file, '..'))
    await writeFile(file, `#!/bin/sh\nexec "${sqlmeshPython}" "$@"\n`, { mode: 0o755 })
    await using environments = await place.open()
    expect(await environments.of('base', '')).toMatchObject({ python: sqlmeshPython })
  })

  test('VIRTUAL_ENV comes before what is on PATH', async () => {
    const python = sqlmeshPython
    const environment = { VIRTUAL_ENV: join(python, '..', '..') }
    await using place = await setting({ environment })
    await using environments = await place.open()
    expect(await environments.of('head', '')).toMatchObject({ python })
  })

  test('no Python with SQLMesh is an error that suggests what the commit’s files fit', async () => {
    await using place = await setting({})
    await expect(place.open()).rejects.toMatchObject({
      code: 'environment',
      message: expect.stringMatching(/python3 \(has no sqlmesh\)/),
      hint: expect.stringContaining('`install: pip install -r requirements.txt`'),
    })
  })

  test('a folder called sqlmesh is no SQLMesh', async () => {
    await using place = await setting({})
    await mkdir(join(place.folder, 'workspace', 'sqlmesh'))
    await writeFile(join(place.folder, 'workspace', 'sqlmesh', '__init__.py'), '')
    await expect(place.open()).rejects.toMatchObject({ code: 'environment' })
  })

  test('a Python that is too old is passed over, and named', async () => {
    await using place = await setting({})
    const old = join(place.folder, 'workspace', '.venv', 'bin', 'python')
    await mkdir(join(old, '..'), { recursive: true })
    await writeFile(old, `#!/bin/sh\necho ${old}\necho 3 8\necho True\n`)
    await chmod(old, 0o755)
    expect(await exists(old)).toBe(true)
    await expect(place.open()).rejects.toMatchObject({
      message: expect.stringContaining(
        '.venv/bin/python (is Python 3.8, but 3.9 or newer is needed)',
      ),
    })
  })
})
