import { isConfiguration } from './project.ts'

/*
 * What a path means to a load, by SQLMesh's fixed folders (`SqlMeshLoader`): docs/what-is-loaded.md.
 */

/** What a load does with a file, as far as its path tells. */
export type Role =
  /** A SQL model: loaded by itself. */
  | 'model'
  /** The data of seed models, perhaps. */
  | 'seed'
  /** Python that SQLMesh does not look for, but that may be imported. */
  | 'python'
  /** A unit test of models, which SQLMesh parses by itself (since 0.228) and takes nothing from. */
  | 'test'
  /** SQLMesh never reads it. Python of the project could. */
  | 'unread'
  /** Decides how the rest is read, or nothing is known about it. */
  | 'anything'

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
/** Unit tests of models (`SqlMeshLoader.load_model_tests`); other YAML beside them is never looked at. */
const UNIT_TEST = /^tests\/(.*\/)?test[^/]*\.ya?ml$/
const BESIDE_TESTS = /^tests\/.*\.ya?ml$/
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
  if (UNIT_TEST.test(path)) return 'test'
  if (BESIDE_TESTS.test(path) || isProse(path)) return 'unread'
  return OTHER_LANGUAGE.test(path) && !OTHER_SQL.includes(folder) ? 'unread' : 'anything'
}

/** Whether SQLMesh itself imports the file, given relative to its project. */
function isImported(path: string): boolean {
  return isConfiguration(path) || IMPORTED.some((folder) => path.startsWith(`${folder}/`))
}

/** Whether the file decides which packages are installed, or how git writes files. */
export function isEnvironment(path: string): boolean {
  return ENVIRONMENT.test(path) && !OTHER_LOCK.test(path)
}

/** Whether the file is for people, or for other programs. */
export function isProse(path: string): boolean {
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
