import { join } from 'node:path'
import { unconfined } from '../../src/isolation/isolation.ts'
import type { Manifest } from '../../src/sqlmesh/manifest.ts'
import { EVERYTHING, type Extent, type Load, startProbes } from '../../src/sqlmesh/probe.ts'
import {
  type SnapshotVersions,
  startCategorising,
  type VersionsQuestion,
} from '../../src/sqlmesh/snapshotVersions.ts'

type Given = Omit<Load, 'confine' | 'keep'>

/**
 * One commit's project, loaded in a process of its own.
 *
 * @param keep where its models are left for `askVersions`; null = nowhere
 * @throws Failure as a probe does
 */
export async function loadManifest(
  given: Given,
  extent: Extent = EVERYTHING,
  keep: string | null = null,
): Promise<Manifest> {
  const load = { ...given, confine: unconfined, keep: keep && join(keep, given.side) }
  await using probe = startProbes(null).take({ ...load, folder: load.tree })
  return await probe.load(load, extent, { onPrinted: () => {} })
}

/**
 * What SQLMesh says of snapshot versions; see `startCategorising`.
 *
 * @param given head's load
 * @param kept where both loads have left their models
 */
export async function askVersions(
  given: Given,
  question: VersionsQuestion,
  kept: string,
): Promise<SnapshotVersions> {
  const load = { ...given, confine: unconfined, keep: null }
  await using categoriser = startCategorising(load, load.workspace)
  const folders = { base: join(kept, 'base'), head: join(kept, 'head') }
  return await categoriser.ask(question, folders, () => {})
}
