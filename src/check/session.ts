import { committedAt } from '../git/commits.ts'
import { pointersIn } from '../git/lfsPointers.ts'
import { type Only, openTrees, type Trees } from '../git/trees.ts'
import type { Request } from '../inputs/request.ts'
import { type Environments, guessPython, openEnvironments } from '../interpreter/environments.ts'
import { OpenedResources } from '../platform/openedResources.ts'
import { PYTHON_FOLDER } from '../platform/shippedPython.ts'
import type { Notice } from '../report/model.ts'
import { aboutFiles } from '../report/words/notices.ts'
import type { Confine, Isolation } from '../sandbox/sandbox.ts'
import { loadEnvironment } from '../sqlmesh/loadEnvironment.ts'
import { type Probes, startProbes } from '../sqlmesh/probe.ts'
import type { Checkout, ReadableCommits } from './checkout.ts'
import type { Ports } from './ports.ts'

/** What of the inputs decides how commits load. */
export type LoadInputs = Pick<
  Request,
  'projects' | 'gateway' | 'python' | 'install' | 'env' | 'dataVersion' | 'timeoutSeconds'
>

/** All that it takes to load commits, opened once for a check or for the doctor. It goes away as a whole. */
export type Session = AsyncDisposable & {
  readonly inputs: LoadInputs
  /** With an environment that has nothing in it for code that may not have it. */
  readonly ports: Ports
  /** The user's checkout. */
  readonly workspace: string
  readonly isolation: Isolation
  readonly trees: Trees
  readonly environments: Environments
  readonly probes: Probes
  /** When the commits were made, in seconds since 1970: which partitions there are by now. */
  readonly at: number
  /** Where both commits' models are kept, if somebody may ask for them (categories.ts). */
  readonly modelStore: string | null
  readonly notices: readonly Notice[]
}

/**
 * Writes both commits' files, and starts what loads them where it is clear which Python that will be: it imports
 * SQLMesh while git writes; the project's code runs only after that.
 *
 * @param only files of each commit that are enough; null = all
 * @throws Failure `isolation`, `git`, `config`, `environment`, `versions-differ`
 */
export async function openSession(
  inputs: LoadInputs,
  lent: Ports,
  checkout: Checkout,
  { submodules, reader }: ReadableCommits,
  only: Only | null,
): Promise<Session> {
  const { repository, withheld } = checkout
  const isolation = await checkout.isolate()
  const empty = Object.fromEntries(withheld.map((name) => [name, '']))
  const ports = { ...lent, environment: { ...lent.environment, ...empty } }
  const workspace = repository.root
  await using opened = new OpenedResources()
  const trees = opened.use(await openTrees(ports.temporary))
  // Whoever says that data versions are Dagster's own is not told what becomes of SQLMesh's.
  const modelStore = inputs.dataVersion === 'dagster' ? null : trees.models
  const place = { inputs, ports, workspace, isolation, trees, modelStore }
  const probes = opened.use(await startProbesEarly(place))
  const { objects, commits } = submodules
  const { linksOut, pointers } = await ports.stage('git', 'Reading their files', async () => ({
    linksOut: await trees.checkout(objects, commits, only),
    pointers: await pointersIn(reader.git, commits.head, inputs.projects),
  }))
  const environments = await ports.stage('Python', 'Finding Python', () =>
    openEnvironments(inputs, { ...ports, isolation, workspace, visit: trees.visit }),
  )
  opened.use(environments)
  const at = await committedAt(reader.git, commits)
  const notices = aboutFiles(linksOut, pointers)
  const all = opened.move()
  const dispose = () => all[Symbol.asyncDispose]()
  return { ...place, environments, probes, at, notices, [Symbol.asyncDispose]: dispose }
}

async function startProbesEarly(
  session: Pick<Session, 'inputs' | 'ports' | 'workspace' | 'isolation' | 'trees' | 'modelStore'>,
): Promise<Probes> {
  const { inputs, ports, trees, isolation, workspace } = session
  const python = await guessPython(inputs, { ...ports, isolation, workspace })
  if (python === null) return startProbes(null)
  return startProbes({
    python,
    environment: loadEnvironment(ports.environment, inputs.env, trees.scratch),
    given: inputs.env,
    confine: sandboxFor(python, session),
    timeoutSeconds: inputs.timeoutSeconds,
    folder: trees.loadFolder,
  })
}

/** A load sees its commit alone, and what is kept of both to be asked about (categories.ts). */
export function sandboxFor(
  python: string,
  { trees, isolation, modelStore }: Pick<Session, 'trees' | 'isolation' | 'modelStore'>,
): Confine {
  return isolation.sandbox({
    python,
    // Not each of the two folders that are kept: what a load left there may be a link to anywhere.
    read: [PYTHON_FOLDER, ...(modelStore === null ? [] : [modelStore])],
    write: [trees.loadFolder],
    tmp: null,
    network: isolation.network,
  })
}
