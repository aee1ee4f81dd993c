import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { temporaryFolder } from './temporary.ts'

/** A real Dagster: a webserver on loopback, with an instance and a code location of its own. */
export type Dagster = AsyncDisposable & {
  /** Without a slash at the end. */
  readonly url: string
  /** Sends one GraphQL document. @throws when the server reports an error */
  query(document: string, variables?: object): Promise<unknown>
}

/** Importing Dagster takes seconds, several times as many on a busy machine. */
const TIMEOUT_MS = 240_000
const PATH_PREFIX = '/data'

/**
 * Runs a file of definitions as a program, with `CODE=1`, to make its history; then serves it with
 * `CODE=2`.
 *
 * @param python has dagster and dagster-webserver
 */
export async function startDagster(python: string, definitions: string): Promise<Dagster> {
  const folder = await temporaryFolder()
  const home = join(folder.path, 'home')
  await mkdir(home)
  await writeFile(join(home, 'dagster.yaml'), 'telemetry:\n  enabled: false\n')
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder.path,
    DAGSTER_HOME: home,
    GATE: join(folder.path, 'gate'),
  }
  const start = (args: readonly string[], code: string) =>
    spawn(python, args, {
      cwd: folder.path,
      env: { ...environment, CODE: code },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: the server starts more processes, and runs are processes too.
      detached: true,
    })
  const started: ChildProcess[] = []
  const stop = async () => {
    await writeFile(environment.GATE, '')
    for (const child of started) await endGroup(child)
    await folder[Symbol.asyncDispose]()
  }
  try {
    const history = start([definitions], '1')
    started.push(history)
    await ended(history)
    const port = await freePort()
    const url = `http://127.0.0.1:${port}${PATH_PREFIX}`
    const where = ['-h', '127.0.0.1', '-p', `${port}`, '--path-prefix', PATH_PREFIX]
    const server = start(['-m', 'dagster_webserver', ...where, '-f', definitions], '2')
    started.push(server)
    await answers(server, url)
    return {
      url,
      query: (document, variables = {}) => query(url, document, variables),
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function query(url: string, document: string, variables: object): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: document, variables }),
  })
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown }
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}

/** What a process printed last, for when it fails. */
function tail(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (part: string) => {
      text = (text + part).slice(-5000)
    })
  }
  return () => text
}

async function ended(child: ChildProcess): Promise<void> {
  const printed = tail(child)
  const code = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`too slow\n${printed()}`)), TIMEOUT_MS)
    child.once('error', reject).once('close', (exitCode) => {
      clearTimeout(timer)
      resolve(exitCode)
    })
  })
  if (code !== 0) throw new Error(`The history ended with ${code}\n${printed()}`)
}

async function answers(server: ChildProcess, url: string): Promise<void> {
  const printed = tail(server)
  const started = performance.now()
  while (performance.now() - started < TIMEOUT_MS && server.exitCode === null) {
    const up = await query(url, '{ version }', {}).catch(() => null)
    if (up !== null) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`Dagster did not start\n${printed()}`)
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return
  const closed =
    child.exitCode !== null || child.signalCode !== null
      ? Promise.resolve()
      : new Promise((resolve) => child.once('close', resolve))
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Nothing of it is left.
  }
  await closed
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
