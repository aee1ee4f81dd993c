import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { sqlmeshPython } from '../helpers/sqlmeshPython.ts'
import { EXCUSED, NOT_FOLLOWED, TESTED } from './raises.ts'
import { refused, refusedByLoaders } from './refusals.ts'

/** The functions that may raise, in the SQLMesh of most tests. */
async function functionsThatRaise(): Promise<readonly string[]> {
  const script = join(import.meta.dirname, 'raises.py')
  const options = { maxBuffer: 16 * 1024 * 1024 }
  const given = [script, ...Object.keys(NOT_FOLLOWED)]
  const { stdout } = await promisify(execFile)(sqlmeshPython, given, options)
  return Object.keys(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as object)
}

test('each `raise` that a load may reach is tested, or excused by name', async () => {
  const held = [...Object.values(TESTED), ...Object.values(EXCUSED)].flat()

  expect((await functionsThatRaise()).toSorted()).toEqual(held.toSorted())
})

test('what is said to be tested is', () => {
  const cases = Object.keys({ ...refused, ...refusedByLoaders })

  expect(Object.keys(TESTED).filter((name) => !cases.includes(name))).toEqual([])
})
