import type { Side } from '../failure.ts'
import { isConfiguration } from './project.ts'
import type { PythonReach } from './pythonReach.ts'

/** How much of a project has to be loaded to tell what a change does: docs/what-is-loaded.md. */
export type Scope =
  /** No file that a load reads differs. */
  | { readonly kind: 'nothing'; readonly why: string }
  /** Only SQL models and seeds differ, and SQLMesh loads each of those by itself. */
  | {
      readonly kind: 'files'
      /** Every path that differs, relative to the repository root. */
      readonly changed: readonly string[]
      /** Some of them may be the data of a seed. */
      readonly seeds: boolean
      /** The files that such a load may read, of each commit. */
      readonly files: Readonly<Record<Side, readonly string[]>>
    }
  | {
      readonly kind: 'everything'
      /** The first path that asks for it, or another reason, for the log. */
      readonly because: string
      /** As above; null where the Python environment may differ too. */
      readonly changed: readonly string[] | null
    }

/** A scope for which something has to be loaded. */
export type LoadedScope = Exclude<Scope, { readonly kind: 'nothing' }>

/** See git/changedFiles.ts and git/files.ts, whose shapes these are. */
type Change = { readonly path: string; readonly mode: Readonly<Record<Side, string>> }
type CommittedFile = { readonly path: string; readonly mode: string }

/** What a load does with a file, as far as its path tells. */
export type Role =
  /** A SQL model: loaded by itself. */
  | 'model'
  /** The data of seed models, perhaps. */
  | 'seed'
  /** Python that SQLMesh does not look for, but that may be imported. */
  | 'python'
  /** SQLMesh never reads it. Python of the project could. */
  | 'unread'
  /** Decides how the rest is read, or nothing is known about it. */
  | 'anything'

/** Git's mode of a file that is not there. */
const ABSENT = '000000'
/** Folders of a project whose Python SQLMesh imports (`SqlMeshLoader`). */
const IMPORTED = ['macros', 'models', 'signals', 'materializations']
/** Folders of a project whose SQL is not a model but may matter to models. */
const OTHER_SQL = ['macros', 'audits', 'metrics']

const PROSE =
  /(\.(md|mdx|markdown|rst|adoc|png|jpe?g|gif|svg|webp|ico|pdf|drawio)|(^|\/)(LICENSE|NOTICE|CODEOWNERS|\.gitignore|\.editorconfig))$/i
const WORKFLOW = /^\.github\/.*\.ya?ml$/
/** Sources of programs that neither SQLMesh nor Python runs. */
const OTHER_LANGUAGE =
  /\.(sql|[cm]?[jt]sx?|css|scss|less|html?|vue|go|rs|java|kt|scala|rb|php|cs|swift|sh|ps1|tf|ipynb)$/i
/** What decides which packages are installed, or may be named by what does; and how git writes files. */
const ENVIRONMENT =
  /(^|\/)(setup\.py|[^/]*\.(txt|in|toml|cfg|ini|lock)|[^/]*[.-]lock\.[^/]+|Pipfile|(conda|environment)[^/]*\.ya?ml|\.python-versions?|\.tool-versions|\.env[^/]*|\.git(attributes|modules)|\.lfsconfig)$/i
/** Locks of other languages' packages. */
const OTHER_LOCK =
  /(^|\/)(package-lock\.json|pnpm-lock\.yaml|(yarn|Cargo|Gemfile|composer|flake)\.lock)$/
/** Unit tests of models, which say nothing about the models. */
const UNIT_TEST = /^tests\/.*\.ya?ml$/
const PYTHON = /\.(py|pyw)$/
const PYTHON_BINARY = /\.(pyc|pyd|pyi|pyx|pxd|so|dylib|dll|pth|egg-link)$/i

/**
 * What a load of a project does with the file at `path`.
 *
 * @param project its folder, `.` for the root
 * @param dbt whether it is a dbt project, in which dbt itself decides what is read
 */
export function roleOf(path: string, project: string, dbt: boolean): Role {
  const inside = project === '.' ? path : after(path, `${project}/`)
  // A path that is not UTF-8 cannot be told from others.
  const understood = !path.includes('\ufffd')
  if (!understood || isEnvironment(path) || PYTHON_BINARY.test(path)) return 'anything'
  if (dbt) return inside === null && isProse(path) ? 'unread' : 'anything'
  return inside === null ? roleOutside(path) : roleInside(inside)
}

function roleOutside(path: string): Role {
  if (PYTHON.test(path)) return 'python'
  const other = isProse(path) || OTHER_LANGUAGE.test(path) || OTHER_LOCK.test(path)
  return other ? 'unread' : 'seed'
}

function roleInside(path: string): Role {
  const folder = path.includes('/') ? path.slice(0, path.indexOf('/')) : ''
  if (PYTHON.test(path)) return isImported(path) ? 'anything' : 'python'
  if (path.endsWith('.sql') && folder === 'models') return 'model'
  if (path.endsWith('.csv')) return 'seed'
  if (UNIT_TEST.test(path) || isProse(path)) return 'unread'
  return OTHER_LANGUAGE.test(path) && !OTHER_SQL.includes(folder) ? 'unread' : 'anything'
}

/** Whether SQLMesh itself imports the file, given relative to its project. */
function isImported(path: string): boolean {
  return isConfiguration(path) || IMPORTED.some((folder) => path.startsWith(`${folder}/`))
}

