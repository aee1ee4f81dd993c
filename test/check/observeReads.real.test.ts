import { afterAll, beforeAll, expect, test } from 'vitest'
import { settleByReads } from '../../src/check/observeReads.ts'
import type { ChangedFile } from '../../src/git/changedFiles.ts'
import type { Side } from '../../src/platform/failure.ts'
import { openObservation } from '../../src/sqlmesh/loadObservation.ts'
import { duckdbConfig } from '../helpers/duckdb.ts'
import { type ProbeServer, probeServer } from '../helpers/probeServer.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { writeFiles } from '../helpers/writeFiles.ts'

/* What is seen of the reads of one load. */

let server: ProbeServer
beforeAll(async () => {
  server = await probeServer(sqlmeshPython)
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

const file = (path: string, status: ChangedFile['status'] = 'modified'): ChangedFile => {
  const there = { base: '100644', head: '100644' }
  return { path, status, mode: there, blob: { base: '1', head: '2' } }
}
const macro = (body: string) => `from pathlib import Path
from sqlmesh import macro


@macro()
def given(evaluator):
    ${body}
`
const project = (macroBody: string, more: Readonly<Record<string, string>> = {}) => ({
  'config.yaml': duckdbConfig('db'),
  'data/x.md': 'x',
  'macros/given.py': macro(macroBody),
  'models/a.sql': 'MODEL (name s.a);\nSELECT @given() AS x\n',
  'models/b.sql': 'MODEL (name s.b);\nSELECT 1 AS x\n',
  ...more,
})

/** What is seen where these files changed; null: nothing. */
async function seen(files: Readonly<Record<string, string>>, changed: readonly ChangedFile[]) {
  await using folder = await temporaryFolder()
  await using scratch = await temporaryFolder()
  await writeFiles(folder.path, files)
  const place = { tree: folder.path, projects: ['.'], workspace: folder.path }
  const observation = await openObservation(changed, folder.path, scratch.path)
  await server.reads('head', place, observation)
  return await observation.seen()
}

const reading = project('return Path("data/x.md").read_text()')
const idle = project('return "1"')

test.each([
  ['a file that a macro reads', reading, [file('data/x.md')], 'data/x.md was read'],
  [
    'a file that DuckDB reads',
    project(
      'import duckdb\n    return duckdb.sql("SELECT content FROM read_text(\'data/x.md\')").fetchone()[0]',
    ),
    [file('data/x.md')],
    'data/x.md was read',
  ],
  ['one that nothing reads', reading, [file('README.md')], null],
  ['a model that is loaded anyway', reading, [file('models/b.sql')], null],
  ['models that come and go', idle, [file('models/c.sql', 'added')], null],
  [
    'a model that code reads',
    project('return str(len(Path("models/b.sql").read_text()))'),
    [file('models/b.sql')],
    'models/b.sql was read',
  ],
  [
    'a file that is looked for',
    project('return str(Path("data/y.md").exists())'),
    [file('data/y.md', 'deleted')],
    "its code looks for 'data/y.md'",
  ],
  [
    'a file that cannot be opened',
    project(
      'try:\n        return open("data/y.md").read()\n    except OSError:\n        return "1"',
    ),
    [file('data/y.md', 'deleted')],
    "its code opens 'data/y.md'",
  ],
  [
    'a folder that is listed',
    project('return str(len(list(Path("data").glob("*"))))'),
    [file('data/y.md', 'added')],
    "its code lists 'data'",
  ],
  [
    'a folder in which nothing comes or goes',
    project('return str(len(list(Path("data").glob("*"))))'),
    [file('data/x.md')],
    null,
  ],
  [
    'a folder that DuckDB lists',
    project(
      'import duckdb\n    return str(len(duckdb.sql("SELECT file FROM glob(\'data/*\')").fetchall()))',
    ),
    [file('data/y.md', 'added')],
    'the folder data was listed',
  ],
  [
    'a folder that only head has',
    project('return str(Path("new").is_dir())', { 'new/x.md': 'x' }),
    [file('new/x.md', 'added')],
    "its code looks for 'new'",
  ],
  [
    'a folder that is imported as a package',
    project(
      'try:\n        import given_more\n    except ImportError:\n        return "2"\n    return "1"',
      { 'given_more/README.md': 'x' },
    ),
    [file('given_more/README.md', 'added')],
    "its code looks for 'given_more'",
  ],
  [
    'a folder that both commits have',
    project('return str(Path("data").is_dir())'),
    [file('data/y.md', 'added')],
    null,
  ],
  ...[
    ['an open folder', 'os.stat("y.md", dir_fd=os.open("data", os.O_RDONLY))'],
    ['the way to another file', 'os.stat("data/y.md/../x.md")'],
    ['two slashes', 'os.stat("/" + os.path.abspath("data/y.md"))'],
    ['a link', 'os.symlink("data", "elsewhere"), os.stat("elsewhere/y.md")'],
    ['a link of another name', 'os.symlink("y.md", "data/z.md"), os.stat("data/z.md")'],
    ['what removes it', 'os.remove("data/y.md")'],
    ['what writes its times', 'os.utime("data/y.md")'],
    ['what asks for its size limits', 'os.statvfs("data/y.md")'],
    ['the module below `os`', '__import__("posix").stat("data/y.md")'],
  ].map(
    ([name, code]) =>
      [
        `a file that is looked for by ${name}`,
        project(
          `import os\n    try:\n        ${code}\n    except OSError:\n        pass\n    return "1"`,
        ),
        [file('data/y.md', 'deleted')],
        "its code looks for 'data/y.md'",
      ] as const,
  ),
  [
    'a database that is opened by an address',
    project(
      'import sqlite3\n    try:\n        sqlite3.connect("file:data/y.md?mode=ro", uri=True)\n    except sqlite3.Error:\n        pass\n    return "1"',
    ),
    [file('data/y.md', 'deleted')],
    "its code opens 'file:data/y.md?mode=ro'",
  ],
  [
    'a program that a shell starts',
    project('__import__("os").system("true")\n    return "1"'),
    [file('README.md')],
    'its code runs "b\'true\'"',
  ],
  [
    'a program that multiprocessing starts',
    project(
      'from multiprocessing.util import spawnv_passfds\n    spawnv_passfds(b"/bin/true", [b"true"], [])\n    return "1"',
    ),
    [file('README.md')],
    'its code runs "[b\'true\']"',
  ],
  [
    'a file that the jinja of a unit test reads',
    project('return "1"', {
      'tests/test_a.yaml':
        "test_a:\n  model: s.a\n  description: \"{{ lipsum.__globals__['__builtins__']['open']('data/x.md').read() }}\"\n",
    }),
    [file('data/x.md')],
    'data/x.md was read',
  ],
  [
    'a unit test that is loaded anyway',
    project('return "1"', { 'tests/test_a.yaml': 'test_a:\n  model: s.a\n' }),
    [file('tests/test_a.yaml')],
    null,
  ],
  [
    'Python that @IF evaluates',
    project('return "1"', {
      'models/c.sql': "MODEL (name s.c);\nSELECT @IF(list.open('data/x.md') IS NULL, 1, 2) AS x\n",
    }),
    [file('data/x.md')],
    "its code opens 'data/x.md'",
  ],
  [
    'a dialect of the project',
    project('return "1"', {
      'macros/own.py':
        'from pathlib import Path\nfrom sqlglot.dialects.duckdb import DuckDB\n\n\nclass Own(DuckDB):\n    class Parser(DuckDB.Parser):\n        def parse(self, *args, **kwargs):\n            Path("data/x.md").read_text()\n            return super().parse(*args, **kwargs)\n',
      'models/c.sql': 'MODEL (name s.c, dialect own);\nSELECT 1 AS x\n',
    }),
    [file('data/x.md')],
    'data/x.md was read',
  ],
  [
    'a macro that the configuration has all models call',
    project('Path("data/x.md").read_text()\n    return "TRUE"', {
      'config.yaml': `${duckdbConfig('db')}  enabled: '@given()'\n`,
      'models/a.sql': 'MODEL (name s.a);\nSELECT 1 AS x\n',
    }),
    [file('data/x.md')],
    'data/x.md was read',
  ],
] as const)('%s', async (_, files, changed, what) => {
  expect(await seen(files, changed)).toBe(what)
})

test('where reads leave no trace, that is what is seen', async () => {
  await using folder = await temporaryFolder()
  await using scratch = await temporaryFolder()
  await writeFiles(folder.path, idle)
  const observation = await openObservation([file('README.md')], folder.path, scratch.path)
  // Nobody reads the file that is there to be read.
  expect(await observation.seen()).toBe('reads leave no trace here')
})

test.each([
  ['is gone', 'log.unlink()'],
  ['leads elsewhere', 'log.unlink()\n    log.symlink_to("/etc/hostname")'],
  ['holds something else', 'log.write_text("secret\\n")'],
  ['is a pipe', 'log.unlink()\n    __import__("os").mkfifo(log)'],
  ['is too large', 'log.write_text("opens\\t1\\n" * 200_000)'],
])('what the load tells %s: then it is not known', async (_, code) => {
  await using folder = await temporaryFolder()
  await using scratch = await temporaryFolder()
  const log = JSON.stringify(`${scratch.path}/reads`)
  await writeFiles(folder.path, project(`log = Path(${log})\n    ${code}\n    return "1"`))
  const observation = await openObservation([file('README.md')], folder.path, scratch.path)
  const place = { tree: folder.path, projects: ['.'], workspace: folder.path }
  await server.reads('head', place, observation)
  expect(await observation.seen()).toBe('what it looked at is not known')
})

test('what only base reads is looked for at base', async () => {
  const unread = { kind: 'nothing', why: 'the test' } as const
  const scope = { kind: 'observed', because: 'code may read', changed: ['x'], unread } as const
  const asked: Side[] = []
  const look = (answer: Readonly<Record<Side, string | null>>) => async (side: Side) => {
    asked.push(side)
    return answer[side]
  }
  const gone = [file('x', 'deleted')]
  expect(await settleByReads(scope, gone, look({ base: null, head: null }))).toBe(unread)
  expect(asked).toEqual(['head', 'base'])
  expect(await settleByReads(scope, gone, look({ base: 'x was read', head: null }))).toEqual({
    kind: 'everything',
    because: 'code may read; x was read',
    changed: ['x'],
  })
  asked.length = 0
  const emptied = {
    ...file('x'),
    blob: { base: '1', head: 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391' },
  }
  expect(await settleByReads(scope, [emptied], look({ base: null, head: null }))).toBe(unread)
  expect(asked).toEqual(['head', 'base'])
  asked.length = 0
  expect(await settleByReads(scope, [file('x')], look({ base: 'never asked', head: null }))).toBe(
    unread,
  )
  expect(asked).toEqual(['head'])
})
