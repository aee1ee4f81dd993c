import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import {
  type Listener,
  type Script,
  type ProcessStart as ScriptStart,
  startScript,
} from '../interpreter/askProcess.ts'
import { Failure, type Side } from '../platform/failure.ts'
import { entryPoint } from '../platform/shippedPython.ts'
import type { Confine } from '../sandbox/sandbox.ts'
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
  readonly confine: Confine
  /** Names of the variables that the project was given; no value in the answer shows theirs. */
  readonly given: readonly string[]
  /**
   * A folder to make, in which the models are left for `categorise`: SQLMesh's own objects, which the
   * commit's code can have made anything of. null = nobody will ask for them.
   */
  readonly keep: string | null
  /** Names of distributions whose versions the manifest tells besides. */
  readonly distributions: readonly string[]
  /** Loaded in a fork, so that the process can load the other commit after it. */
  readonly apart: boolean
}

/** How much of a project is loaded and described. */
export type Extent = {
  /**
   * Files that differ between the commits, relative to the tree: only their queries are described in
   * full. null = not known, so all are.
   */
  readonly changed: readonly string[] | null
  /** Load no more than a change to SQL models and seeds can move; null = load everything. */
  readonly scope: NarrowScope | null
}

/** What the probe has to know to load less than everything. */
export type NarrowScope = {
  /** The data of seeds may be among what differs. */
  readonly seeds: boolean
  /** Ingredients and parents of the models that base loaded, by fqn; null while base itself loads. */
  readonly base: Readonly<Record<string, readonly [string | null, readonly string[]]>> | null
}

export const EVERYTHING: Extent = { changed: null, scope: null }

/** How a load's process is started. `folder`: any that is there before the commit's files are. */
export type ProbeStart = Omit<ScriptStart, 'entry'>

/** A process that has begun to import SQLMesh, and nothing of the project. */
export type Probe = AsyncDisposable & {
  /**
   * Loads a commit's project, with the Python and the variables that the process was started with.
   *
   * @throws Failure that names the side: `load-failed`, `environment`, `config`, `timeout`, `protocol`
   */
  readonly load: (load: Load, extent: Extent, listener: Listener) => Promise<Manifest>
  /** Asks what it is told, of the project that it has loaded or of one that it opens for that. */
  readonly ask: Script['ask']
}

const ENTRY = entryPoint('manifest')

export function startProbe(start: ProbeStart): Probe {
  const script = startScript({ ...start, entry: ENTRY })
  const ask: Script['ask'] = async (question, schema, listener) => {
    await mkdir(start.environment['SQLMESH_HOME'] as string, { recursive: true })
    return await script.ask(question, schema, listener)
  }
  return {
    ask,
    async load(load, extent, listener) {
      const { side, keep, apart } = load
      const request = { question: 'manifest', ...requestOf(load), ...extent, keep, apart }
      const question = { side, what: `Loading ${side}`, request }
      return acceptable(side, (await ask(question, probeAnswer, listener)).manifest)
    },
    [Symbol.asyncDispose]: script[Symbol.asyncDispose],
  }
}

/**
 * What SQLMesh's own `Context` refuses of head is a failure: after the merge nothing would load. Base's models can be
 * compared all the same, which is what the pull request that mends it needs.
 *
 * @throws Failure of head
 */
export function acceptable(side: Side, manifest: Manifest): Manifest {
  if (side === 'base' || manifest.refused === null) return manifest
  const { message, file, hint } = manifest.refused
  throw new Failure('load-failed', message, { side, file, ...(hint && { hint }) })
}

/** What every script that opens a project is told of it. */
export function requestOf({ tree, projects, workspace, gateway, given, distributions }: Load) {
  const folders = projects.map((project) => path.join(tree, project))
  return { tree, projects: folders, workspace, gateway, env: given, distributions }
}

/** The processes of one check. */
export type Probes = AsyncDisposable & {
  /** A process that waits to load a commit, if one was started as asked; else a new one. */
  readonly take: (start: ProbeStart) => Probe
  /** Takes a process back that has loaded nothing, but in forks. */
  readonly giveBack: (start: ProbeStart, probe: Probe) => Promise<void>
  /** Keeps a process that has loaded this commit, instead of any that was kept before. */
  readonly keep: (side: Side, start: ProbeStart, probe: Probe) => Promise<void>
  /** The process that has loaded this commit, if it was kept and started as asked. */
  readonly takeLoaded: (side: Side, start: ProbeStart) => Probe | null
  /** Ends the process that is kept. */
  readonly endLoaded: () => Promise<void>
}

/**
 * Starts a process before it is known what to load, so that it imports SQLMesh while git still writes files.
 * That a guess was wrong costs nothing but that.
 *
 * @param guess how one will probably be asked for; null = nobody knows
 */
export function startProbes(guess: ProbeStart | null): Probes {
  let waiting = guess && { start: guess, probe: startProbe(guess) }
  let loaded: { side: Side; start: ProbeStart; probe: Probe } | null = null
  const endLoaded = async () => {
    const ended = loaded
    loaded = null
    await ended?.probe[Symbol.asyncDispose]()
  }
  return {
    take(start) {
      if (waiting === null || !isSame(waiting.start, start)) return startProbe(start)
      const { probe } = waiting
      waiting = null
      return probe
    },
    async giveBack(start, probe) {
      const other = waiting
      waiting = { start, probe }
      await other?.probe[Symbol.asyncDispose]()
    },
    async keep(side, start, probe) {
      await endLoaded()
      loaded = { side, start, probe }
    },
    takeLoaded(side, start) {
      if (loaded === null || loaded.side !== side || !isSame(loaded.start, start)) return null
      const { probe } = loaded
      loaded = null
      return probe
    },
    endLoaded,
    async [Symbol.asyncDispose]() {
      await Promise.all([waiting?.probe[Symbol.asyncDispose](), endLoaded()])
    },
  }
}

function isSame(one: ProbeStart, other: ProbeStart): boolean {
  const how = ({ python, environment, confine, timeoutSeconds }: ProbeStart) => {
    return [confine([python], null), environment, timeoutSeconds]
  }
  return isDeepStrictEqual(how(one), how(other))
}
