import { rename, rm } from 'node:fs/promises'
import path from 'node:path'
import {
  type Definitions,
  type DefinitionsTarget,
  loadDefinitions,
} from '../dagster/definitions.ts'
import type { Loaded } from '../dagster/graphs.ts'
import type { ChangedFile } from '../git/changedFiles.ts'
import { Failure, type Side } from '../platform/failure.ts'
import { projectsIn } from '../scope/projectFolders.ts'
import { type LoadedScope, scopeText } from '../scope/scope.ts'
import { compareManifests } from '../sqlmesh/changes.ts'
import { type Both, type Loads, loadBoth } from '../sqlmesh/loadBoth.ts'
import type { Manifest } from '../sqlmesh/manifest.ts'
import type { Extent } from '../sqlmesh/probe.ts'
import { findUnstable, needsSecondLook, type Unstable } from '../sqlmesh/stability.ts'
import { interpreterFor, loadRequest, showLoad, type VisitedTree } from './loadRequest.ts'
import type { Session } from './session.ts'

/** What was loaded of one commit, and which of the projects it does not have. */
export type LoadedCommit = Loaded & { readonly absent: readonly string[] }

/** Both commits' projects, and their Dagster definitions if they are asked for. */
export async function loadCommits(
  scope: LoadedScope,
  target: DefinitionsTarget | null,
  session: Session,
): Promise<Loads<LoadedCommit>> {
  return await loadBoth(scope, {
    load: (side, extent) =>
      session.trees.visit(side, async (tree, scratch) => {
        const place = { tree, scratch }
        const why = scopeText(scope, extent.scope !== null)
        const manifest = await loadManifest({ side, extent, why, target }, place, session)
        const definitions = target && (await definitionsOf(side, target, place, session))
        const present = projectsIn(tree, session.inputs.projects)
        const absent = session.inputs.projects.filter((project) => !present.includes(project))
        return { manifest, definitions, absent }
      }),
    complete: session.trees.complete,
  })
}

/** One load of a project. */
type WantedLoad = {
  readonly side: Side
  readonly extent: Extent
  /** Why it is loaded that far, for the log. */
  readonly why: string
  /** Definitions that are loaded beside it. */
  readonly target: DefinitionsTarget | null
  /** Whose Python loads it, where it is loaded once more. */
  readonly by?: Side
}

/** One commit's project; null if it has none. @throws Failure that names the side */
export async function loadManifest(
  { side, extent, why, target, by }: WantedLoad,
  { tree, scratch }: VisitedTree,
  session: Session,
): Promise<Manifest | null> {
  const { inputs, probes, ports, modelStore } = session
  const projects = projectsIn(tree, inputs.projects)
  if (projects.length === 0) return null
  // Base's process, which is as it was, loads head after it, and head's is asked for the categories. Not beside
  // definitions, for what one process holds open, another may not be able to open.
  const stays = by === undefined && (side === 'base' || (modelStore !== null && target === null))
  const load = {
    ...(await loadRequest(side, by ?? side, projects, { tree, scratch }, session)),
    keep: modelStore && path.join(scratch, MODELS),
    apart: stays && side === 'base',
  }
  const start = { ...load, folder: tree }
  const probe = (side === 'head' && probes.takeLoaded('base', start)) || probes.take(start)
  const what = by === undefined || by === side ? side : `${side} with the Python of ${by}`
  let ends = true
  try {
    const manifest = await showLoad(
      side,
      `Loading ${what} (${why})`,
      `loading ${what}`,
      ports,
      (listener) => probe.load(load, extent, listener),
    )
    if (modelStore !== null) await moveKeptModels(scratch, modelStore, side)
    if (stays) await probes.keep(side, start, probe)
    ends = !stays
    return manifest
  } finally {
    if (ends) await probe[Symbol.asyncDispose]()
  }
}

/** Where in its scratch folder a load leaves its models. */
const MODELS = 'kept'

/** Takes what a load left away from it, and from the other commit's. */
async function moveKeptModels(scratch: string, folder: string, side: Side): Promise<void> {
  const place = path.join(folder, side)
  await rm(place, { recursive: true, force: true })
  try {
    await rename(path.join(scratch, MODELS), place)
  } catch (cause) {
    throw new Failure('load-failed', `Loading ${side} has removed what it had loaded.`, {
      side,
      hint: 'Find out what in the project empties its home folder while it is loaded.',
      cause,
    })
  }
}

/** One commit's Dagster definitions. @throws Failure that names the side */
export async function definitionsOf(
  side: Side,
  target: DefinitionsTarget,
  { tree, scratch: parent }: VisitedTree,
  session: Session,
): Promise<Definitions> {
  const { ports, workspace, at, inputs } = session
  const scratch = path.join(parent, 'definitions')
  const interpreter = await interpreterFor(side, { tree, scratch }, session)
  const { timeoutSeconds } = inputs
  const load = { side, ...interpreter, tree, workspace, scratch, target, at, timeoutSeconds }
  const what = `the definitions of ${side}`
  return await showLoad(side, `Loading ${what}`, `loading ${what}`, ports, ({ onPrinted }) =>
    loadDefinitions(load, onPrinted),
  )
}

/**
 * Loads a commit once more, for comparison only.
 *
 * @param by the side whose Python loads it
 * @param extent as it was loaded before
 */
export async function loadAgain(
  side: Side,
  by: Side,
  extent: Extent,
  session: Session,
): Promise<Manifest | null> {
  await session.probes.endLoaded()
  // Nobody is asked about its models.
  const alone = { ...session, modelStore: null }
  const wanted = { side, by, extent, why: 'once more, to compare', target: null }
  return await session.trees.visit(side, (tree, scratch) =>
    loadManifest(wanted, { tree, scratch }, alone),
  )
}

/** Loads head once more where no changed file explains a change, to tell whose it is. */
export async function lookAgain(
  { base, head, extents }: Both<Loaded>,
  changed: readonly ChangedFile[],
  session: Session,
): Promise<readonly Unstable[]> {
  if (base.manifest === null || head.manifest === null) return []
  const both = [base.manifest, head.manifest] as const
  const paths = new Set(changed.map(({ path }) => path))
  if (!needsSecondLook(compareManifests(...both), ...both, paths)) return []
  const again = await loadAgain('head', 'head', extents.head, session)
  return again === null ? [] : findUnstable(head.manifest, again)
}
