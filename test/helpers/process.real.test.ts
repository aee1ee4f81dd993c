import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runNode } from './process.ts'
import { temporaryFolder } from './temporary.ts'

async function run(program: string, timeout: number) {
  await using folder = await temporaryFolder()
  const script = join(folder.path, 'program.mjs')
  await writeFile(script, program)
  return await runNode(script, ['one'], { cwd: folder.path, env: { ONLY: 'this' }, timeout })
}

test('a process gets its arguments and no other environment', async () => {
  const program = `console.log(process.argv[2], JSON.stringify(process.env)); process.exitCode = 3`
  expect(await run(program, 30_000)).toEqual({
    exitCode: 3,
    stdout: 'one {"ONLY":"this"}\n',
    stderr: '',
  })
})

test('a process that does not end is killed with its children, and its output shown', async () => {
  const program = `import { spawn } from 'node:child_process'
    spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'inherit' })
    console.log('so far')`
  await expect(run(program, 1000)).rejects.toThrow(/did not end within 1000 ms.*so far/s)
})
