import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { LONG } from '../helpers/long.ts'
import { PYTHON } from '../helpers/probing.ts'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'

/* What stands for SQLMesh's sets of what is above and below a snapshot gives the same categories. */

test('categories do not depend on whether the sets hold all that is above and below', async () => {
  const script = join(import.meta.dirname, 'lineages.py')
  const count = String(LONG ? 3000 : 150)
  const { stdout } = await promisify(execFile)(sqlmeshPython, [script, count, PYTHON])
  const { counts, wrong } = JSON.parse(stdout.trim().split('\n').at(-1) as string)

  expect(wrong).toEqual([])
  // Breaking or not, directly or not, and of metadata alone.
  expect(Object.keys(counts)).toEqual(expect.arrayContaining(['1', '2', '4', '5', '6']))
}, 600_000)
