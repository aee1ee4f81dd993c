/** Which other files of the repository a project's Python can get at while it loads. */
export type PythonReach = {
  /** Whether the Python file at `path` may be imported. */
  readonly mayImport: (path: string) => boolean
  /**
   * Whether code may open the file at `path`: it names the file, its type or a folder that it lies
   * in, those above `project` left out where the file is inside.
   */
  readonly mayRead: (path: string, project: string) => boolean
}

const DYNAMIC_IMPORT =
  /\b(importlib|__import__|runpy|pkgutil|imp|exec|eval|entry_points)\b|\bsys\.(path|modules|meta_path)\b/
const LISTS_FOLDERS =
  /\b(iterdir|listdir|scandir|fwalk)\b|\bos\.walk\b|glob\(\s*[rRbBfF]*['"](\*\*\/)?\*['"]|\bwalk\(\s*top/

/** Imported before any code of the project runs, so that no file of the repository can be meant. */
const LOADED_BEFORE = new Set(['sqlmesh', 'sqlglot', 'pandas', 'numpy'])

/** Top-level names of what a Python text imports, wherever in it; relative imports stay inside. */
export function importsOf(text: string): { names: ReadonlySet<string>; dynamic: boolean } {
  const names = new Set<string>()
  for (const match of text.matchAll(/\bfrom[ \t]+([A-Za-z_]\w*)[\w.]*[ \t]+import\b/g)) {
    names.add(match[1] as string)
  }
  for (const match of text.matchAll(/(?<!\bfrom[ \t][^\n]*)\bimport[ \t]+([A-Za-z_][^\n;#]*)/g)) {
    for (const module of (match[1] as string).split(',')) {
      const name = /^\s*([A-Za-z_]\w*)/.exec(module)?.[1]
      if (name !== undefined) names.add(name)
    }
  }
  for (const name of LOADED_BEFORE) names.delete(name)
  return { names, dynamic: DYNAMIC_IMPORT.test(text) }
}

/**
 * Whether the Python that SQLMesh imports may itself import a file of the repository that is not
 * among it: then that file's own imports and files count as well.
 *
 * @param text of the Python that SQLMesh imports
 * @param others paths of the other Python of the repository, at either commit
 */
export function importsOthers(text: string, others: readonly string[]): boolean {
  const { names, dynamic } = importsOf(text)
  if (others.length === 0) return false
  return dynamic || others.some((path) => moduleNames(path).some((name) => names.has(name)))
}

/** What the first name in an import of this file can be, whatever folder is on Python's path. */
function moduleNames(path: string): string[] {
  return path.replace(/\.pyw?$/, '').split('/')
}

/**
 * @param text of all Python that may run
 * @param everything whether any Python file may be imported
 */
export function pythonReach(text: string, everything: boolean): PythonReach {
  const { names } = importsOf(text)
  const lists = LISTS_FOLDERS.test(text)
  const segments = new Set<string>()
  // Overlapping, since one delimiter ends a segment and begins the next.
  for (const match of text.matchAll(/(?<=['"/\\}])[^'"/\\{}\n]+(?=['"/\\{])/g))
    segments.add(match[0])
  const types = new Set<string>()
  let anyType = false
  for (const match of text.matchAll(/\.([\w*?[\]]+)['"]/g)) {
    const type = (match[1] as string).toLowerCase()
    types.add(type)
    anyType ||= /[*?[\]]/.test(type)
  }
  return {
    mayImport: (path) => everything || moduleNames(path).some((name) => names.has(name)),
    mayRead: (path, project) => {
      if (lists || anyType) return true
      const type = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase()
      if (type !== undefined && types.has(type)) return true
      const inside = path.startsWith(`${project}/`) ? path.slice(project.length + 1) : path
      return inside.split('/').some((part) => segments.has(part))
    },
  }
}
