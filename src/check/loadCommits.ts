import { rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { type Definitions, loadDefinitions } from '../dagster/definitions.ts'
import type { Loaded } from '../dagster/graphs.ts'
import type { ChangedFile } from '../git/changedFiles.ts'
import { Failure, type Side } from '../platform/failure.ts'
import { visible } from '../platform/text.ts'
import { type Known, withVersion } from '../report/subject.ts'
import * as notices from '../report/words/notices.ts'
import { projectsIn } from '../scope/projectFolders.ts'
import { scopeText } from '../scope/scope.ts'
import { compareManifests } from '../sqlmesh/changes.ts'
import { type Both, loadBoth } from '../sqlmesh/loadBoth.ts'
import type { Manifest } from '../sqlmesh/manifest.ts'
import type { Extent } from '../sqlmesh/probe.ts'
import { findUnstable, needsSecondLook, type Unstable } from '../sqlmesh/stability.ts'
import {
  countFiles,
  interpreterFor,
  type Loading,
  loadRequest,
  type VisitedTree,
} from './loadRequest.ts'

/**
 * Both commits' projects, and their Dagster definitions if they are asked for.
 *
 * @param known gets what the loads add to it; if neither loads, a notice says what base's failure was
 * @throws Failure that names the side
 */
export async function loadSides(loading: Loading, known: Known): Promise<Both<Loaded>> {
  const before = [...known.notices]
  return await loadBoth(loading.scope, {
    load: (side, extent) => loadSide(side, extent, loading, known),
    complete: async () => {
      known.notices = before
      await loading.trees.complete()
    },
    onBaseFailedToo: (failure) => known.notices.push(notices.failedToo('base', failure)),
  })
}

/** One commit, as much of it as the extent says. @throws Failure that names the side */
export async function loadSide(
  side: Side,
  extent: Extent,
  loading: Loading,
  known: Known,
): Promise<Loaded> {
  return await loading.trees.visit(side, async (tree, scratch) => ({
    manifest: await manifestOf(side, extent, loading, known, { tree, scratch }),
    definitions: await definitionsOf(side, loading, known, { tree, scratch }),
  }))
}

/** One commit's Dagster definitions alone; null where none are asked for. @throws Failure as above */
export async function loadDefinitionsOf(
  side: Side,
  loading: Loading,
  known: Known,
): Promise<Definitions | null> {
  return await loading.trees.visit(side, (tree, scratch) =>
    definitionsOf(side, loading, known, { tree, scratch }),
  )
}

/** @param by the side whose Python loads it */
async function manifestOf(
  side: Side,
  extent: Extent,
  loading: Loading,
  known: Known,
  { tree, scratch }: VisitedTree,
  by = side,
): Promise<Manifest | null> {
  const { request, ports, probes, scope, kept } = loading
  const projects = projectsIn(tree, request.projects)
  if (projects.length < request.projects.length) {
    known.notices.push(notices.projectAbsent(side, request.projects, projects))
  }
  if (projects.length === 0) return null
  const stays = by === side && staysFor(side, loading)
  const keep = kept && path.join(scratch, KEPT)
  const apart = stays && side === 'base'
  const load = {
    ...(await loadRequest({ tree, scratch }, projects, side, by, loading)),
    keep,
    apart,
  }
  const what = by === side ? side : `${side} with the Python of ${by}`
  // It names a file, and a file's name can hold whatever a terminal obeys.
  const name = visible(`Loading ${what} (${scopeText(scope, extent.scope !== null)})`)
  const start = { ...load, folder: tree }
  const probe = (side === 'head' && probes.takeLoaded('base', start)) || probes.take(start)
  let ends = true
  try {
    const manifest = await ports.stage(side, name, (say) =>
      probe.load(load, extent, {
        onPrinted: (printed) => ports.onPrinted(`loading ${what}`, printed),
        onProgress: countFiles(say),
      }),
    )
    if (kept !== null) await moveKeptModels(scratch, kept, side)
    if (stays) await probes.keep(side, start, probe)
    ends = !stays
    known.subject = withVersion(known.subject, side, manifest.versions.sqlmesh)
    known.notices.push(...notices.fromLoad(side, manifest))
    return manifest
  } finally {
    if (ends) await probe[Symbol.asyncDispose]()
  }
}

/**
 * Whether what has loaded this side is asked something after that: base's process, which is as it was, to
 * load head, and head's for the categories. Not beside definitions, for what one process holds open,
 * another may not be able to open.
 */
function staysFor(side: Side, { request, kept }: Loading): boolean {
  return side === 'base' || (kept !== null && request.definitions === null)
}

/** Where in its scratch folder a load leaves its models. */
const KEPT = 'kept'

/** Takes what a load left away from it, and from the other commit's. */
async function moveKeptModels(scratch: string, folder: string, side: Side): Promise<void> {
  const place = path.join(folder, side)
  await rm(place, { recursive: true, force: true })
  try {
    await rename(path.join(scratch, KEPT), place)
  } catch (cause) {
    throw new Failure('load-failed', `Loading ${side} has removed what it had loaded.`, {
      side,
      hint: 'Find out what in the project empties its home folder while it is loaded.',
      cause,
    })
  }
}

async function definitionsOf(
  side: Side,
  loading: Loading,
  known: Known,
  { tree, scratch: parent }: VisitedTree,
): Promise<Definitions | null> {
  const { request, ports, workspace, at } = loading
  const { definitions: target, timeoutSeconds } = request
  if (target === null) return null
  const scratch = path.join(parent, 'definitions')
  const interpreter = await interpreterFor(side, loading, { tree, scratch })
  const load = { side, ...interpreter, tree, workspace, scratch, target, at, timeoutSeconds }
  const definitions = await ports.stage(side, `Loading the definitions of ${side}`, () =>
    loadDefinitions(load, (printed) =>
      ports.onPrinted(`loading the definitions of ${side}`, printed),
    ),
  )
  known.notices.push(...notices.fromLoad(side, definitions))
  return definitions
}

/**
 * Loads a commit once more, for comparison only: what it says besides is known already.
 *
 * @param by the side whose Python loads it
 * @param extent as it was loaded before
 */
export async function loadAgain(
  side: Side,
  by: Side,
  extent: Extent,
  loading: Loading,
  known: Known,
): Promise<Manifest | null> {
  const silent: Known = { subject: known.subject, notices: [] }
  await loading.probes.endLoaded()
  return await loading.trees.visit(side, (tree, scratch) =>
    manifestOf(side, extent, { ...loading, kept: null }, silent, { tree, scratch }, by),
  )
}

/** Loads head once more where no changed file explains a change, to tell whose it is. */
export async function lookAgain(
  { base, head, extents }: Both<Loaded>,
  changed: readonly ChangedFile[],
  loading: Loading,
  known: Known,
): Promise<readonly Unstable[]> {
  if (base.manifest === null || head.manifest === null) return []
  const both = [base.manifest, head.manifest] as const
  const paths = new Set(changed.map(({ path }) => path))
  if (!needsSecondLook(compareManifests(...both), ...both, paths)) return []
  const again = await loadAgain('head', 'head', extents.head, loading, known)
  return again === null ? [] : findUnstable(head.manifest, again)
}
