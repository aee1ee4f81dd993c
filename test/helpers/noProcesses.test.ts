import { exec, execFileSync, fork, spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { test } from 'vitest'

test.fails.each<[string, () => unknown]>([
  ['a process', () => spawn('true')],
  ['a shell', () => exec('true')],
  ['a process that is waited for', () => execFileSync('true')],
  ['another Node', () => fork('none.js')],
  ['a server', () => createServer().listen(0)],
  ['a connection', () => connect(9)],
  ['a request', () => fetch('http://127.0.0.1:2')],
])('%s is red in a unit test, also where that is caught', async (_, start) => {
  try {
    await start()
  } catch {}
})
