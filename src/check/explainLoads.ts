import type { ChangedFile } from '../git/changedFiles.ts'
import { refuseUnmet } from '../interpreter/unmetPins.ts'
import type { Notice } from '../report/model.ts'
import { aboutPins } from '../report/words/pinNotices.ts'
import type { Both } from '../sqlmesh/loadBoth.ts'
import { explainUpgrade } from '../sqlmesh/upgrade.ts'
import type { CommitPair } from './compareCommits.ts'
import { type LoadedCommit, loadAgain, lookAgain } from './loadCommits.ts'
import type { Session } from './session.ts'

/**
 * What differs between two loads for another reason than the commits' files: an upgrade of SQLMesh, or that a load
 * differs each time. A commit is loaded once more where only that can tell.
 *
 * @throws Failure `versions-differ` where a commit pins other versions than those that loaded it
 */
export async function explainLoads(
  both: Both<LoadedCommit>,
  changed: readonly ChangedFile[],
  session: Session,
): Promise<{ readonly pair: CommitPair; readonly notices: readonly Notice[] }> {
  const { environments } = session
  const { base, head, extents } = both
  refuseUnmet(environments, {
    base: base.manifest?.versions ?? null,
    head: head.manifest?.versions ?? null,
  })
  const upgrade = await explainUpgrade(
    { base: base.manifest, head: head.manifest },
    {
      changed: new Set(changed.map((file) => file.path)),
      installed: environments.dependencyFiles,
    },
    () => loadAgain('base', 'head', extents.base, session),
  )
  const unstable = upgrade === null ? await lookAgain(both, changed, session) : []
  const notices = aboutPins(environments, base.manifest, head.manifest)
  return { pair: { base, head, upgrade, unstable }, notices }
}
