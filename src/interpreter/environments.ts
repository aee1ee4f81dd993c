import path from 'node:path'
import { Failure, type Side } from '../platform/failure.ts'
import { tempFolder } from '../platform/tempFolder.ts'
import type { Isolation } from '../sandbox/sandbox.ts'
import type { Printed } from './askProcess.ts'
import { type DependencyFile, dependencyKey, readDependencyFiles } from './dependencyFiles.ts'
import { findPython, givenPython } from './findPython.ts'
import { install } from './install.ts'
import type { InstallWatch } from './installObservation.ts'
import type { Reads } from './installReads.ts'
import { readsOf } from './knownInstallers.ts'
import { differingPins, type Pins, readPins } from './pins.ts'
import { suggestInstall } from './suggestInstall.ts'
import { treeSource } from './treeSource.ts'
import { type Origin, twoEnvironments } from './unmetPins.ts'
import { activated } from './variables.ts'

/** What is wanted, as the inputs say it. */
export type WantedEnvironment = {
  /** The input `python`: loads both commits. */
  readonly python: string | null
  /** The input `install`: makes an environment for each set of dependency files. */
  readonly install: string | null
  readonly projects: readonly string[]
  readonly timeoutSeconds: number
  /** Names of the variables that the project, and so its installation, may have. */
  readonly env: readonly string[]
}

/** What a check lends. */
type Ports = {
  /** The user's checkout. */
  readonly workspace: string
  /** Where private folders are made. */
  readonly temporary: string
  readonly environment: NodeJS.ProcessEnv
  readonly isolation: Isolation
  /** Runs `work` where one commit's files are. */
  readonly visit: <T>(side: Side, work: (tree: string) => Promise<T>) => Promise<T>
  readonly onPrinted: (what: string, printed: Printed) => void
}

/** A Python that loads a commit, and the variables that belong to it. */
export type Interpreter = { readonly python: string; readonly variables: NodeJS.ProcessEnv }

/** The Pythons of one check. What was installed goes away with this object. */
export type Environments = AsyncDisposable & {
  readonly origin: Origin
  /** What each commit asks for. */
  readonly pins: Readonly<Record<Side, Pins>>
  /** The input `install` that fits head's files; null if none does. */
  readonly suggestion: string | null
  /** Paths of the files that say so, of both commits. */
  readonly dependencyFiles: ReadonlySet<string>
  /** True if `of` has to install first. */
  readonly isMissing: (side: Side) => boolean
  /**
   * The Python of one commit, installed when it is first asked for. Base has to be asked for and
   * used before head: head's installation runs the pull request's code.
   *
   * @param tree where the commit's files are
   * @param watch sees what the installation reads, if there is one
   */
  readonly of: (side: Side, tree: string, watch?: InstallWatch) => Promise<Interpreter>
  /** From now on what is installed for base serves head too. */
  readonly share: () => void
}

/**
 * Decides which Python loads which commit: the input `python`, else the input `install`, else one
 * that is found. Installs nothing yet.
 *
 * @throws Failure `environment` when there is none, `versions-differ` when one is not enough
 */
