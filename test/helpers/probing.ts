import { unconfined } from '../../src/isolation/isolation.ts'
import type { Manifest } from '../../src/sqlmesh/manifest.ts'
import { EVERYTHING, type Load, startProbes } from '../../src/sqlmesh/probe.ts'
import {
  type SnapshotVersions,
  startCategorising,
  type VersionsQuestion,
} from '../../src/sqlmesh/snapshotVersions.ts'

/** One commit's whole project, loaded in a process of its own. @throws Failure as a probe does */
export async function loadManifest(given: Omit<Load, 'confine'>): Promise<Manifest> {
  const load = { ...given, confine: unconfined }
  await using probe = startProbes(null).take({ ...load, folder: load.tree })
  return await probe.load(load, EVERYTHING, { onPrinted: () => {} })
}

/** What one commit's SQLMesh says of snapshot versions; see `startCategorising`. */
export async function askVersions(
  load: Load,
  question: VersionsQuestion,
  exchange: string,
): Promise<SnapshotVersions> {
  await using categoriser = startCategorising(load, load.workspace)
  return await categoriser.ask(question, exchange, () => {})
}
