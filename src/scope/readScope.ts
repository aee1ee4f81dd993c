import type { ChangedFile } from '../git/changedFiles.ts'
import type { Commits } from '../git/commits.ts'
import { type CommittedFile, listFiles } from '../git/committedFiles.ts'
import { GitError } from '../git/gitCommand.ts'
import type { Reader } from '../git/objectReader.ts'
import { askClosed, type Closed } from './askClosed.ts'
import { useOf } from './fileRoles.ts'
import { decideScope, reasonToLoadAll, type Scope, touchesEnvironment } from './scope.ts'

/** What is not worth looking at: loading it all is faster. */
const MOST_BYTES = 64 * 1024 * 1024

/** What of the inputs decides it. */
export type ScopeInputs = {
  readonly projects: readonly string[]
  /** The user's own definitions; null = they are not loaded. */
  readonly definitions: object | null
  readonly assetKey: string | null
}

/** Where to look for a Python that reads texts. */
export type Search = Parameters<typeof askClosed>[1]

/**
 * How much has to be loaded to compare two commits, from what git knows of their files: nothing of theirs runs
 * and nothing is checked out. The rule is in docs/what-is-loaded.md.
 */
export async function readScope(
  reader: Reader,
  { head }: Commits,
  changes: readonly ChangedFile[],
  { projects, definitions, assetKey }: ScopeInputs,
  search: Search,
): Promise<Scope> {
  const files = await listFiles(reader.git, head)
  const question = { changes, files, projects }
  const because = reasonToLoadAll(question)
  const changed = touchesEnvironment(changes) ? null : changes.map((change) => change.path)
  if (because !== null) return { kind: 'everything', because, changed }
  if (changes.length > 0 && definitions !== null) {
    return { kind: 'everything', because: 'definitions may read any file', changed }
  }
  const closed =
    changes.length === 0
      ? { open: null, seeds: [] }
      : await readClosed(reader, files, changes, projects, search)
  const scope = decideScope(question, closed)
  const loaded = scope.kind === 'observed' ? scope.unread : scope
  if (loaded.kind !== 'files' || assetKey === null || isTelling(assetKey)) return scope
  const why = 'models of several schemas can share an asset key'
  return { kind: 'everything', because: why, changed }
}

/** Whether models that share a key have the same own name in the same schema. */
function isTelling(assetKey: string): boolean {
  return assetKey.includes('{schema}') && assetKey.includes('{name}')
}

/**
 * What code and texts can do, at head. At base they are the same but for SQL models and unit tests: any other
 * change to them has everything loaded.
 */
async function readClosed(
  reader: Reader,
  files: readonly CommittedFile[],
  changes: readonly ChangedFile[],
  projects: readonly string[],
  search: Search,
): Promise<Closed> {
  const earlier = changes
    .filter(({ mode }) => mode.base.startsWith('100'))
    .map(({ path, blob }) => ({ path, blob: blob.base }))
  const regular = files.filter(({ mode }) => mode.startsWith('100'))
  const wanted = [...regular, ...earlier].flatMap(({ path, blob }) => {
    const use = useOf(path, projects)
    return use === null ? [] : [{ path, use, blob }]
  })
  try {
    const contents = await reader.contents(
      wanted.map(({ blob }) => blob),
      MOST_BYTES,
    )
    const links = files.filter(({ mode }) => mode === '120000').map(({ path }) => path)
    const uses = wanted.map(({ path, use }) => [path, use] as const)
    return await askClosed({ files: uses, contents, projects, links }, search)
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    return { open: `its files could not be looked at: ${error.message}`, seeds: null }
  }
}
