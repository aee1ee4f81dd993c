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
  /** Gets base's failure when head fails as well. */
  readonly onBaseFailedToo: (failure: Failure) => void
}

/**
 * Loads base, then head, no more of each than `scope` asks for.
 *
 * @throws Failure of base; of head if neither loads
 */
export async function loadBoth<T extends Loaded>(
  scope: LoadedScope,
  loader: Loader<T>,
): Promise<Both<T>> {
  if (scope.kind === 'files') {
    try {
      return await loadFiles(scope, loader)
    } catch (error) {
      // An older SQLMesh refuses to load some files only. Of other errors a whole load says in
      // SQLMesh's own words what is wrong, and whether anything is.
      if (!isLoadFailure(error)) throw error
      await loader.complete()
    }
  }
  return await loadWhole({ changed: scope.changed, scope: null }, loader)
}

/**
 * Head is tried although base does not load: whether this pull request is the one that mends it, or has
 * the same error, is what its author wants to know.
 */
async function loadWhole<T extends Loaded>(
  extent: Extent,
  { load, onBaseFailedToo }: Loader<T>,
): Promise<Both<T>> {
  let base: T
  try {
    base = await load('base', extent)
  } catch (failed) {
    if (!isLoadFailure(failed)) throw failed
    try {
      await load('head', extent)
    } catch (alsoFailed) {
      onBaseFailedToo(failed)
      throw alsoFailed
    }
    throw failed
  }
  const head = await load('head', extent)
  return { base, head, extents: { base: extent, head: extent } }
}

function isLoadFailure(error: unknown): error is Failure {
  return error instanceof Failure && error.code === 'load-failed'
}

/** Head's load has to know what base's gave, to find what follows from the difference. */
async function loadFiles<T extends Loaded>(
  { changed, seeds }: Extract<LoadedScope, { kind: 'files' }>,
  { load }: Loader<T>,
): Promise<Both<T>> {
  const first: Extent = { changed, scope: { seeds, base: null } }
  const base = await load('base', first)
  const second: Extent = { changed, scope: { seeds, base: knownOf(base.manifest) } }
  const head = await load('head', second)
  const both = completeManifests(present(base.manifest), present(head.manifest), changed)
  return {
    base: { ...base, manifest: both.base },
    head: { ...head, manifest: both.head },
    extents: { base: first, head: second },
  }
}

function present(manifest: Manifest | null): Manifest {
  if (manifest !== null) return manifest
  throw new Failure('load-failed', 'There is no project to load some files of.')
}

function knownOf(manifest: Manifest | null): NonNullable<NarrowScope['base']> {
  return Object.fromEntries(
    present(manifest).models.map(({ fqn, ingredients, dependsOn }) => [
      fqn,
      [ingredients, dependsOn],
    ]),
  )
}
