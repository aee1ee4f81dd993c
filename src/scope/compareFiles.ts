import { type ChangedFile, changedFiles } from '../git/changedFiles.ts'
import type { Reader } from '../git/objectReader.ts'
import type { Submodules } from '../git/submodules.ts'
import { requireSubmodules, unreadFailure, withoutSubmodules } from '../git/unreadSubmodules.ts'
import { compareInstalls, type InstallInputs, type Installs } from './compareInstalls.ts'
import { readScope, type ScopeInputs, type Search } from './readScope.ts'
import type { Scope } from './scope.ts'

/** A file that is there at both commits and differs. */
const MODIFIED = { status: 'modified', mode: { base: '100644', head: '100644' } } as const

/** In which files both commits differ, and what that means. */
export type ComparedFiles = {
  readonly changed: readonly ChangedFile[]
  /** How much has to be loaded, as long as one environment serves both. */
  readonly scope: Scope
  readonly installs: Installs
}

/**
 * In which files both commits differ, and how much has to be loaded for that.
 *
 * @throws Failure `submodule` where that depends on files that this clone does not have
 */
export async function compareFiles(
  reader: Reader,
  submodules: Submodules,
  inputs: ScopeInputs & InstallInputs,
  search: Search,
): Promise<ComparedFiles> {
  const { commits, unread } = submodules
  await requireSubmodules(reader.git, submodules, inputs.projects)
  const { files, submodules: moved } = withoutSubmodules(await changedFiles(reader.git, commits))
  // Definitions are loaded either way.
  const alone = { ...inputs, definitions: null }
  const others = moved.map((path) => ({ path, ...MODIFIED, blob: { base: '', head: '' } }))
  for (const change of others) {
    const one = unread.find(({ path }) => path === change.path)
    if (one === undefined) continue
    const { kind } = await readScope(reader, commits, [change], alone, search)
    if (kind !== 'nothing') throw unreadFailure(one, 'the project may read them')
  }
  const { environment } = search
  const installs = await compareInstalls(reader.git, commits.head, files, inputs, environment)
  const scope = await readScope(reader, commits, [...files, ...others], inputs, search)
  return { changed: files, scope, installs }
}
