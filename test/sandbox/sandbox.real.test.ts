import { execFile, spawn } from 'node:child_process'
import { chmod, chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { commandLine, type MountPlan, tryWays, type Way } from '../../src/sandbox/sandboxWays.ts'
import {
  AS_IS,
  AS_NOBODY,
  FORBIDDING,
  SUDO_LIKE,
  scriptsForEverybody,
  works,
} from '../helpers/machines.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

type Ended = {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** A little later than now. */
async function later<T>(ask: () => Promise<T>): Promise<T> {
  await new Promise((resolve) => setTimeout(resolve, 300))
  return await ask()
}

async function ended(command: readonly string[], cwd = '/'): Promise<Ended> {
  const [program = '', ...args] = command
  return await new Promise((resolve) => {
    const child = execFile(program, args, { cwd, timeout: 30_000 }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr })
    })
  })
}

/** Two folders: one that is hidden with a part that is shown, and one to write to. */
async function ground(owner: number | null) {
  const folder = await temporaryFolder()
  const [secrets, shown, own] = ['secrets', 'secrets/shown', 'own'].map((name) =>
    join(folder.path, name),
  ) as [string, string, string]
  for (const name of [secrets, shown, own]) await mkdir(name)
  await writeFile(join(secrets, 'canary'), 'canary')
  await writeFile(join(shown, 'open'), 'open')
  await writeFile(join(folder.path, 'netrc'), 'canary')
  await chmod(folder.path, 0o755)
  if (owner !== null) for (const name of [secrets, shown, own]) await chown(name, owner, owner)
  return { folder, secrets, shown, own, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] }
}

const trial = await tryWays(process.env)
const python = trial.launcher?.python ?? 'python3'
const scripts = await scriptsForEverybody()
const tools = await temporaryFolder()
const sudo = join(tools.path, 'sudo')
await writeFile(sudo, SUDO_LIKE, { mode: 0o755 })
afterAll(async () => {
  await tools[Symbol.asyncDispose]()
  await scripts[Symbol.asyncDispose]()
})

/** Who starts it, by which way, and whom it runs as. */
const users = [
  ['this user', AS_IS, trial.launcher?.way ?? 'user', null],
  ['nobody', AS_NOBODY, 'user', 65534],
  ['sudo', AS_NOBODY && AS_IS, 'sudo', 65534],
] as const

function lineOf(way: Way, furnishing: Partial<MountPlan>, command: readonly string[]): string[] {
  const room = { hide: [], show: [], write: [], tmp: null, network: false, note: null }
  return scripts.by(commandLine({ python, way }, { ...room, ...furnishing }, command))
}

/** Why a room cannot be tried here; null where it can. */
function hindrance(prefix: readonly string[] | null, way: Way): string | null {
  if (prefix === null) return 'only the superuser becomes another user'
  if (way === 'landlock' || way === 'limits' || trial.launcher === null) {
    return `no namespaces: ${trial.tried.join(', ')}`
  }
  const own = way === 'sudo' ? 'root' : way
  const made = works([...prefix, ...lineOf(own, {}, ['/bin/true'])])
  return made ? null : `${python} makes no room there`
}

