import path from 'node:path'
import { Failure, type Side, toFailure } from './failure.ts'
import { countFiles, type Loading, loadIn, roomOf } from './loads.ts'
import { privateFolder } from './privateFolder.ts'
import * as notices from './report/notices.ts'
import type { Known } from './report/subject.ts'
import { projectsIn } from './sqlmesh/project.ts'
import {
  type Categoriser,
  type SnapshotVersions,
  startCategorising,
  type VersionsQuestion,
} from './sqlmesh/snapshotVersions.ts'

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
  if (question === null) return new Map()
  try {
    try {
      return await categorise(question, loading)
    } catch (error) {
      // With all files SQLMesh may do what it cannot do with some.
      const whole = question.files === null || toFailure(error).code !== 'load-failed'
      if (whole) throw error
      return await categorise({ ...question, same: [], files: null }, loading)
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    known.notices.push(notices.versionsUnknown(error.message))
    return new Map()
  }
}

async function categorise(question: VersionsQuestion, loading: Loading): Promise<SnapshotVersions> {
  const { ports, trees, request } = loading
  await using folder = await privateFolder(ports.temporary, 'versions-')
  const exchange = path.join(folder.path, 'base')
  if (question.files === null) await trees.complete()
  const start = (side: Side) =>
    trees.visit(side, async (tree, scratch) => {
      const projects = projectsIn(tree, request.projects)
      const usual = await loadIn({ tree, scratch }, projects, side, side, loading)
      // What base leaves there is head's to read, not to change.
      const more = side === 'base' ? { write: folder.path } : { read: folder.path }
      const load = { ...usual, confine: roomOf(usual.python, loading, more) }
      return startCategorising(load, trees.room)
    })
  // Head's imports SQLMesh meanwhile.
  await using base = await start('base')
  await using head = await start('head')
  const ask = (side: Side, categoriser: Categoriser) =>
    trees.visit(side, () =>
      ports.stage(side, `Categorising ${side}`, (say) =>
        categoriser.ask(question, exchange, countFiles(say)),
      ),
    )
  await ask('base', base)
  return await ask('head', head)
}
