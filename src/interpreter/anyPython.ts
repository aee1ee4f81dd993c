import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { killOnExit } from '../platform/exit.ts'
import { endGroup, waitForExit } from './processGroup.ts'
import { passedOn } from './variables.ts'

const SECONDS = 30
const ANSWER_LIMIT = 16 * 1024 * 1024

/** Where to look for a Python. */
type Search = {
  /** Absolute folder of the user's checkout. */
  readonly workspace: string
  readonly environment: NodeJS.ProcessEnv
}

/**
 * Has a script of ours look at a text, in any Python of the machine: it runs none of the project's code, and sees
 * nothing but its input.
 *
 * @returns what it printed; null where no Python answered in time
 */
export async function runPlain(
  entry: readonly string[],
  input: readonly (string | Buffer)[],
  search: Search,
): Promise<string | null> {
  for (const python of pythons(search)) {
    const answer = await run(python, entry, input, search.environment)
    if (answer !== 'unusable') return answer
  }
  return null
}

/** Programs that may be a Python. What lies in the checkout is the pull request's, and decides nothing. */
function pythons({ workspace, environment }: Search): string[] {
  const { VIRTUAL_ENV: active, PATH: folders = '' } = environment
  const isOutside = (place: string) => !`${place}/`.startsWith(`${realpathSync(workspace)}/`)
  const usable = (program: string) =>
    path.isAbsolute(program) &&
    existsSync(program) &&
    [path.resolve(program), realpathSync(path.dirname(program)), realpathSync(program)].every(
      isOutside,
    )
  const places = folders.split(path.delimiter)
  const onPath = ['python3', 'python'].flatMap(
    (name) => places.map((folder) => path.join(folder, name)).find(usable) ?? [],
  )
  const own = active ? [path.join(active, 'bin', 'python')].filter(usable) : []
  return [...new Set([...own, ...onPath])]
}

async function run(
  python: string,
  entry: readonly string[],
  input: readonly (string | Buffer)[],
  environment: NodeJS.ProcessEnv,
): Promise<string | null | 'unusable'> {
  const { VIRTUAL_ENV: _, ...env } = passedOn(environment)
  const child = spawn(python, ['-I', '-S', '-B', ...entry], {
    cwd: '/',
    // A shim, as pyenv's, looks for its settings there.
    env: { ...env, HOME: environment['HOME'] },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  })
  const outlived = killOnExit(() => endGroup(child))
  let stopped = false
  const stop = () => {
    stopped = true
    endGroup(child)
  }
  const timer = setTimeout(stop, SECONDS * 1000)
  const said: Buffer[] = []
  let size = 0
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > ANSWER_LIMIT) stop()
    else said.push(chunk)
  })
  child.stdin.on('error', () => {})
  for (const part of input) child.stdin.write(part)
  child.stdin.end()
  try {
    const { code } = await waitForExit(child)
    // Ended for what it took: another would take as much.
    if (stopped || code === null) return null
    return code === 0 ? Buffer.concat(said).toString('utf8') : 'unusable'
  } catch {
    return 'unusable'
  } finally {
    clearTimeout(timer)
    outlived()
  }
}
