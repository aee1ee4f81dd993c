import { DISTRIBUTIONS } from '../dagster/integrations/registry.ts'
import type { Listener, Progress } from '../interpreter/askProcess.ts'
import type { InstallWatch } from '../interpreter/installObservation.ts'
import type { Side } from '../platform/failure.ts'
import { visible } from '../platform/text.ts'
import { loadEnvironment } from '../sqlmesh/loadEnvironment.ts'
import type { Load } from '../sqlmesh/probe.ts'
import type { Ports } from './ports.ts'
import { type Session, sandboxFor } from './session.ts'

/** Where one commit is visited. */
export type VisitedTree = { readonly tree: string; readonly scratch: string }

/**
 * A load of these projects of one commit, at the place where it is visited.
 *
 * @param by the side whose Python loads it
 */
export async function loadRequest(
  side: Side,
  by: Side,
  projects: readonly string[],
  { tree, scratch }: VisitedTree,
  session: Session,
): Promise<Load> {
  const { workspace, inputs } = session
  const { gateway, timeoutSeconds } = inputs
  const interpreter = await interpreterFor(by, { tree, scratch }, session)
  const place = { tree, projects, workspace }
  const rest = { distributions: DISTRIBUTIONS, keep: null, apart: false }
  return { side, ...interpreter, ...place, gateway, timeoutSeconds, ...rest }
}

/** The Python of one side, installed when it is first needed, and the variables of a load in it. */
export async function interpreterFor(
  side: Side,
  { tree, scratch }: VisitedTree,
  session: Session,
  watch?: InstallWatch,
): Promise<Pick<Load, 'python' | 'environment' | 'given' | 'confine'>> {
  const { inputs, ports, environments } = session
  const find = () => environments.of(side, tree, watch)
  const missing = environments.isMissing(side)
  const found = missing ? await ports.stage('Python', `Installing for ${side}`, find) : await find()
  const inherited = { ...ports.environment, ...found.variables }
  return {
    python: found.python,
    environment: loadEnvironment(inherited, inputs.env, scratch),
    given: inputs.env,
    confine: sandboxFor(found.python, session),
  }
}

/**
 * Shows that a load is under way and how far it is, and what it printed if it fails.
 *
 * @param name of the stage; it may hold a file's name, and that whatever a terminal obeys
 * @param what what prints: `loading base`
 */
export async function showLoad<T>(
  side: Side,
  name: string,
  what: string,
  ports: Ports,
  work: (listener: Listener) => Promise<T>,
): Promise<T> {
  return await ports.stage(side, visible(name), (say) =>
    work({
      onPrinted: (printed) => ports.onPrinted(what, printed),
      onProgress: countFiles(say),
    }),
  )
}

/** Says how many files a load has behind it. */
export function countFiles(say: (text: string) => void): (progress: Progress) => void {
  return ({ done, total }) => say(`${done} of ${total} SQL files`)
}
