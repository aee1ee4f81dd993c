import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from '../helpers/actionFile.ts'
import { dagsterPython } from '../helpers/python.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const run = promisify(execFile)

/** The first snippet below a heading of docs/wiring.md. */
async function snippet(heading: string): Promise<string> {
  const text = await readFile(join(root, 'docs', 'wiring.md'), 'utf8')
  const section = text.split(/^##+ /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const code = /^```python\n(.*?)^```$/ms.exec(section)?.[1]
  if (code === undefined) throw new Error(`There is no snippet below "${heading}".`)
  return code
}

test.each(['1.11.8', '1.13.27'])('the roll-out of docs/wiring.md, Dagster %s', async (version) => {
  const python = await dagsterPython(version)
  await using folder = await temporaryFolder()
  const wiring = await snippet('dg-sqlmesh 1.x')
  const [definition = ''] = wiring.split(/^defs = /m)
  const files = {
    wired: wiring,
    part: `${definition}\n${await snippet('A part at a time')}`,
    told: await snippet('Without materializing'),
  }
  const paths = Object.keys(files).map((name) => join(folder.path, `${name}.py`))
  for (const [index, text] of Object.values(files).entries()) {
    await writeFile(paths[index] ?? '', text)
  }

  const script = join(import.meta.dirname, 'rollout.py')
  const { stdout } = await run(python, ['-I', script, ...paths])
  const states = JSON.parse(stdout) as Record<string, Record<string, string>>

  const asset = (a: string, b: string, c: string) => {
    return { 'core/a': a, 'marts/b': b, 'marts/c': c, 'marts/never': 'MISSING' }
  }
  expect(states).toEqual({
    unwired: asset('FRESH', 'FRESH', 'FRESH'),
    'wired at once': asset('STALE CODE', 'STALE CODE', 'STALE CODE'),
    told: asset('FRESH', 'FRESH', 'FRESH'),
    'told twice': asset('FRESH', 'FRESH', 'FRESH'),
    'b changed': asset('FRESH', 'STALE CODE', 'FRESH'),
    // A version that somebody set is not told away.
    'b told': asset('FRESH', 'STALE CODE', 'FRESH'),
    'b ran': asset('FRESH', 'FRESH', 'STALE DATA'),
    'a part': asset('STALE CODE', 'FRESH', 'FRESH'),
    'the part ran': asset('FRESH', 'STALE DATA', 'FRESH'),
  })
})
