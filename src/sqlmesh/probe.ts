import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Side } from '../failure.ts'
import type { Confine } from '../isolation/isolation.ts'
import { type Listener, startWaiting } from '../python/waiting.ts'
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
   * A folder to make, in which the models are left for `startCategorising`: SQLMesh's own objects, which
   * the commit's code can have made anything of. null = nobody will ask for them.
   */
  readonly keep: string | null
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
export type Start = Pick<
  Load,
  'side' | 'python' | 'environment' | 'given' | 'confine' | 'timeoutSeconds'
> & {
  readonly folder: string
}

/** A process that has begun to import SQLMesh, and nothing of the project. */
export type Probe = AsyncDisposable & {
  /**
   * Loads a project, once, with the Python and the variables that the process was started with.
   *
   * @throws Failure that names the side: `load-failed`, `environment`, `config`, `timeout`, `protocol`
   */
  readonly load: (load: Load, extent: Extent, listener: Listener) => Promise<Manifest>
}

/** Lies beside this file, and beside the bundle. */
const PROBE = path.join(import.meta.dirname, 'probe.py')

function startProbe(given: Start): Probe {
  const { side, python, environment, given: names, confine, timeoutSeconds, folder } = given
  const start = { side, python, environment, given: names, confine, timeoutSeconds, folder }
  const what = `Loading ${side}`
  const waiting = startWaiting({ ...start, what, script: PROBE }, probeAnswer)
  return {
    async load(load, extent, listener) {
      await mkdir(environment['SQLMESH_HOME'] as string, { recursive: true })
      const request = { ...requestOf(load), ...extent, keep: load.keep }
      return (await waiting.ask(request, listener)).manifest
    },
    [Symbol.asyncDispose]: waiting[Symbol.asyncDispose],
  }
}

/** What every script that opens a project is told of it. */
export function requestOf({ tree, projects, workspace, gateway, given }: Load) {
  const folders = projects.map((project) => path.join(tree, project))
  return { tree, projects: folders, workspace, gateway, env: given }
}

/** Processes that wait to load the two commits. */
export type Probes = AsyncDisposable & {
  /** The waiting process, if it was started as asked; else a new one. */
  readonly take: (start: Start) => Probe
}

/**
 * Starts both commits' processes before it is known what to load, so that they import SQLMesh at the
 * same time and while git still writes files. That a guess was wrong costs nothing but that.
 *
 * @param guess how both will probably be loaded; null = start none
 */
export function startProbes(guess: Omit<Start, 'side'> | null): Probes {
  const waiting = new Map<Side, { readonly start: Start; readonly probe: Probe }>()
  for (const side of guess === null ? [] : (['base', 'head'] as const)) {
    const start = { ...(guess as Omit<Start, 'side'>), side }
    waiting.set(side, { start, probe: startProbe(start) })
  }
  return {
    take(start) {
      const ready = waiting.get(start.side)
      if (ready === undefined || !isSame(ready.start, start)) return startProbe(start)
      waiting.delete(start.side)
      return ready.probe
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...waiting.values()].map(({ probe }) => probe[Symbol.asyncDispose]()))
    },
  }
}

function isSame(one: Start, other: Start): boolean {
  const how = ({ python, environment, confine, timeoutSeconds }: Start) => {
    return [confine([python], null), environment, timeoutSeconds]
  }
  return isDeepStrictEqual(how(one), how(other))
}
