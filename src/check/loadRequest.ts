import { DISTRIBUTIONS } from '../dagster/integrations/registry.ts'
import type { Trees } from '../git/trees.ts'
import type { Request } from '../inputs/request.ts'
import type { Progress } from '../interpreter/askProcess.ts'
import { type Environments, guessPython } from '../interpreter/environments.ts'
import type { InstallWatch } from '../interpreter/installObservation.ts'
import type { Side } from '../platform/failure.ts'
import { PYTHON_FOLDER } from '../platform/shippedPython.ts'
import type { Confine, Isolation } from '../sandbox/sandbox.ts'
import type { LoadedScope } from '../scope/scope.ts'
import { loadEnvironment } from '../sqlmesh/loadEnvironment.ts'
import { type Load, type Probes, startProbes } from '../sqlmesh/probe.ts'
import type { Ports } from './ports.ts'

/** What every load of this check shares. */
export type Loading = {
  readonly request: Request
  readonly ports: Ports
  readonly isolation: Isolation
  readonly trees: Trees
  readonly environments: Environments
  readonly probes: Probes
  readonly workspace: string
  readonly scope: LoadedScope
  /** When the commits were made, in seconds since 1970: which partitions there are by now. */
  readonly at: number
  /** Where both commits' models are kept, if somebody may ask for them (categories.ts). */
  readonly kept: string | null
}

/**
 * Starts what will load both commits, where it is clear which Python that will be. It imports SQLMesh
 * while git writes files; the project's code runs only after that.
 */
export async function startProbesEarly(
  loading: Omit<Loading, 'environments' | 'probes' | 'scope'>,
): Promise<Probes> {
  const { request, ports, trees, isolation, workspace } = loading
  const python = await guessPython(request, { ...ports, isolation, workspace })
  if (python === null) return startProbes(null)
  const environment = loadEnvironment(ports.environment, request.env, trees.scratch)
  const { timeoutSeconds, env: given } = request
  const confine = sandboxFor(python, loading)
  return startProbes({
    python,
    environment,
    given,
    confine,
    timeoutSeconds,
    folder: trees.loadFolder,
  })
}

/** Where one commit is visited. */
export type VisitedTree = { readonly tree: string; readonly scratch: string }

/** A load of these projects of one commit, at the place where it is visited. */
export async function loadRequest(
  { tree, scratch }: VisitedTree,
  projects: readonly string[],
  side: Side,
  by: Side,
  loading: Omit<Loading, 'scope'>,
): Promise<Load> {
  const { request, workspace } = loading
  const interpreter = await interpreterFor(by, loading, { tree, scratch })
  const { gateway, timeoutSeconds } = request
  const place = { tree, projects, workspace }
  const rest = { distributions: DISTRIBUTIONS, keep: null, apart: false }
  return { side, ...interpreter, ...place, gateway, timeoutSeconds, ...rest }
}

/** The Python of one side, installed when it is first needed, and the variables of a load in it. */
export async function interpreterFor(
  side: Side,
  loading: Omit<Loading, 'scope'>,
  { tree, scratch }: VisitedTree,
  watch?: InstallWatch,
): Promise<Pick<Load, 'python' | 'environment' | 'given' | 'confine'>> {
  const { request, ports, environments } = loading
  const find = () => environments.of(side, tree, watch)
  const missing = environments.isMissing(side)
  const found = missing ? await ports.stage('Python', `Installing for ${side}`, find) : await find()
  const inherited = { ...ports.environment, ...found.variables }
  return {
    python: found.python,
    environment: loadEnvironment(inherited, request.env, scratch),
    given: request.env,
    confine: sandboxFor(found.python, loading),
  }
}

/** A load sees its commit alone, and what is kept of both to be asked about (categories.ts). */
function sandboxFor(
  python: string,
  { trees, isolation, kept }: Pick<Loading, 'trees' | 'isolation' | 'kept'>,
): Confine {
  return isolation.sandbox({
    python,
    // Not each of the two folders that are kept: what a load left there may be a link to anywhere.
    read: [PYTHON_FOLDER, ...(kept === null ? [] : [kept])],
    write: [trees.loadFolder],
    tmp: null,
    network: isolation.network,
  })
}

/** Says how many files a load has behind it. */
export function countFiles(say: (text: string) => void): (progress: Progress) => void {
  return ({ done, total }) => say(`${done} of ${total} SQL files`)
}
