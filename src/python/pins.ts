import path from 'node:path'
import type { Side } from '../failure.ts'
import { type DependencyFile, rank } from './dependencyFiles.ts'

/** Exact versions that a commit's dependency files ask for; null = none, or several. */
export type Pins = { readonly sqlmesh: string | null; readonly sqlglot: string | null }

/**
 * What a commit pins. The file that decides is the first that pins the package: those that the
 * install command names, then the folder nearest to the project, then locks before requirements
 * before pyproject.toml.
 *
 * @param files as `readDependencyFiles` gives them
 */
export function readPins(files: readonly DependencyFile[]): Pins {
  return { sqlmesh: pinOf('sqlmesh', files), sqlglot: pinOf('sqlglot', files) }
}

/** Packages that both commits pin, differently: `SQLMesh 0.212.0 and 0.236.4`; empty if none. */
export function differingPins({ base, head }: Readonly<Record<Side, Pins>>): string[] {
  const names = { sqlmesh: 'SQLMesh', sqlglot: 'sqlglot' } as const
  return (['sqlmesh', 'sqlglot'] as const)
    .filter((name) => base[name] !== null && head[name] !== null && base[name] !== head[name])
    .map((name) => `${names[name]} ${base[name]} and ${head[name]}`)
}

/** Files that pin different versions contradict each other only if neither goes before the other. */
function pinOf(name: string, files: readonly DependencyFile[]): string | null {
  let deciding: number | null = null
  const found = new Set<string>()
  for (const file of files) {
    if (deciding !== null && rank(file) !== deciding) break
    const versions = versionsIn(file, name)
    if (versions.length > 0) deciding = rank(file)
    for (const version of versions) found.add(version)
  }
  const [only = null, another] = found
  return another === undefined ? only : null
}

/** Exact versions of one package that a file names; a lock with forks names several. */
function versionsIn({ path: file, text }: DependencyFile, name: string): string[] {
  const base = path.posix.basename(file)
  if (/^(uv|poetry|pdm)\.lock$|^pylock(\..+)?\.toml$/.test(base)) return lockedIn(text, name)
  if (base === 'Pipfile.lock') return lockedInPipfile(text, name)
  const required = requiredIn(plain(text), name)
  return /\.(txt|in)$/.test(base) ? required : [...required, ...assignedIn(plain(text), name)]
}

/** Tables `[[package]]` (uv, Poetry, PDM) or `[[packages]]` (PEP 751) with a name and a version. */
function lockedIn(text: string, name: string): string[] {
  const tables = text.split(/^\[\[packages?\]\]\s*$/m).slice(1)
  return tables.flatMap((table) => {
    // The package's own keys; its dependencies follow in tables of their own.
    const own = table.split(/^\[/m)[0] ?? ''
    const value = (key: string) => new RegExp(`^${key} = "([^"\\n]*)"`, 'm').exec(own)?.[1]
    const version = value('version')
    return normalized(value('name') ?? '') === name && version !== undefined ? [version] : []
  })
}

function lockedInPipfile(text: string, name: string): string[] {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    // Not a lock that anything could install from; the install command will say so itself.
    return []
  }
  const section = own(document, 'default')
  const version = own(own(section, name), 'version')
  return typeof version === 'string' ? exact(version) : []
}

function own(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return (value as Record<string, unknown>)[key]
}

/** Requirements such as `sqlmesh[web]==0.236.4`, wherever they are written (PEP 508). */
function requiredIn(text: string, name: string): string[] {
  const pattern = new RegExp(
    `(?<![\\w.-])${name} ?(?:\\[[^\\]\\n]*\\])? ?\\(?={2,3} ?([\\w.+!*-]+)`,
    'gi',
  )
  return [...text.matchAll(pattern)].flatMap(([, version = '']) => exact(version))
}

/** `sqlmesh = "0.236.4"` (Poetry: exactly that) and `sqlmesh = {version = "==0.236.4"}` (Pipfile). */
function assignedIn(text: string, name: string): string[] {
  const pattern = new RegExp(`^ ?"?${name}"? ?= ?(?:\\{.*?version ?= ?)?"([^"\\n]*)"`, 'gim')
  return [...text.matchAll(pattern)].flatMap(([, version = '']) => exact(version))
}

/** `==1.2.3` or a bare `1.2.3` as `1.2.3`; a range is no pin. */
function exact(specifier: string): string[] {
  const version = /^ ?={0,3} ?v?(\d[\w.+!-]*)$/.exec(specifier)?.[1]
  return version === undefined ? [] : [version]
}

/** Runs of blanks become one, so that no pattern can take long over them. */
function plain(text: string): string {
  return text.replaceAll(/[^\S\n]+/g, ' ').replaceAll(/(^| )#.*$/gm, '$1')
}

/** Names are compared as package indexes do (PEP 503). */
function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-')
}
