import { execFile, spawn } from 'node:child_process'
import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { commandLine, type MountPlan, tryWays } from '../../src/sandbox/sandboxWays.ts'
import { AS_IS, AS_NOBODY, FORBIDDING, scriptsForEverybody } from '../helpers/machines.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const { launcher } = await tryWays(process.env)
const python = launcher?.python ?? 'python3'
const scripts = await scriptsForEverybody()
afterAll(() => scripts[Symbol.asyncDispose]())

/** Folders for everybody to write to. */
async function ground() {
  const folder = await temporaryFolder()
  for (const name of ['secrets', 'secrets/shown', 'own', 'shared', 'shared/own', 'shared/hidden']) {
    await mkdir(join(folder.path, name))
    await writeFile(join(folder.path, name, 'file'), `${name}\n`)
  }
  await new Promise((resolve) => execFile('chmod', ['-R', 'a+rwX', folder.path], resolve))
  return folder
}

type Given = readonly [prefix: readonly string[], furnishing: Partial<MountPlan>, script: string]

/** The command line of a shell under the rules. */
function lineOf(...[prefix, furnishing, script]: Given): readonly [string, ...string[]] {
  const room = { hide: [], show: [], write: [], tmp: null, network: false, note: null }
  const shell = ['/bin/sh', '-c', script]
  const line = commandLine({ python, way: 'landlock' }, { ...room, ...furnishing }, shell)
  return [...prefix, ...scripts.by(line)] as unknown as readonly [string, ...string[]]
}

/** Output and end of a shell's lines under the rules. */
async function under(
  ...given: Given
): Promise<{ stdout: string; code: number | null; signal: string | null }> {
  const [program, ...args] = lineOf(...given)
  return await new Promise((resolve) => {
    const child = execFile(program, args, { timeout: 30_000, cwd: '/' }, (_, stdout) => {
      resolve({ stdout, code: child.exitCode, signal: child.signalCode })
    })
  })
}

/** Writes to a file for ten seconds, whoever ends meanwhile. */
const beating = (file: string) =>
  `setsid sh -c 'for i in $(seq 200); do date +%N > ${file}; sleep 0.05; done' > /dev/null 2>&1 &`

async function isStill(file: string): Promise<boolean> {
  const last = await readFile(file, 'utf8')
  await setTimeout(300)
  return (await readFile(file, 'utf8')) === last
}

const users = [
  ['this user', AS_IS],
  ...(AS_NOBODY === null ? [] : [['nobody', AS_NOBODY] as const]),
  ...(FORBIDDING === null ? [] : [['a container', FORBIDDING] as const]),
] as const
const works = (await under([], {}, 'echo yes')).stdout === 'yes\n'

// Where the kernel is too old or has it turned off there is nothing to try.
describe.skipIf(!works).each(users)('%s', (_, prefix) => {
  test('reads all but what is hidden, and writes where it may', async () => {
    await using folder = await ground()
    const at = (path: string) => join(folder.path, path)
    // What lies in /tmp is hidden anyway.
    const hide = [at('secrets'), at('shared/hidden'), '/etc/group']
    const script = `
      cat ${at('secrets/file')} ${at('shared/hidden/file')} ${at('secrets/shown/file')}
      cat /etc/group; cat /etc/passwd > /dev/null || echo hidden too
      echo x > ${at('own/new')}; echo x > $TMPDIR/new && cat $TMPDIR/new; echo x > /dev/null
      echo x > ${at('shared/own/new')}
      for file in ${at('secrets/shown/new')} ${at('shared/hidden/new')} ${at('new')} /tmp/new /etc/new
      do (echo x > $file) && echo wrote $file; done; exit 0`

    const write = [at('own'), at('shared')]
    const furnishing = { hide, show: [at('secrets/shown')], write }
    const { stdout, code } = await under(prefix, furnishing, script)

    expect({ stdout, code }).toEqual({ stdout: 'secrets/shown\nx\n', code: 0 })
    expect(await readFile(at('own/new'), 'utf8')).toBe('x\n')
    expect(await readFile(at('shared/own/new'), 'utf8')).toBe('x\n')
  })

  test('looks into no process beside it, reaches nobody, and gains no privilege', async () => {
    await using folder = await ground()
    const script = `
      cat /proc/${process.pid}/environ /proc/$PPID/environ
      readlink /proc/${process.pid}/fd/1; kill -0 ${process.pid} && echo reached
      ${python} -c 'import socket; socket.socket()' || echo no socket
      ${python} -c 'import socket; socket.socket(socket.AF_UNIX)' || echo no socket
      ${python} -c 'import socket; a, b = socket.socketpair(); a.send(b"x"); print(b.recv(1))'
      grep -E '^(Cap(Prm|Eff)|NoNewPrivs|Seccomp):' /proc/self/status`

    const { stdout } = await under(prefix, { write: [join(folder.path, 'own')] }, script)

    expect(stdout.trim().split('\n')).toEqual([
      ...['no socket', 'no socket', "b'x'"],
      ...['CapPrm:\t0000000000000000', 'CapEff:\t0000000000000000'],
      ...['NoNewPrivs:\t1', 'Seccomp:\t2'],
    ])
  })

  test('has the internet, and nobody of this machine by name, where it is given a network', async () => {
    await using folder = await ground()
    const script = `
      ${python} -c 'import socket; print(socket.socket().fileno() > 0)'
      ${python} -c 'import socket; socket.socket(socket.AF_UNIX)' || echo no socket`

    const write = [join(folder.path, 'own')]
    const { stdout } = await under(prefix, { write, network: true }, script)

    expect(stdout).toBe('True\nno socket\n')
  })

  test('leaves nothing running', async () => {
    await using folder = await ground()
    const beat = join(folder.path, 'own', 'beat')
    const script = `${beating(beat)} sleep 0.3; exit 4`

    const { code } = await under(prefix, { write: [join(folder.path, 'own')] }, script)

    expect(code).toBe(4)
    expect(await isStill(beat)).toBe(true)
  })

  test('leaves nothing running either when it is ended', async () => {
    await using folder = await ground()
    const beat = join(folder.path, 'own', 'beat')
    const furnishing = { write: [join(folder.path, 'own')] }
    const [program, ...args] = lineOf(prefix, furnishing, `${beating(beat)} sleep 20`)

    const child = spawn(program, args, { cwd: '/', detached: true, stdio: 'ignore' })
    await vi.waitFor(() => access(beat), 5000)
    process.kill(-(child.pid as number), 'SIGKILL')
    await setTimeout(300)

    expect(await isStill(beat)).toBe(true)
  })
})
