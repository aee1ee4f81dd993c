import type { Side } from '../platform/failure.ts'
import type { Closed } from './askClosed.ts'
import { isBinary, isEnvironment, isHarmlessLink, type Role, roleOf } from './fileRoles.ts'
import { isConfiguration } from './projectFolders.ts'

/** How much of a project has to be loaded to tell what a change does: docs/what-is-loaded.md. */
export type Scope =
  /** No file that a load reads differs. */
  | { readonly kind: 'nothing'; readonly why: string }
  /** Only SQL models, unit tests and seeds differ, and SQLMesh loads each of those by itself. */
  | {
      readonly kind: 'files'
      /** Every path that differs, relative to the repository root. */
      readonly changed: readonly string[]
      /** Some of them may be the data of a seed. */
      readonly seeds: boolean
      /** The files that such a load may read, of each commit. */
      readonly files: Readonly<Record<Side, readonly string[]>>
    }
  /** The project's code may read any file: it has to be seen whether it reads one that differs. */
  | {
      readonly kind: 'observed'
      /** Why it may, for the log. */
      readonly because: string
      readonly changed: readonly string[]
      /** The scope if it reads none of them. */
      readonly unread: Extract<Scope, { readonly kind: 'nothing' | 'files' }>
    }
  | {
      readonly kind: 'everything'
      /** The first path that asks for it, or another reason, for the log. */
      readonly because: string
      /** As above; null where the Python environment may differ too. */
      readonly changed: readonly string[] | null
    }

/** How much is loaded to compare the commits. */
export type LoadedScope = Extract<Scope, { readonly kind: 'files' | 'everything' }>

/** See git/changedFiles.ts and git/files.ts, whose shapes these are. */
type Change = { readonly path: string; readonly mode: Readonly<Record<Side, string>> }
type CommittedFile = { readonly path: string; readonly mode: string }

/** Git's mode of a file that is not there. */
const ABSENT = '000000'

export type ScopeQuestion = {
  /** Whole repository. */
  readonly changes: readonly Change[]
  /** Every file of head. */
  readonly files: readonly CommittedFile[]
  readonly projects: readonly string[]
}

/** The first reason to load everything that paths alone give; null if there is none. */
export function reasonToLoadAll(question: ScopeQuestion): string | null {
  const { changes, files, projects } = question
  const paths = new Set(files.map((file) => file.path))
  for (const project of projects) {
    const start = project === '.' ? '' : `${project}/`
    const present = [...paths].some(
      (path) => path.startsWith(start) && isConfiguration(path.slice(start.length)),
    )
    if (!present) return `there is no project in ${project}`
  }
  if (changes.length === 0) return null
  const link = files.find((file) => file.mode === '120000' && mayLead(file.path, projects))
  if (link !== undefined) return `${link.path} is a symbolic link`
  const binary = files.find((file) => isBinary(file.path, projects))
  if (binary !== undefined) return `${binary.path} may be imported`
  for (const change of changes) {
    if (!isRegular(change)) return `${change.path} is no regular file`
    const roles = rolesOf(change.path, projects, paths)
    if (roles.includes('anything')) return `${change.path} changed`
  }
  return null
}

/** Neither a symbolic link nor a submodule, on the sides that have it. */
function isRegular({ mode }: Change): boolean {
  return [mode.base, mode.head].every((one) => one === ABSENT || one.startsWith('100'))
}

/** A link may show a project files of another folder, or be the way to the project. */
function mayLead(path: string, projects: readonly string[]): boolean {
  return projects.some((project) => !isHarmlessLink(path, project))
}

function rolesOf(
  path: string,
  projects: readonly string[],
  paths: ReadonlySet<string>,
): readonly Role[] {
  return projects.map((project) => roleOf(path, project, isDbt(project, paths)))
}

function isDbt(project: string, paths: ReadonlySet<string>): boolean {
  return paths.has(project === '.' ? 'dbt_project.yml' : `${project}/dbt_project.yml`)
}

