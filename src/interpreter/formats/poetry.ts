import { explain } from '@renovatebot/pep440'
import {
  type Contents,
  contents,
  joined,
  normalized,
  type Versions,
  versionsOf,
} from './fileContents.ts'
import { at, entries, isTable, type Table } from './parseDocuments.ts'

/** Versions are a few words; the patterns that read them are slow over long runs of blanks. */
const LONGEST = 500

/** `[tool.poetry]`: dependencies, also of groups, in Poetry's own words for versions. */
export function readPoetry(poetry: Table): Contents {
  const groups = entries(poetry['group'], 'tool.poetry.group')
  const tables = [
    ...['dependencies', 'dev-dependencies'].map((key) => [key, poetry[key]] as const),
    ...groups.map(([name, group]) => [`group.${name}`, at(group, 'dependencies')] as const),
  ]
  return joined(
    tables.flatMap(([what, table]) =>
      entries(table, `tool.poetry.${what}`)
        .filter(([name]) => name !== 'python')
        .map(([name, value]) => dependency(name, value)),
    ),
  )
}

/** `NAME = "^1.2"`, a table, or several tables of which the one for this machine counts. */
function dependency(written: string, value: unknown): Contents {
  const name = normalized(written)
  if (Array.isArray(value)) {
    const each = joined(value.map((one) => dependency(written, one)))
    return { ...each, packages: each.packages.map((one) => ({ ...one, conditional: true })) }
  }
  if (typeof value === 'string') {
    return contents({ packages: [{ name, ...poetryVersions(value), conditional: false }] })
  }
  if (!isTable(value)) return contents({ unread: `\`${written}\` is no dependency` })
  const conditional = ['markers', 'python', 'platform'].some((key) => Object.hasOwn(value, key))
  const source = sourceText(value)
  const local = ['path', 'file'].flatMap((key) => {
    const place = value[key]
    return typeof place === 'string' ? [place] : []
  })
  if (source !== null) {
    return contents({ packages: [{ name, text: source, anyOf: null, conditional }], local })
  }
  const version = at(value, 'version')
  // Poetry 2 lets the version stand in `project.dependencies`.
  if (version === undefined) return contents({ local })
  if (typeof version !== 'string') return contents({ unread: `\`${written}\` has no version` })
  return contents({ packages: [{ name, ...poetryVersions(version), conditional }] })
}

/** Where a package comes from, if that is no package index: in Poetry, Pipenv and uv. */
export function sourceText(table: Table): string | null {
  const keys = ['git', 'url', 'path', 'file', 'workspace', 'rev', 'tag', 'branch', 'ref']
  const said = keys.filter((key) => Object.hasOwn(table, key))
  return said.length === 0 ? null : said.map((key) => `${key} ${String(table[key])}`).join(', ')
}

/** Versions as Poetry writes them: those of PEP 440, `^1.2`, `~1.2`, `1.2.*`, a bare version, alternatives. */
export function poetryVersions(text: string): Versions {
  if (text.length > LONGEST) return { text, anyOf: null }
  const anyOf = text.split(/\|\|?/).map((one) => {
    const clauses = one.trim().split(/\s*,\s*|(?<=[\w*])\s+(?=[\^~=!<>])/)
    const sets = clauses.map((clause) => specifiersOf(clause.replaceAll(/\s+/g, '')))
    return sets.includes(null) ? null : sets.filter((set) => set !== '').join(',')
  })
  return { text, anyOf: anyOf.includes(null) ? null : (anyOf as string[]) }
}

function specifiersOf(clause: string): string | null {
  if (clause === '*' || clause === '') return ''
  const [, operator = '', version = ''] = /^(\^|~(?!=)|=(?!=))?(.*)$/.exec(clause) ?? []
  const specifiers =
    operator === '^' || operator === '~'
      ? between(version, operator)
      : /^v?\d/.test(version)
        ? `==${version}`
        : operator === ''
          ? version
          : null
  return specifiers === null ? null : (versionsOf(specifiers)?.anyOf?.[0] ?? null)
}

/** `^` keeps the first number that is not 0, `~` the first two. */
function between(version: string, operator: '^' | '~'): string | null {
  const release = explain(version)?.release
  if (release === undefined) return null
  const first = release.findIndex((part) => part !== 0)
  const kept =
    operator === '^' ? (first === -1 ? release.length - 1 : first) : release.length < 2 ? 0 : 1
  const next = release.slice(0, kept + 1)
  next[kept] = (next[kept] ?? 0) + 1
  return `>=${version},<${next.join('.')}`
}
