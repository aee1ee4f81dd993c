import { isConfiguration } from './projectFolders.ts'

/*
 * What a path means to a load, by what SQLMesh's loaders read (`SqlMeshLoader`, `load_configs`):
 * docs/what-is-loaded.md has each with its symbol.
 */

/** What a load does with a file, as far as its path tells. */
export type Role =
  /** A SQL model: loaded by itself. */
  | 'model'
  /** A unit test of models, which SQLMesh parses by itself (since 0.228) and takes nothing from. */
  | 'test'
  /** No loader looks for it. A seed may have its data there, and code may read it. */
  | 'other'
  /** No loader that is known looks for it. Whether a load reads it has to be seen. */
  | 'unlisted'
  /** Decides how the rest is read. */
  | 'anything'

/** Folders of a project whose Python SQLMesh imports. */
const IMPORTED = ['macros', 'models', 'signals', 'materializations', 'linter']
/** Folders of a project whose SQL it parses. Jinja and macros in it run. */
const PARSED = ['models', 'macros', 'audits', 'metrics']
const EXTERNAL_MODELS = /^(external_models\.yaml|schema\.yaml|external_models\/.*\.ya?ml)$/

const PROSE =
  /(\.(md|mdx|markdown|rst|adoc|png|jpe?g|gif|svg|webp|ico|pdf|drawio|csv)|(^|\/)(LICENSE|NOTICE|CODEOWNERS|\.gitignore|\.editorconfig))$/i
/** SQLMesh takes a folder of such a name for a file, as long as there is something in it. */
const FOLDER_AS_FILE = /\.(sql|py|ya?ml)\//
/** What decides which packages are installed, or may be named by what does; and how git writes files. */
const ENVIRONMENT =
  /(^|\/)(setup\.py|[^/]*\.(txt|in|toml|cfg|ini|lock)|[^/]*[.-]lock\.[^/]+|Pipfile|(conda|environment)[^/]*\.ya?ml|\.python-versions?|\.tool-versions|\.env[^/]*|\.git(attributes|modules)|\.lfsconfig)$/i
/** Locks of other languages' packages. */
const OTHER_LOCK =
  /(^|\/)(package-lock\.json|pnpm-lock\.yaml|(yarn|Cargo|Gemfile|composer|flake)\.lock)$/
/** Python that is imported without its text being read, or by Python itself; and what says what is installed. */
const PYTHON_BINARY =
  /(\.(pyc|pyd|pyi|pyx|pxd|so|dylib|dll|pth|egg-link)|(^|\/)(site|user)customize\.py|\.(dist|egg)-info(\/.*)?)$/i
/** What says which code of the repository programs load by themselves, where it is installed. */
const PACKAGING = /(^|\/)(pyproject\.toml|setup\.cfg|setup\.py|entry_points\.txt)$/
/** Unit tests of models (`SqlMeshLoader.load_model_tests`). */
const UNIT_TEST = /^tests\/(.*\/)?test[^/]*\.ya?ml$/

/**
 * What a load of a project does with the file at `path`.
 *
 * @param project its folder, `.` for the root
 * @param dbt whether it is a dbt project, in which dbt itself decides what is read
 */
export function roleOf(path: string, project: string, dbt: boolean): Role {
  // A path that is not UTF-8 cannot be told from others, and `ignore_patterns` may mean one with these signs.
  const understood = !path.includes('\ufffd') && !/[*?[\]]/.test(path)
  if (dbt || !understood || isEnvironment(path) || PYTHON_BINARY.test(path)) return 'anything'
  const inside = insideOf(path, project)
  if (inside === null) return 'other'
  if (FOLDER_AS_FILE.test(inside)) return 'anything'
  if (folderOf(inside) === 'models' && inside.endsWith('.sql')) return 'model'
  if (UNIT_TEST.test(inside)) return 'test'
  if (PROSE.test(inside)) return 'other'
  return isListed(inside) ? 'anything' : 'unlisted'
}

/** Whether SQLMesh's loaders read it before they read models. @param path in the project */
function isListed(path: string): boolean {
  const folder = folderOf(path)
  if (isConfiguration(path) || EXTERNAL_MODELS.test(path)) return true
  return (
    (IMPORTED.includes(folder) && path.endsWith('.py')) ||
    (PARSED.includes(folder) && path.endsWith('.sql'))
  )
}

/** Whether the file decides which packages are installed, or how git writes files. */
export function isEnvironment(path: string): boolean {
  return ENVIRONMENT.test(path) && !OTHER_LOCK.test(path)
}

/** Whether a link at `path` shows no loader anything: they look at no such file, and for none below it. */
export function isHarmlessLink(path: string, project: string): boolean {
  const inside = insideOf(path, project)
  if (inside === null) return !(project === path || project.startsWith(`${path}/`))
  return roleOf(path, project, false) === 'other' && !inside.includes('/')
}

/** Python of a project that is imported in place of a text, whatever the text says. */
export function isBinary(path: string, projects: readonly string[]): boolean {
  return PYTHON_BINARY.test(path) && projects.some((project) => insideOf(path, project) !== null)
}

/** What the text of a file may do while these projects load; null if it is not looked at. */
export function useOf(path: string, projects: readonly string[]): Use | null {
  if (PACKAGING.test(path)) return 'packaging'
  const uses = projects.map((project) => useIn(insideOf(path, project)))
  return ORDER.find((use) => uses.includes(use)) ?? null
}

/** See closed/entry.py. */
export type Use = (typeof ORDER)[number]
const ORDER = ['imported', 'model', 'configuration', 'parsed', 'python', 'packaging'] as const

function useIn(path: string | null): Use | null {
  if (path === null) return null
  const folder = folderOf(path)
  if (path.endsWith('.py')) {
    return path === 'config.py' || IMPORTED.includes(folder) ? 'imported' : 'python'
  }
  if (path === '.env' || isConfiguration(path)) return 'configuration'
  if (path.endsWith('.sql') && PARSED.includes(folder)) {
    return folder === 'models' ? 'model' : 'parsed'
  }
  return folder === 'tests' && /\.ya?ml$/.test(path) ? 'parsed' : null
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : ''
}

function insideOf(path: string, project: string): string | null {
  if (project === '.') return path
  return path.startsWith(`${project}/`) ? path.slice(project.length + 1) : null
}
