import { readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isInside } from '../../src/sandbox/comparePaths.ts'
import { root } from '../helpers/actionFile.ts'
import { BARE, FORBIDDING } from '../helpers/machines.ts'
import { changedQueries } from '../helpers/project.ts'
import { parseAnnotations } from '../helpers/runnerFiles.ts'
import { installing } from './endings.ts'
import { hostileRun } from './hostileRun.ts'
import { succeeded, triedIn } from './tried.ts'

const head = () => changedQueries

test.skipIf(BARE === null)('required fails where nothing works, before anything runs', async () => {
  const prefix = BARE ?? []
  const after = await hostileRun({ head, prefix, inputs: { isolation: 'required' } })

  expect(after).toMatchObject({ exitCode: 1, outputs: { result: 'error', isolation: '' } })
  expect(after.report.error).toMatchObject({
    code: 'isolation',
    message: expect.stringMatching(/a user namespace \(.*unshare.*Landlock \(/),
    hint: expect.stringContaining('`isolation: auto`'),
  })
})

test.skipIf(BARE === null)('auto goes on there, and says so in one notice', async () => {
  const after = await hostileRun({ head, prefix: BARE ?? [] })

  expect(after).toMatchObject({ exitCode: 0, outputs: { isolation: 'environment' } })
  const notices = parseAnnotations(after.log).filter(({ message }) => /Isolation/.test(message))
  expect(notices).toMatchObject([{ level: 'notice' }])
  expect(after.summary).toContain('Isolation: environment only.')
})

test.skipIf(FORBIDDING === null)(
  'where only namespaces are forbidden, Landlock is enough',
  async () => {
    const prefix = FORBIDDING ?? []
    const after = await hostileRun({ head, prefix, inputs: { isolation: 'required' } })

    expect(after).toMatchObject({ exitCode: 0, outputs: { isolation: 'landlock' } })
    expect(after.summary).toContain('Isolation: Landlock.')
  },
)

test('the summary and the log say what was achieved', async () => {
  const [on, off] = await Promise.all([
    hostileRun({ head, inputs: { isolation: 'required' } }),
    hostileRun({ head, inputs: { isolation: 'off' } }),
  ])

  for (const [after, level] of [
    [on, 'namespaces'],
    [off, 'off'],
  ] as const) {
    expect(after).toMatchObject({ exitCode: 0, outputs: { isolation: level } })
    expect(after.summary.match(/Isolation: .*/g)).toHaveLength(1)
    expect(after.log.match(/Isolation: .*/g)).toHaveLength(1)
    expect(after.summary).toContain(`Isolation: ${level}.`)
  }
  // Which machine it was is not what the two commits say.
  expect(JSON.stringify(on.report)).toBe(JSON.stringify(off.report))
})

test('an installation has a network, and of all else nothing more than a load', async ({
  skip,
}) => {
  skip(
    isInside(realpathSync(root), '/tmp'),
    'the Python of the tests lies in /tmp, which is hidden',
  )
  const attempts = readFileSync(join(import.meta.dirname, 'attempts.py'), 'utf8')
  const run = installing(`cd warehouse
python3 -c 'from attempts import try_all; print("\\n".join(try_all()))'
exit 1
`)
  const after = await hostileRun({
    ...run,
    head: (machine) => ({
      ...run.head,
      'warehouse/attempts.py': attempts,
      'warehouse/where.json': JSON.stringify(machine.where),
    }),
    afterwards: 500,
  })

  expect(after.report.error).toMatchObject({ side: 'head', code: 'install-failed' })
  const tried = triedIn(after.log)
  expect(tried.length).toBeGreaterThanOrEqual(75)
  // The network, and the environment that it is there to fill.
  const allowed = /^T63|abstract|interpreter's packages/
  expect(succeeded(tried).filter((name) => !allowed.test(name))).toEqual([])
  expect(after).toMatchObject({ leaks: [], executed: [], changed: [] })
})
