import { describe, expect, test } from 'vitest'
import { FORBIDDING } from '../helpers/machines.ts'
import { changedQueries } from '../helpers/project.ts'
import { hostileRun } from './hostileRun.ts'

/** A committed interpreter that says it is elsewhere, and shows what can be read once it is believed. */
const lying = (where: string) => `#!/bin/sh
case "$*" in *find_spec*) echo "$PWD/${where}"; echo 3 12; echo True; exit;; esac
cat .git/config ../keys/* >&2; env >&2; exit 3
`

/** Ways to say where git's folder, or the file of a credential, is uncovered. */
const ways = ['.git/../fakepy', '.git/../tools/fakepy']

describe.each([
  ['namespaces', []],
  ...(FORBIDDING === null ? [] : [['landlock', FORBIDDING] as const]),
] as const)('%s', (level, prefix) => {
  test.each(ways)('a Python of the pull request says it is at %s', async (where) => {
    const script = lying(where)
    const after = await hostileRun({
      head: () => ({
        ...changedQueries,
        '.venv/bin/python': script,
        '.venv/pyvenv.cfg': 'home = /usr/bin\n',
        fakepy: script,
        'tools/fakepy': script,
      }),
      inputs: { python: '' },
      prefix,
    })

    expect(after).toMatchObject({ leaks: [], executed: [], changed: [] })
    expect(after.outputs).toMatchObject({ isolation: level })
    // Where another Python has SQLMesh that one is used. In a clone below /tmp all that it names is hidden.
    const message = after.report.error?.message ?? 'not in its own environment'
    expect(message).toMatch(/not in its own environment|is hidden from loaded code/)
  })
})
