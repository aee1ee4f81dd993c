import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './actionFile.ts'
import { runNode } from './process.ts'
import { temporaryFolder } from './temporary.ts'

/** Runs vitest with our reporter on these test files; its exit code and last lines. */
async function runVitest(files: Readonly<Record<string, string>>) {
  await using folder = await temporaryFolder()
  await symlink(join(root, 'node_modules'), join(folder.path, 'node_modules'))
  const reporter = join(root, 'test', 'helpers', 'reporter.ts')
  const config = `import { CountsReporter } from ${JSON.stringify(reporter)}
    export default { test: { reporters: ['default', new CountsReporter()] } }`
  const all = { 'package.json': '{"type":"module"}', 'vitest.config.js': config, ...files }
  for (const [name, text] of Object.entries(all)) await writeFile(join(folder.path, name), text)
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const { exitCode, stdout } = await runNode(vitest, ['run'], {
    cwd: folder.path,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder.path },
    timeout: 60_000,
  })
  return { green: exitCode === 0, lines: stdout.trimEnd().split('\n') }
}

const header = `import { beforeAll, describe, expect, test } from 'vitest'\n`

test('passed tests are counted last, skipped ones before', async () => {
  const { green, lines } = await runVitest({
    'a.test.js': `${header}test('a', () => {}); describe('b', () => { test('c', () => {}) }); test.skip('d', () => {})`,
  })
  expect(green).toBe(true)
  expect(lines.slice(-2)).toEqual(['1 skipped', '2 passed, 0 failed'])
})

test('failed tests, files that cannot be imported and failed hooks are failures', async () => {
  const { green, lines } = await runVitest({
    'a.test.js': `${header}test('a', () => { expect(1).toBe(2) }); test('b', () => {})`,
    'b.test.js': `import './missing.js'`,
    'c.test.js': `${header}beforeAll(() => { throw new Error('hook') }); test('c', () => {})`,
  })
  expect(green).toBe(false)
  expect(lines.at(-1)).toBe('1 passed, 3 failed')
})

test('a stray rejection and an empty run are failures', async () => {
  const stray = await runVitest({
    'a.test.js': `${header}test('a', () => { Promise.reject(new Error('stray')) })`,
  })
  expect([stray.green, stray.lines.at(-1)]).toEqual([false, '1 passed, 1 failed'])
  const empty = await runVitest({})
  expect([empty.green, empty.lines.at(-1)]).toEqual([false, '0 passed, 1 failed'])
})
