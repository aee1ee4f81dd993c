import { Failure, type Side } from '../platform/failure.ts'
import type { LoadedScope } from '../scope/scope.ts'
import { completeManifests } from './completeManifests.ts'
import type { Manifest } from './manifest.ts'
import type { Extent, NarrowScope } from './probe.ts'

/** What was loaded of one commit; no manifest if it has no such project. */
type Loaded = { readonly manifest: Manifest | null }

/** Both commits, and how much of each was loaded. */
export type Both<T extends Loaded> = {
  readonly base: T
  readonly head: T
  readonly extents: Readonly<Record<Side, Extent>>
}

/** How a commit is loaded. */
export type Loader<T extends Loaded> = {
  readonly load: (side: Side, extent: Extent) => Promise<T>
  /** Brings all files of both commits, where only some were asked for. */
  readonly complete: () => Promise<void>
}

/** What loading both commits came to. */
export type Loads<T extends Loaded> =
  | { readonly kind: 'loaded'; readonly both: Both<T> }
  | {
      readonly kind: 'failed'
      /** Of base; of head if neither loads. */
      readonly failure: Failure
      /** What did load; null = nothing. */
      readonly base: T | null
      readonly head: T | null
      /** Of base, where head fails as well. */
      readonly baseFailure: Failure | null
    }

/** Loads base, then head, no more of each than `scope` asks for. Failures are part of what it returns. */
export async function loadBoth<T extends Loaded>(
  scope: LoadedScope,
  loader: Loader<T>,
): Promise<Loads<T>> {
  if (scope.kind === 'files') {
    const loads = await loadFiles(scope, loader)
    // An older SQLMesh refuses to load some files only. Of other errors a whole load says in
    // SQLMesh's own words what is wrong, and whether anything is.
    if (loads.kind === 'loaded' || !isLoadFailure(loads.failure)) return loads
    await loader.complete()
  }
  return await loadWhole({ changed: scope.changed, scope: null }, loader)
}

/**
 * Head is tried although base does not load: whether this pull request is the one that mends it, or has
 * the same error, is what its author wants to know.
 */
async function loadWhole<T extends Loaded>(extent: Extent, { load }: Loader<T>): Promise<Loads<T>> {
  const base = await attempt(() => load('base', extent))
  if (base instanceof Failure && !isLoadFailure(base)) return failed(base)
  const head = await attempt(() => load('head', extent))
  if (base instanceof Failure) {
    return head instanceof Failure
      ? { ...failed(head), baseFailure: base }
      : { ...failed(base), head }
  }
  if (head instanceof Failure) return { ...failed(head), base }
  return { kind: 'loaded', both: { base, head, extents: { base: extent, head: extent } } }
}

/** Head's load has to know what base's gave, to find what follows from the difference. */
async function loadFiles<T extends Loaded>(
  { changed, seeds }: Extract<LoadedScope, { kind: 'files' }>,
  { load }: Loader<T>,
): Promise<Loads<T>> {
  const loadOne = (side: Side, extent: Extent) =>
    attempt(async () => {
      const loaded = await load(side, extent)
      return { ...loaded, manifest: present(loaded.manifest) }
    })
  const first: Extent = { changed, scope: { seeds, base: null } }
  const base = await loadOne('base', first)
  if (base instanceof Failure) return failed(base)
  const second: Extent = { changed, scope: { seeds, base: knownOf(base.manifest) } }
  const head = await loadOne('head', second)
  if (head instanceof Failure) return { ...failed(head), base }
  const both = completeManifests(base.manifest, head.manifest, changed)
  return {
    kind: 'loaded',
    both: {
      base: { ...base, manifest: both.base },
      head: { ...head, manifest: both.head },
      extents: { base: first, head: second },
    },
  }
}

function failed(failure: Failure) {
  return { kind: 'failed', failure, base: null, head: null, baseFailure: null } as const
}

async function attempt<T>(load: () => Promise<T>): Promise<T | Failure> {
  try {
    return await load()
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
}

function isLoadFailure(error: unknown): error is Failure {
  return error instanceof Failure && error.code === 'load-failed'
}

function present(manifest: Manifest | null): Manifest {
  if (manifest !== null) return manifest
  throw new Failure('load-failed', 'There is no project to load some files of.')
}

function knownOf(manifest: Manifest): NonNullable<NarrowScope['base']> {
  return Object.fromEntries(
    manifest.models.map(({ fqn, ingredients, dependsOn }) => [fqn, [ingredients, dependsOn]]),
  )
}
