import path from 'node:path'
import { Failure } from '../platform/failure.ts'
import type { Notice } from '../report/model.ts'
import { versionsUnknown } from '../report/words/notices.ts'
import { projectsIn } from '../scope/projectFolders.ts'
import {
  categorise,
  type SnapshotVersions,
  type VersionsQuestion,
} from '../sqlmesh/snapshotVersions.ts'
import { countFiles, loadRequest } from './loadRequest.ts'
import type { Session } from './session.ts'

/**
 * SQLMesh's own word on which snapshot versions the change makes new. Nothing depends on it but how
 * sure the rows are that follow, so that a failure is a notice.
 *
 * @param question null = nothing to ask
 */
export async function askSnapshotVersions(
  question: VersionsQuestion | null,
  session: Session,
): Promise<{ readonly versions: SnapshotVersions; readonly notices: readonly Notice[] }> {
  const { modelStore } = session
  if (question === null || modelStore === null) return { versions: new Map(), notices: [] }
  try {
    return { versions: await ask(question, modelStore, session), notices: [] }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { versions: new Map(), notices: [versionsUnknown(error.message)] }
  }
}

async function ask(
  question: VersionsQuestion,
  modelStore: string,
  session: Session,
): Promise<SnapshotVersions> {
  const { ports, trees, inputs, probes } = session
  return await trees.visit('head', async (tree, scratch) => {
    const projects = projectsIn(tree, inputs.projects)
    const load = await loadRequest('head', 'head', projects, { tree, scratch }, session)
    const start = { ...load, folder: tree }
    await using probe = probes.takeLoaded('head', start) ?? probes.take(start)
    const folders = { base: path.join(modelStore, 'base'), head: path.join(modelStore, 'head') }
    return await ports.stage('head', 'Categorising the change', (say) =>
      categorise(probe, load, question, folders, countFiles(say)),
    )
  })
}
