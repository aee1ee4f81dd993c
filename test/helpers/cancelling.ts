import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A program under way, to be ended at some point. */
export type Running = {
  readonly output: () => string
  readonly signal: (signal: NodeJS.Signals) => void
  /** Resolves once that is in the output; rejects when the program ends before. */
  readonly until: (text: RegExp) => Promise<void>
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

/** Starts `node script …` with exactly this environment. */
export function start(
  script: string,
  args: readonly string[],
  options: { cwd: string; env: Readonly<Record<string, string>> },
): Running {
  const child = spawn(process.execPath, [script, ...args], { ...options, stdio: 'pipe' })
  let output = ''
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const look of waiting) look()
    })
  }
  const ended = endOf(child)
  return {
    output: () => output,
    signal: (signal) => child.kill(signal),
    until: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!text.test(output)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
        ended.then(() => reject(new Error(`It ended before it said ${text}:\n${output}`)))
      }),
    ended,
  }
}

function endOf(child: ChildProcess): Running['ended'] {
  return new Promise((resolve, reject) => {
    // Its own end, not that of pipes, which whatever it left behind would keep open.
    child.once('error', reject).once('exit', (code, signal) => resolve({ code, signal }))
  })
}

/** Processes that have a folder's path in their command line, environment or current folder. */
export async function processesOf(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const files = ['cmdline', 'environ'].map((file) =>
        readFile(join('/proc', pid, file), 'utf8').catch(() => ''),
      )
      const [line = '', environment = ''] = await Promise.all(files)
      return `${line}${environment}`.includes(folder)
        ? [`${pid} ${line.replaceAll('\0', ' ')}`]
        : []
    }),
  )
  return found.flat().filter((process) => !process.startsWith(`${globalThis.process.pid} `))
}

/**
 * A folder to put before PATH: its `git` stops where it is told to and says so in a file, and otherwise
 * is git.
 */
export async function stoppingGit(folder: string, real: string) {
  const reached = join(folder, 'reached')
  await mkdir(folder, { recursive: true })
  const stop = `for word; do [ "$word" = "$STOP_GIT_AT" ] && touch ${reached} && exec sleep 60; done`
  await writeFile(
    join(folder, 'git'),
    `#!/bin/sh\n. "${folder}/settings"\n${stop}\nexec "${real}" "$@"\n`,
  )
  await chmod(join(folder, 'git'), 0o755)
  const stopAt = async (verb: string) =>
    await writeFile(join(folder, 'settings'), `STOP_GIT_AT=${verb}\n`)
  await stopAt('nothing')
  return { reached, stopAt }
}