function isEnvironment(path: string): boolean {
  return ENVIRONMENT.test(path) && !OTHER_LOCK.test(path)
}

function isProse(path: string): boolean {
  return PROSE.test(path) || WORKFLOW.test(path)
}

function after(path: string, start: string): string | null {
  return path.startsWith(start) ? path.slice(start.length) : null
}

/** Git pathspecs of the Python that SQLMesh itself imports from these projects. */
export function importedPython(projects: readonly string[]): string[] {
  return projects.flatMap((project) => {
    const start = project === '.' ? '' : `${project}/`
    return [
      `:(literal)${start}config.py`,
      ...IMPORTED.map((folder) => `:(glob)${globbed(start)}${folder}/**/*.py`),
    ]
  })
}

/** Whether SQLMesh itself imports the file, for one of the projects. */
export function isImportedPython(path: string, projects: readonly string[]): boolean {
  return projects.some((project) => {
    const inside = project === '.' ? path : after(path, `${project}/`)
    return inside !== null && isImported(inside)
  })
}

function globbed(path: string): string {
  return path.replaceAll(/[\\*?[\]]/g, '\\$&')
}

/** Git pathspecs of the SQL models of these projects. */
export function sqlModels(projects: readonly string[]): string[] {
  return projects.map((project) => {
    const start = project === '.' ? '' : `${project}/`
    return `:(glob)${globbed(start)}models/**/*.sql`
  })
}

/** A MODEL block whose seed may have data of any name (POSIX, one line at a time). */
export const SEED_BY_MACRO = [
  `path[[:space:]]*['"][^'"]*[@{]`,
  '(path|kind)[[:space:]]+@',
  '(^|MODEL[[:space:]]*\\(.*)[[:space:]]*@[a-z_0-9]+[[:space:]]*\\(',
]

/** Changed paths that are the data of a seed, if a SQL model has their name in its text. */
export function seedCandidates({ changes, files, projects }: Question): string[] {
  const paths = new Set(files.map((file) => file.path))
  return changes
    .map((change) => change.path)
    .filter((path) => rolesOf(path, projects, paths).includes('seed'))
}

export type Question = {
  /** Whole repository. */
  readonly changes: readonly Change[]
  /** Every file of head. */
  readonly files: readonly CommittedFile[]
  readonly projects: readonly string[]
  /** A command that makes the Python environment: files that it names may be part of that. */
  readonly install: string | null
}

/** The first reason to load everything that paths alone give; null if there is none. */
export function reasonToLoadAll(question: Question): string | null {
  const { changes, files, projects, install } = question
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
  for (const change of changes) {
    if (!isRegular(change)) return `${change.path} is no regular file`
    const roles = rolesOf(change.path, projects, paths)
    if (roles.includes('anything')) return `${change.path} changed`
    const name = change.path.slice(change.path.lastIndexOf('/') + 1)
    if (install?.includes(name)) return `${change.path} is named by the input install`
  }
  return null
}

/** Neither a symbolic link nor a submodule, on the sides that have it. */
function isRegular({ mode }: Change): boolean {
  return [mode.base, mode.head].every((one) => one === ABSENT || one.startsWith('100'))
}

/** A link may show a project files of another folder, or be the way to the project. */
function mayLead(path: string, projects: readonly string[]): boolean {
  return projects.some(
    (project) =>
      ((project === '.' || path.startsWith(`${project}/`)) && !isProse(path)) ||
      project === path ||
      project.startsWith(`${path}/`),
  )
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
 * @param reach what the Python of the projects imports and names
 * @param seeds whether what may be the data of a seed is
 */
export function decideScope(question: Question, reach: PythonReach, seeds: boolean): Scope {
  const { changes, files, projects } = question
  const paths = new Set(files.map((file) => file.path))
  const changed = changes.map((change) => change.path)
  let models = false
  for (const { path } of changes) {
    const roles = rolesOf(path, projects, paths)
    if (roles.includes('python') && reach.mayImport(path)) {
      return { kind: 'everything', because: `${path} may be imported`, changed }
    }
    if (!roles.includes('python') && projects.some((project) => reach.mayRead(path, project))) {
      const because = `${path} changed, and Python of the project may read it`
      return { kind: 'everything', because, changed }
    }
    models ||= roles.includes('model')
  }
  if (!models && !seeds) return { kind: 'nothing', why: whyNothing(changed) }
  const read = {
    base: filesToRead(question, 'base', seeds),
    head: filesToRead(question, 'head', true),
  }
  return { kind: 'files', changed, seeds, files: read }
}

/** @param search whether models are searched for, for which the text of each is read */
function filesToRead(
  { changes, files, projects }: Question,
  side: Side,
  search: boolean,
): string[] {
  const changed = new Map(changes.map((change) => [change.path, change]))
  const paths = new Set(files.map((file) => file.path))
  const both = [...paths].filter((path) => !changed.has(path))
  const own = changes.filter((change) => change.mode[side] !== ABSENT).map((change) => change.path)
  const isRead = (path: string) => {
    const roles = rolesOf(path, projects, paths)
    if (roles.includes('model')) return search || changed.has(path)
    return roles.some((role) => role !== 'unread')
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
  const files = count === 1 ? '1 SQL file' : `${count} SQL files`
  return scope.seeds ? `${files}, the seeds and what follows` : `${files} and what follows`
}

/** True where the Python environment itself may differ between the commits. */
export function touchesEnvironment(changes: readonly Change[]): boolean {
  return changes.some((change) => isEnvironment(change.path))
}
