import path from 'node:path'
import { detectIntegration } from './dagster/assetKeys.ts'
import { stampedBy } from './dagster/dataVersions.ts'
import type { Loaded } from './dagster/graphs.ts'
import { Failure } from './failure.ts'
import { countFiles, type Loading, loadIn, roomOf } from './loads.ts'
import * as notices from './report/notices.ts'
import type { Known } from './report/subject.ts'
import type { Load } from './sqlmesh/probe.ts'
import { projectsIn } from './sqlmesh/project.ts'
import type { Kept, SnapshotVersions, VersionsQuestion } from './sqlmesh/snapshotVersions.ts'

/**
 * Starts the process that `askSnapshotVersions` asks, where it may come to that: it imports SQLMesh while head
 * is loaded.
 *
 * @param base what its load gave
 * @throws Failure as head's load would
 */
export async function prepareCategories(base: Loaded, loading: Loading): Promise<void> {
  const { kept, request } = loading
  if (kept === null || base.manifest === null) return
  const imported = base.definitions?.imported ?? null
  const integration = detectIntegration(request.integration, base.manifest.versions, imported)
  if (integration !== null && stampedBy(request.dataVersion, integration) === 'dagster') return
  const load = await headsLoad(kept, loading)
  if (load !== null) kept.prepare(load)
}

/**
 * SQLMesh's own word on which snapshot versions the change makes new. Nothing depends on it but how
 * sure the rows are that follow, so that a failure is a notice.
 *
 * @param question null = nothing to ask
 */
export async function askSnapshotVersions(
  question: VersionsQuestion | null,
  loading: Loading,
  known: Known,
): Promise<SnapshotVersions> {
  const { kept } = loading
  if (question === null || kept === null) return new Map()
  try {
    return await categorise(question, kept, loading)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    known.notices.push(notices.versionsUnknown(error.message))
    return new Map()
  }
}

async function categorise(
  question: VersionsQuestion,
  kept: Kept,
  loading: Loading,
): Promise<SnapshotVersions> {
  const { ports, trees } = loading
  const load = await headsLoad(kept, loading)
  if (load === null) throw new Failure('load-failed', 'Head has no project.', { side: 'head' })
  await using categoriser = kept.take(load)
  const folders = { base: path.join(kept.folder, 'base'), head: path.join(kept.folder, 'head') }
  return await trees.visit('head', () =>
    ports.stage('head', 'Categorising the change', (say) =>
      categoriser.ask(question, folders, countFiles(say)),
    ),
  )
}

/** How head's Python is started to read both commits' models; null where head has no project. */
async function headsLoad(kept: Kept, loading: Loading): Promise<Load | null> {
  return await loading.trees.visit('head', async (tree, scratch) => {
    const projects = projectsIn(tree, loading.request.projects)
    if (projects.length === 0) return null
    const usual = await loadIn({ tree, scratch }, projects, 'head', 'head', loading)
    // Not each of the two folders in it: what a load left there may be a link to anywhere.
    return { ...usual, confine: roomOf(usual.python, loading, kept.folder) }
  })
}