/**
 * The scope of a change for which paths give no reason to load everything.
 *
 * @param closed what can be read besides SQL models, and where seeds have their data
 */
export function decideScope(question: ScopeQuestion, closed: Closed): Scope {
  const changed = question.changes.map((change) => change.path)
  const { open, seeds } = closed
  const paths = new Set(question.files.map((file) => file.path))
  const unlisted = changed.find((path) =>
    rolesOf(path, question.projects, paths).includes('unlisted'),
  )
  const why = open ?? (unlisted === undefined ? null : 'a load may read it')
  if (changed[0] === undefined || (why === null && seeds !== null)) {
    return scopeOfFiles(question, seeds ?? [])
  }
  const because = `${open === null ? (unlisted ?? changed[0]) : changed[0]} changed, and ${why}`
  if (seeds === null) return { kind: 'everything', because, changed }
  return { kind: 'observed', because, changed, unread: scopeOfFiles(question, seeds) }
}

/** The scope of a change where no code reads what differs. */
function scopeOfFiles(
  question: ScopeQuestion,
  dataOfSeeds: readonly string[],
): Extract<Scope, { readonly kind: 'nothing' | 'files' }> {
  const { changes, files, projects } = question
  const paths = new Set(files.map((file) => file.path))
  const changed = changes.map((change) => change.path)
  const data = new Set(dataOfSeeds)
  const differing = new Set(changed)
  // What changed may be the submodule that holds the data.
  const seeds = dataOfSeeds.some((one) => withFolders(one).some((path) => differing.has(path)))
  const loaded = changed.some((path) =>
    rolesOf(path, projects, paths).some((role) => role === 'model' || role === 'test'),
  )
  if (!loaded && !seeds) return { kind: 'nothing', why: whyNothing(changed) }
  const read = {
    base: filesToRead(question, 'base', seeds, data),
    head: filesToRead(question, 'head', true, data),
  }
  return { kind: 'files', changed, seeds, files: read }
}

/** `a/b/c` is `a/b/c`, `a/b` and `a`. */
function withFolders(path: string): string[] {
  const parts = path.split('/')
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'))
}

/**
 * @param search whether the text of each model is read
 * @param data paths of the data of seeds
 */
function filesToRead(
  { changes, files, projects }: ScopeQuestion,
  side: Side,
  search: boolean,
  data: ReadonlySet<string>,
): string[] {
  const changed = new Map(changes.map((change) => [change.path, change]))
  const paths = new Set(files.map((file) => file.path))
  const both = [...paths].filter((path) => !changed.has(path))
  const own = changes.filter((change) => change.mode[side] !== ABSENT).map((change) => change.path)
  const isRead = (path: string) => {
    const roles = rolesOf(path, projects, paths)
    if (roles.includes('model')) return search || changed.has(path) || data.has(path)
    return data.has(path) || roles.some((role) => role !== 'other')
  }
  return [...both, ...own].filter(isRead)
}

function whyNothing(changed: readonly string[]): string {
  const [first, ...rest] = changed
  if (first === undefined) return 'Both commits have the same files.'
  const others =
    rest.length === 0 ? '' : rest.length === 1 ? ' and one more' : ` and ${rest.length} more`
  return `Only files differ that loading the project does not read: \`${first}\`${others}.`
}

/** What is about to be loaded and why, for the log; `narrow` if it is no more than the scope asks for. */
export function scopeText(scope: LoadedScope, narrow: boolean): string {
  if (scope.kind === 'everything') return `everything: ${scope.because}`
  if (!narrow) return 'everything: the changed files alone did not load'
  const count = scope.changed.filter((path) => path.endsWith('.sql')).length
  if (count === 0 && !scope.seeds) return 'unit tests'
  const files = count === 1 ? '1 SQL file' : `${count} SQL files`
  return scope.seeds ? `${files}, the seeds and what follows` : `${files} and what follows`
}

/** True where the Python environment itself may differ between the commits. */
export function touchesEnvironment(changes: readonly Change[]): boolean {
  return changes.some((change) => isEnvironment(change.path))
}
