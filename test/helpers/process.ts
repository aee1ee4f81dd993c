import { spawn } from 'node:child_process'

export type ProcessResult = {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

type ProcessOptions = {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly timeout: number
}

/** Runs `node script …`, see `runProgram`. */
export async function runNode(
  script: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<ProcessResult> {
  return await runProgram(process.execPath, [script, ...args], options)
}

/**
 * Runs a program with exactly the given environment. The process and whatever it started are killed
 * after `timeout` milliseconds, which is an error that shows the output so far; so is an end by a
 * signal.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<ProcessResult> {
  // A group of its own, so that the time limit also ends Python below it.
  const child = spawn(program, [...args], {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  let late = false
  const timer = setTimeout(() => {
    late = true
    killGroup(child.pid)
  }, options.timeout)
  try {
    const [exitCode, signal] = await new Promise<[number | null, string | null]>(
      (resolve, reject) => {
        child.once('error', reject).once('close', (code, by) => resolve([code, by]))
      },
    )
    if (exitCode !== null && !late) return { exitCode, stdout, stderr }
    const reason = late ? `did not end within ${options.timeout} ms` : `ended by ${signal}`
    throw new Error(
      `${program} ${args[0] ?? ''} ${reason}\n--- stdout\n${stdout}\n--- stderr\n${stderr}`,
    )
  } finally {
    clearTimeout(timer)
  }
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended in this very moment.
  }
}
