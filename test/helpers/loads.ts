import type { Both, Loads } from '../../src/sqlmesh/loadBoth.ts'
import type { Manifest } from '../../src/sqlmesh/manifest.ts'

/** Both commits, where both have loaded; else throws what failed. */
export function bothOf<T extends { readonly manifest: Manifest | null }>(loads: Loads<T>): Both<T> {
  if (loads.kind === 'failed') throw loads.failure
  return loads.both
}
