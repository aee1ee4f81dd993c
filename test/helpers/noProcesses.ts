import childProcess from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import { afterEach, expect } from 'vitest'

/*
 * Set up before each file of the project `unit`: starting a process, listening and connecting throw there, and make
 * the test red also where it, or what it tests, catches that.
 */

const attempts: string[] = []

function forbid(holder: object, name: string, what: string): void {
  const refuse = () => {
    attempts.push(what)
    throw new Error(`A unit test may not ${what}. Name the file X.real.test.ts (CONTRIBUTING.md).`)
  }
  Object.defineProperty(holder, name, { value: refuse, configurable: true, writable: true })
}

for (const name of ['spawnSync', 'execSync', 'execFileSync', 'spawn', 'exec', 'execFile', 'fork']) {
  forbid(childProcess, name, 'start a process')
}
forbid(net.Server.prototype, 'listen', 'listen for connections')
forbid(net.Socket.prototype, 'connect', 'connect to a server')
// Without it `import { spawn }` would still be Node's own.
syncBuiltinESMExports()

afterEach(() => {
  expect(attempts.splice(0)).toEqual([])
})
