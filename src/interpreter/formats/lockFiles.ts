import { type Contents, contents, joined, normalized, versionsOf } from './fileContents.ts'
import { at, entries, isTable, items, jsonTable, type Table, tomlTable } from './parseDocuments.ts'
import { poetryVersions, sourceText } from './poetry.ts'

/** uv.lock, poetry.lock and pdm.lock: `[[package]]`; pylock.toml (PEP 751): `[[packages]]`. */
export function readLock(text: string): Contents {
  const document = tomlTable(text)
  const list = at(document, 'package') ?? at(document, 'packages')
  return joined(items(list, 'package').map(lockedPackage))
}

function lockedPackage(value: unknown): Contents {
  const name = at(value, 'name')
  if (!isTable(value) || typeof name !== 'string') {
    return contents({ unread: 'it has a package without a name' })
  }
  const version = at(value, 'version')
  const source = sourceOf(value)
  const exact = typeof version === 'string' ? versionsOf(`==${version}`) : null
  // uv leaves out a version that only a build tells.
  const versions = exact ?? { text: '', anyOf: null }
  const text = [versions.text, source.text].filter((one) => one !== '').join(' ')
  const conditional = Object.hasOwn(value, 'resolution-markers') || Object.hasOwn(value, 'marker')
  return contents({
    packages: [{ name: normalized(name), text, anyOf: versions.anyOf, conditional }],
    local: source.local,
  })
}

/** Each tool has its own words for what comes from no package index. */
function sourceOf(locked: Table): { readonly text: string; readonly local: string[] } {
  const kind = at(locked, 'source', 'type')
  const place = at(locked, 'source', 'url')
  const reference = at(locked, 'source', 'resolved_reference')
  if (typeof kind === 'string') {
    const isLocal = /^(directory|file)$/.test(kind) || !/^(https?|git|ssh):|@/i.test(String(place))
    const text = kind === 'legacy' ? '' : `from ${kind} ${place}${reference ? `@${reference}` : ''}`
    return { text, local: isLocal && typeof place === 'string' ? [place] : [] }
  }
  const told = [
    at(locked, 'source'),
    at(locked, 'vcs'),
    at(locked, 'archive'),
    at(locked, 'directory'),
    locked,
  ]
  const tables = told.filter(isTable)
  const paths = tables.flatMap((table) =>
    ['editable', 'directory', 'path'].flatMap((key) => {
      const found = table[key]
      return typeof found === 'string' ? [found] : []
    }),
  )
  const registry = at(locked, 'source', 'registry')
  const folder = typeof registry === 'string' && !/^https?:/i.test(registry) ? [registry] : []
  const remote = tables.map(remoteText).filter((text) => text !== '')
  return { text: [...new Set(remote)].join(' '), local: [...paths, ...folder] }
}

function remoteText(table: Table): string {
  const keys = ['git', 'url', 'commit-id', 'revision']
  return keys
    .flatMap((key) => (typeof table[key] === 'string' ? [`${key} ${table[key]}`] : []))
    .join(' ')
}

/** Pipfile: `[packages]`, `[dev-packages]` and categories of one's own. */
export function readPipfile(text: string): Contents {
  const others = ['source', 'requires', 'scripts', 'pipenv', 'pipfile']
  const tables = Object.entries(tomlTable(text)).filter(([name]) => !others.includes(name))
  return joined(tables.flatMap(([name, table]) => pipenvPackages(table, name)))
}

/** Pipfile.lock: the same tables, as JSON. */
export function readPipfileLock(text: string): Contents {
  const tables = Object.entries(jsonTable(text)).filter(([name]) => name !== '_meta')
  return joined(tables.flatMap(([name, table]) => pipenvPackages(table, name)))
}

function pipenvPackages(table: unknown, what: string): Contents[] {
  return entries(table, what).map(([written, value]) => {
    const name = normalized(written)
    const version = typeof value === 'string' ? value : at(value, 'version')
    const source = isTable(value) ? sourceText(value) : null
    const conditional = at(value, 'markers') !== undefined
    if (source !== null) {
      const path = at(value, 'path') ?? at(value, 'file')
      return contents({
        packages: [{ name, text: source, anyOf: null, conditional }],
        local: typeof path === 'string' ? [path] : [],
      })
    }
    if (typeof version !== 'string') return contents({ unread: `\`${written}\` has no version` })
    return contents({ packages: [{ name, ...poetryVersions(version), conditional }] })
  })
}
