import type { ChangedFile } from './git/changedFiles.ts'
import type { Git } from './git/command.ts'
import type { Commits } from './git/commits.ts'
import { anyFileHas, listFiles, readText } from './git/files.ts'
import type { Request } from './inputs.ts'
import { importedPython, isImportedPython, sqlModels } from './sqlmesh/fileRoles.ts'
import { importsOthers, pythonReach } from './sqlmesh/pythonReach.ts'
import {
  decideScope,
  reasonToLoadAll,
  type Scope,
  SEED_BY_MACRO,
  seedCandidates,
  touchesEnvironment,
} from './sqlmesh/scope.ts'

const ALL_PYTHON = ['*.py', '*.pyw']

/** More names than this are not searched for. */
const MANY = 200

/**
 * How much has to be loaded to compare two commits, from what git knows of their files: no Python is
 * started and nothing is checked out. The rule is in docs/what-is-loaded.md.
 */
export async function readScope(
  git: Git,
  { head }: Commits,
  changes: readonly ChangedFile[],
  { projects, install, definitions, assetKey }: Request,
): Promise<Scope> {
  const files = await listFiles(git, head)
  const question = { changes, files, projects, install }
  const because = reasonToLoadAll(question)
  const changed = touchesEnvironment(changes) ? null : changes.map((change) => change.path)
  if (because !== null) return { kind: 'everything', because, changed }
  if (changes.length > 0 && definitions !== null) {
    return { kind: 'everything', because: 'definitions may read any file', changed }
  }
  const own = await readText(git, head, importedPython(projects))
  const python = [...files, ...changes]
    .map(({ path }) => path)
    .filter((path) => /\.pyw?$/.test(path))
  const others = importsOthers(
    own,
    python.filter((path) => !isImportedPython(path, projects)),
  )
  const text = others ? await readText(git, head, ALL_PYTHON) : own
  const candidates = seedCandidates(question)
  const seeds = candidates.length > 0 && (await anySeedIs(candidates, git, head, projects))
  const scope = decideScope(question, pythonReach(text, others), seeds)
  if (scope.kind !== 'files' || assetKey === null || isTelling(assetKey)) return scope
  const why = 'models of several schemas can share an asset key'
  return { kind: 'everything', because: why, changed }
}

/** Whether models that share a key have the same own name in the same schema. */
function isTelling(assetKey: string): boolean {
  return assetKey.includes('{schema}') && assetKey.includes('{name}')
}

/** A seed says where its data is: by the file's name, or by a macro that makes up the name. */
async function anySeedIs(
  paths: readonly string[],
  git: Git,
  commit: string,
  projects: readonly string[],
): Promise<boolean> {
  if (paths.length > MANY) return true
  const wanted = { fixed: paths.map(certainText), patterns: SEED_BY_MACRO }
  return await anyFileHas(git, commit, wanted, sqlModels(projects))
}

/** The longest part of a file's name that SQL writes as it is: quotes are doubled, and dialects escape more. */
function certainText(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const parts = name.match(/[\w.-]+/g) ?? []
  return parts.reduce((longest, part) => (part.length > longest.length ? part : longest), '')
}
