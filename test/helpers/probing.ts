import { unconfined } from '../../src/isolation/isolation.ts'
import type { Manifest } from '../../src/sqlmesh/manifest.ts'
import { EVERYTHING, type Load, startProbes } from '../../src/sqlmesh/probe.ts'

/** One commit's whole project, loaded in a process of its own. @throws Failure as a probe does */
export async function loadManifest(given: Omit<Load, 'confine'>): Promise<Manifest> {
  const load = { ...given, confine: unconfined }
  await using probe = startProbes(null).take({ ...load, folder: load.tree })
  return await probe.load(load, EVERYTHING, { onPrinted: () => {} })
}