describe.each(users)('%s', (_, as, way, owner) => {
  const prefix = as ?? []
  const why = hindrance(as, way)
  beforeEach((context) => context.skip(why !== null, why ?? ''))
  const start = (furnishing: Partial<MountPlan>, script: string, ...command: string[]) => {
    const shell = command.length > 0 ? command : ['/bin/sh', '-c', script]
    const line = lineOf(way, furnishing, shell)
    const by = way === 'sudo' ? [`sudo=${sudo}`, `uid=${owner}`, `gid=${owner}`] : []
    return [...prefix, ...line.toSpliced(line.indexOf(way) + 1, 0, ...by)]
  }

  test('sees what it may see, and writes where it may write', async () => {
    await using place = await ground(owner)
    const { folder, secrets, shown, own } = place
    // What lies in /tmp is hidden anyway.
    const hide = [secrets, join(folder.path, 'netrc'), '/etc/group']
    const script = `
      cat ${shown}/open; ls ${secrets}; cat ${folder.path}/netrc /etc/group
      echo x > ${own}/written; echo x > /tmp/written && cat /tmp/written
      echo x > ${folder.path}/new
      for file in ${shown}/new /usr/new /etc/new /dev/shm/../new /proc/sys/kernel/core_pattern
      do (echo x > $file) 2>/dev/null && echo wrote $file; done; true`

    const { stdout, code } = await ended(start({ hide, show: [shown], write: [own] }, script))

    expect({ code, stdout }).toEqual({ code: 0, stdout: 'openshown\nx\n' })
    expect(await readFile(join(own, 'written'), 'utf8')).toBe('x\n')
    expect(await readdir(shown)).toEqual(['open'])
    // It lies in /tmp, which in the room is another.
    expect(await readdir(folder.path)).not.toContain('new')
  })

  test('has no way around a cover by the folder that it starts in', async () => {
    await using place = await ground(owner)
    const { secrets, shown } = place
    const script = 'cat ../canary ./../canary /proc/self/cwd/../canary; ls ..; echo x > new'

    const cwd = shown
    const { stdout } = await ended(start({ hide: [secrets], write: [shown] }, script), cwd)

    expect(stdout).toBe('shown\n')
    expect(await readFile(join(shown, 'new'), 'utf8')).toBe('x\n')
  })

  test('is alone: no process, no privilege, no network', async () => {
    await using place = await ground(owner)
    const script = `
      ls /proc | grep -c '^[0-9]'; cat /proc/1/environ
      grep -E '^(Cap(Prm|Eff|Bnd)|NoNewPrivs)' /proc/self/status
      grep -E '^Cap(Prm|Eff)' /proc/1/status
      cat /proc/net/dev | grep -v lo: | grep -c :; cat /proc/net/route | wc -l`

    const { stdout } = await ended(start({ write: [place.own] }, script))

    const [processes, ...rest] = stdout.trim().split('\n')
    expect(Number(processes)).toBeLessThan(6)
    expect(rest).toEqual([
      'CapPrm:\t0000000000000000',
      'CapEff:\t0000000000000000',
      'CapBnd:\t0000000000000000',
      'NoNewPrivs:\t1',
      'CapPrm:\t0000000000000000',
      'CapEff:\t0000000000000000',
      '0',
      '1',
    ])
  })

  test('ends with what started it, whatever it left running', async () => {
    await using place = await ground(owner)
    const { own } = place
    const beat = `(for i in $(seq 200); do date +%N > ${own}/beat; sleep 0.05; done) & `
    const [program = '', ...args] = start({ write: [own] }, `setsid sh -c '${beat}' & sleep 60`)
    const child = spawn(program, args, { cwd: '/', stdio: 'ignore' })
    const beatNow = () => readFile(join(own, 'beat'), 'utf8').catch(() => '')
    await expect.poll(beatNow, { timeout: 10_000 }).not.toBe('')

    child.kill('SIGKILL')

    await expect.poll(async () => (await beatNow()) === (await later(beatNow))).toBe(true)
  })

  test.each([
    ['exit 7', { code: 7, signal: null }],
    ['kill -9 $$', { code: null, signal: 'SIGKILL' }],
    ['kill -s SEGV $$', { code: null, signal: 'SIGSEGV' }],
    ['kill -9 1; exit 3', { code: 3, signal: null }],
    ['setsid sleep 60 & exit 4', { code: 4, signal: null }],
  ])('ends as its command does: %s', async (script, how) => {
    await using place = await ground(owner)
    expect(await ended(start({ write: [place.own] }, script))).toMatchObject(how)
  })

  test('has limits: a file that is too long, too many processes', async () => {
    await using place = await ground(owner)
    const script = `
      truncate -s 3G ${place.own}/big; ls ${place.own}
      i=0; while [ $i -lt 40000 ] && sleep 30 & do i=$((i+1)); done 2>/dev/null; exit 0`

    const { stdout, stderr, signal, code } = await ended(start({ write: [place.own] }, script))

    expect(stdout).toBe('big\n')
    expect(stderr).toMatch(/File too large|File size limit/i)
    // The shell gives up where it can start no more.
    expect([code, signal]).not.toEqual([null, 'SIGTERM'])
  })

  test('hands on the standard streams, the private pipes and the variables, and nothing else', async () => {
    await using place = await ground(owner)
    const script = 'cat; echo $WORD; echo answer >&3; echo progress >&4; ls /proc/self/fd'
    const [program = '', ...args] = start({ write: [place.own], note: 5 }, script)
    const stdio = Array.from({ length: 7 }, () => 'pipe' as const)
    const env = { ...process.env, WORD: 'hello' }
    const child = spawn(program, args, { cwd: '/', stdio, env })
    child.stdin?.end('question\n')
    const read = (number: number) => text(child.stdio[number as 1] as Readable)

    const streams = await Promise.all([1, 3, 4, 5].map(read))

    // The last is the folder that `ls` has open.
    const descriptors = ['0', '1', '2', '3', '4', '5']
    expect(streams).toEqual([
      `question\nhello\n${descriptors.join('\n')}\n`,
      'answer\n',
      'progress\n',
      '',
    ])
  })

  test('a room that cannot be made runs nothing, and it is said why', async () => {
    const command = start({ write: ['/nowhere'], note: 2 }, 'echo ran')

    const { code, stdout, stderr } = await ended(command)

    expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toMatch(/^environment The sandbox for it could not be made: .+/m)
  })

  test('a program that is not there is said on the descriptor for that', async () => {
    await using place = await ground(owner)
    const command = start({ write: [place.own], note: 2 }, '', '/nowhere/python')

    const { code, stderr } = await ended(command)

    expect(code).toBe(127)
    expect(stderr).toBe(
      'environment /nowhere/python could not be started: No such file or directory\n',
    )
  })
})

test.skipIf(FORBIDDING === null)('where nothing is allowed it is said why, at once', async () => {
  const script = join(import.meta.dirname, '..', '..', 'python', 'sandbox', 'sandbox.py')
  const command = [
    ...(FORBIDDING ?? []),
    python,
    '-I',
    '-S',
    '-B',
    script,
    'try',
    '--',
    'root',
    'user',
  ]

  const { code, stdout } = await ended(command)

  expect(code).toBe(0)
  expect(stdout.trim().split('\n')).toEqual([
    expect.stringMatching(/^root\t.*unshare: Operation not permitted$/),
    expect.stringMatching(/^user\t.*unshare: (No space left on device|Operation not permitted)$/),
  ])
})
