import { join } from 'node:path'
import { unconfined } from '../../src/sandbox/sandbox.ts'
import type { Manifest } from '../../src/sqlmesh/manifest.ts'
import {
  EVERYTHING,
  type Extent,
  type Load,
  type Probe,
  startProbe,
} from '../../src/sqlmesh/probe.ts'
import {
  categorise,
  type SnapshotVersions,
  type VersionsQuestion,
} from '../../src/sqlmesh/snapshotVersions.ts'
import { root } from './actionFile.ts'

/** The folder of our package, for scripts of tests that import it. */
export const PYTHON = join(root, 'python')

/** A load of a test's. */
export type Given = Omit<Load, 'confine' | 'keep' | 'apart'>

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
  await using probe = probeOf(given)
  return await loadBy(probe, given, extent, keep)
}

/** A process that can load this project, or be asked about it. */
export function probeOf(given: Given): Probe {
  return startProbe({ ...given, confine: unconfined, folder: given.tree })
}

/** The same by a process that stays; of base it knows nothing then. */
export async function loadBy(
  probe: Probe,
  given: Given,
  extent: Extent,
  keep: string | null,
): Promise<Manifest> {
  const { side } = given
  const kept = { keep: keep && join(keep, side), apart: side === 'base' }
  const load = { ...given, confine: unconfined, ...kept }
  return await probe.load(load, extent, { onPrinted: () => {} })
}

/**
 * What SQLMesh says of snapshot versions; see `categorise`.
 *
 * @param probe the process that has loaded head, or one that has loaded nothing
 * @param given head's load
 * @param kept where both loads have left their models
 */
export async function askVersions(
  probe: Probe,
  given: Given,
  question: VersionsQuestion,
  kept: string,
): Promise<SnapshotVersions> {
  const load = { ...given, confine: unconfined, keep: null, apart: false }
  const folders = { base: join(kept, 'base'), head: join(kept, 'head') }
  return await categorise(probe, load, question, folders, () => {})
}
