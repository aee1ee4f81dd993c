import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { root } from '../helpers/actionFile.ts'
import { duckdbConfig } from '../helpers/duckdb.ts'
import { temporaryOrigin } from '../helpers/git.ts'
import { LONG } from '../helpers/long.ts'
import type { Files } from '../helpers/project.ts'
import { recordResult } from '../helpers/results.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { rowText, sql } from './edits/edit.ts'

/*
 * What a load reads is seen by access times, which some mounts do not keep. Where they do not, everything is loaded;
 * the rows are right in any case.
 */

const run = promisify(execFile)

/** Shell text that mounts a file system at `$1`. */
const mounts: Readonly<Record<string, string>> = {
  'as it is': ':',
  tmpfs: 'mount -t tmpfs tmpfs "$1"',
  'tmpfs, noatime': 'mount -t tmpfs -o noatime tmpfs "$1"',
  'tmpfs, strictatime': 'mount -t tmpfs -o strictatime tmpfs "$1"',
  'tmpfs, nodiratime': 'mount -t tmpfs -o nodiratime tmpfs "$1"',
  'bound, noatime': 'mount --bind "$1" "$1" && mount -o remount,bind,noatime "$1"',
  overlay: overlay('relatime'),
  'overlay, noatime': overlay('noatime'),
}
const EVERY_DAY = ['tmpfs, noatime', 'overlay']
/** Those on which a read leaves no trace. */
const UNTRACED = ['tmpfs, noatime', 'tmpfs, nodiratime', 'bound, noatime', 'overlay, noatime']

function overlay(option: string): string {
  const layers = 'lowerdir="$1/l",upperdir="$1/u",workdir="$1/w"'
  return `mount -t tmpfs tmpfs "$1" && mkdir "$1/l" "$1/u" "$1/w" && mount -t overlay -o ${option},${layers} overlay "$1"`
}

// A user namespace of one's own is enough for these.
const unshared = process.getuid?.() === 0 ? ['unshare', '-m'] : ['unshare', '-rm']

/** Why nothing can be mounted here, if so. */
const why = await run(unshared[0] as string, [
  ...unshared.slice(1),
  'sh',
  '-c',
  'mount -t tmpfs t /mnt',
])
  .then(() => null)
  .catch((error: Error) => error.message)

const model = (name: string, query: string): Files => ({
  [`models/s/${name}.sql`]: sql('s', { model: name, query }),
})
const base: Files = {
  'config.yaml': duckdbConfig('db'),
  'README.md': 'A shop.\n',
  'data/parent.md': 'a',
  'macros/__init__.py': '',
  'macros/parent.py': `import duckdb
from sqlmesh import macro


@macro()
def parent(evaluator):
    return "s." + duckdb.sql("SELECT content FROM read_text('data/parent.md')").fetchone()[0]
`,
  ...model('a', 'SELECT 1 AS id'),
  ...model('b', 'SELECT 2 AS id'),
  ...model('c', 'SELECT id FROM @parent()'),
}

async function checked(mount: string, head: Files, isolation: string) {
  await using origin = await temporaryOrigin()
  await origin.commit(base, 'Base')
  await origin.commit(head, 'Head', 'feature')
  const cwd = await origin.checkout({ ref: 'refs/heads/feature', depth: 0 })
  await using folder = await temporaryFolder()
  const options = ['--python', sqlmeshPython, '--isolation', isolation, '--format', 'json']
  const [program, ...args] = [
    ...unshared,
    'sh',
    '-ec',
    `${mount}; shift; exec "$@"`,
    'sh',
    folder.path,
  ]
  const command = [process.execPath, join(root, 'dist', 'cli.js'), ...options, 'origin/main']
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder.path, TMPDIR: folder.path }
  const { stdout, stderr } = await run(program as string, [...args, ...command], { cwd, env })
  return { rows: JSON.parse(stdout).assets.map(rowText), whole: stderr.includes('(everything') }
}

const rows: { mount: string; isolation: string; read: boolean; whole: boolean }[] = []

describe.skipIf(why !== null)(`where private folders lie${why === null ? '' : `: ${why}`}`, () => {
  const isolations = LONG ? ['auto', 'off'] : ['auto']
  const chosen = Object.entries(mounts).filter(([name]) => LONG || EVERY_DAY.includes(name))
  const cases = chosen.flatMap(([name, mount]) =>
    isolations.map((isolation) => [name, isolation, mount] as const),
  )

  test.each(cases)('%s, isolation %s', async (name, isolation, mount) => {
    const moved = await checked(mount, { 'data/parent.md': 'b' }, isolation)
    expect(moved.rows).toEqual(['unsynced c | +s.b | -s.a'])
    const still = await checked(mount, { 'README.md': 'A large shop.\n' }, isolation)
    expect(still.rows).toEqual([])
    // Nothing is loaded there but what was observed.
    expect(still.whole).toBe(UNTRACED.includes(name))
    rows.push({ mount: name, isolation, read: moved.whole, whole: still.whole })
    recordResult('mounts', { rows })
  })
})