export async function openEnvironments(
  wanted: WantedEnvironment,
  ports: Ports,
): Promise<Environments> {
  const read = (side: Side) => ports.visit(side, (tree) => readTree(tree, wanted, ports))
  const both = { base: await read('base'), head: await read('head') }
  const files = { base: both.base.files, head: both.head.files }
  const suggestion = suggestInstall(files.head)
  const common = {
    suggestion,
    pins: { base: readPins(files.base), head: readPins(files.head) },
    dependencyFiles: new Set([...files.base, ...files.head].map((file) => file.path)),
  }
  if (wanted.python === null && wanted.install !== null) {
    return { ...common, ...(await installed({ ...wanted, install: wanted.install }, ports, both)) }
  }
  if (wanted.python === null) refuseOneForTwo(common.pins, suggestion)
  const search = { ...ports, projects: wanted.projects }
  const python =
    wanted.python === null
      ? await findPython(search, suggestion)
      : await givenPython(wanted.python, search)
  return {
    ...common,
    origin: wanted.python === null ? 'found' : 'given',
    isMissing: () => false,
    of: async () => ({ python, variables: {} }),
    share: () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}

/**
 * The Python that `openEnvironments` will come to, without the commits' files.
 *
 * @returns null where those are needed to tell, or there is none
 */
export async function guessPython(
  { python, install, projects }: Pick<WantedEnvironment, 'python' | 'install' | 'projects'>,
  ports: Pick<Ports, 'workspace' | 'environment' | 'isolation'>,
): Promise<string | null> {
  const search = { ...ports, projects }
  if (python === null && install !== null) return null
  const found = python === null ? findPython(search, null) : givenPython(python, search)
  // What is wrong is said when it is really needed.
  return await found.catch(() => null)
}

function refuseOneForTwo(pins: Readonly<Record<Side, Pins>>, suggestion: string | null): void {
  const differing = differingPins(pins)
  if (differing.length === 0) return
  throw new Failure(
    'versions-differ',
    `Base and head pin ${differing.join(', ')}, but only one Python environment is available. Data hashes of different versions do not compare.`,
    { hint: twoEnvironments(suggestion) },
  )
}

/** What a commit says of its environment. */
type OfTree = {
  readonly files: readonly DependencyFile[]
  /** null without the input `install`. */
  readonly reads: Reads | null
}

async function readTree(
  tree: string,
  wanted: WantedEnvironment,
  { environment }: Ports,
): Promise<OfTree> {
  const { projects, install: command, env: names } = wanted
  if (command === null) {
    return { files: await readDependencyFiles(tree, projects, null), reads: null }
  }
  const reads = await readsOf(command, { environment, names }, await treeSource(tree))
  const requirements = reads.kind === 'files' ? reads.requirements : undefined
  return { files: await readDependencyFiles(tree, projects, command, requirements), reads }
}

/** Equal where one environment serves both commits: no file differs that the installation could read. */
function keyOf(side: Side, { reads, files }: OfTree): string {
  if (reads?.kind !== 'files') return side
  return JSON.stringify([[...reads.files].sort(), dependencyKey(files)])
}

async function installed(
  wanted: WantedEnvironment & { readonly install: string },
  ports: Ports,
  both: Readonly<Record<Side, OfTree>>,
): Promise<Omit<Environments, 'pins' | 'suggestion' | 'dependencyFiles'>> {
  const { install: command, projects, timeoutSeconds, env: names } = wanted
  const keys = { base: keyOf('base', both.base), head: keyOf('head', both.head) }
  const folder = await tempFolder(ports.temporary, 'python-')
  const ready = new Map<string, Interpreter>()
  const of: Environments['of'] = async (side, tree, watch) => {
    const earlier = ready.get(keys[side])
    if (earlier !== undefined) return earlier
    const own = path.join(folder.path, side)
    const place = {
      own,
      other: path.join(folder.path, side === 'base' ? 'head' : 'base'),
      venv: path.join(own, 'venv'),
      tmp: path.join(own, 'tmp'),
      home: path.join(folder.path, 'home'),
      cache: path.join(folder.path, 'cache'),
    }
    const { environment: inherited, isolation } = ports
    const job = {
      side,
      command,
      tree,
      projects,
      place,
      timeoutSeconds,
      inherited,
      names,
      isolation,
      watch: watch ?? null,
    }
    const python = await install(job, (printed) =>
      ports.onPrinted(`installing for ${side}`, printed),
    )
    const venv = path.dirname(path.dirname(python))
    const interpreter = { python, variables: activated(inherited['PATH'], venv) }
    ready.set(keys[side], interpreter)
    return interpreter
  }
  return {
    origin: 'installed',
    isMissing: (side) => !ready.has(keys[side]),
    of,
    share: () => {
      keys.head = keys.base
    },
    [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
  }
}
