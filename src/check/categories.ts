import path from 'node:path'
import { Failure } from '../platform/failure.ts'
import type { Known } from '../report/subject.ts'
import * as notices from '../report/words/notices.ts'
import { projectsIn } from '../scope/projectFolders.ts'
import {
  categorise,
  type SnapshotVersions,
  type VersionsQuestion,
} from '../sqlmesh/snapshotVersions.ts'
import { countFiles, type Loading, loadRequest } from './loadRequest.ts'

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
    return await ask(question, kept, loading)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    known.notices.push(notices.versionsUnknown(error.message))
    return new Map()
  }
}

async function ask(
  question: VersionsQuestion,
  kept: string,
  loading: Loading,
): Promise<SnapshotVersions> {
  const { ports, trees, request, probes } = loading
  return await trees.visit('head', async (tree, scratch) => {
    const projects = projectsIn(tree, request.projects)
    const load = await loadRequest({ tree, scratch }, projects, 'head', 'head', loading)
    const start = { ...load, folder: tree }
    await using probe = probes.takeLoaded('head', start) ?? probes.take(start)
    const folders = { base: path.join(kept, 'base'), head: path.join(kept, 'head') }
    return await ports.stage('head', 'Categorising the change', (say) =>
      categorise(probe, load, question, folders, countFiles(say)),
    )
  })
}
