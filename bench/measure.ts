import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** What one run took. */
export type Measured = {
  /** Seconds. */
  readonly wall: number
  /** Most memory that all its processes had together, in MiB; shared pages count once. */
  readonly peak: number
  readonly stdout: string
  readonly stderr: string
}

const SAMPLE_MS = 100

/** Runs a command to its end and watches its processes. @throws Error when it fails */
export async function measure(
  command: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; accept?: readonly number[] },
): Promise<Measured> {
  const [program, ...args] = command as [string, ...string[]]
  const started = performance.now()
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let peak = 0
  const timer = setInterval(() => {
    peak = Math.max(peak, memoryOf(child.pid as number))
  }, SAMPLE_MS)
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => {
    output.stdout += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output.stderr += chunk
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  clearInterval(timer)
  if (!(options.accept ?? [0]).includes(code ?? -1)) {
    throw new Error(`${command.join(' ')} ended with ${code}\n${output.stderr.slice(-2000)}`)
  }
  return { wall: (performance.now() - started) / 1000, peak, ...output }
}

/** Proportional set size of a process and all that it started, in MiB. */
function memoryOf(root: number): number {
  const children = new Map<number, number[]>()
  for (const entry of readdirSync('/proc')) {
    const parent = /^\d+$/.test(entry) ? parentOf(entry) : null
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), Number(entry)])
  }
  let kilobytes = 0
  for (const open = [root]; open.length > 0; ) {
    const pid = open.pop() as number
    kilobytes += Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0)
    open.push(...(children.get(pid) ?? []))
  }
  return kilobytes / 1024
}

function parentOf(pid: string): number | null {
  const parent = /^\d+ \(.*\) \S (\d+)/s.exec(read(`/proc/${pid}/stat`))?.[1]
  return parent === undefined ? null : Number(parent)
}

/** '' for a process that is gone. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}
