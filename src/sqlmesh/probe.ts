import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Side } from '../failure.ts'
import { askPython, type Printed } from '../python/ask.ts'
import { type Manifest, probeAnswer } from './manifest.ts'

/** One commit's load. */
export type Load = {
  readonly side: Side
  /** Absolute path of the interpreter. */
  readonly python: string
  /** Absolute folder with the commit's files. */
  readonly tree: string
  /** Project folders relative to `tree`. */
  readonly projects: readonly string[]
  /** The user's checkout: imports that lead there are led to `tree` instead. */
  readonly workspace: string
  readonly gateway: string | null
  readonly timeoutSeconds: number
  readonly environment: NodeJS.ProcessEnv
  /** Names of the variables that the project was given; no value in the answer shows theirs. */
  readonly given: readonly string[]
}

/** Lies beside this file, and beside the bundle. */
const PROBE = path.join(import.meta.dirname, 'probe.py')

/**
 * Loads one commit's SQLMesh project in its own process.
 *
 * @param onPrinted gets the tail of what the load printed, if it fails
 * @throws Failure that names the side: `load-failed`, `environment`, `config`, `timeout`, `protocol`
 */
export async function loadManifest(
  load: Load,
  onPrinted: (printed: Printed) => void,
): Promise<Manifest> {
  const { side, python, tree, workspace, gateway, timeoutSeconds, environment } = load
  const projects = load.projects.map((project) => path.join(tree, project))
  await mkdir(environment['SQLMESH_HOME'] as string, { recursive: true })
  const question = {
    what: `Loading ${side}`,
    side,
    python,
    script: PROBE,
    folder: projects[0] as string,
    environment,
    request: { projects, tree, workspace, gateway, env: load.given },
    timeoutSeconds,
  }
  return (await askPython(question, probeAnswer, onPrinted)).manifest
}
