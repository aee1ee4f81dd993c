import { type Contents, contents, joined, normalized, versionsOf } from './fileContents.ts'
import { at, isTable, items, textAt, yamlTable } from './parseDocuments.ts'
import { shown } from './requirement.ts'
import { readRequirements } from './requirementsFile.ts'

/** environment.yml: conda's own packages, and those that pip installs into the same environment. */
export function readCondaEnvironment(text: string): Contents {
  return joined(items(at(yamlTable(text), 'dependencies'), 'dependencies').map(dependency))
}

function dependency(value: unknown): Contents {
  if (!isTable(value)) return condaPackage(textAt(value, 'dependencies'))
  const lines = items(value['pip'], 'pip').map((line) => textAt(line, 'pip'))
  return readRequirements(lines.join('\n'))
}

/** `channel::name=1.2=build`, `name 1.2.*`, `name>=1.2,<2` (conda's MatchSpec). */
function condaPackage(spec: string): Contents {
  const text = spec.replaceAll(/\s+/g, ' ').replace(/^.*::/, '').trim()
  const [, name = '', rest = ''] = /^([\w.-]+) ?(.*)$/.exec(text) ?? []
  const unread = contents({ unread: `\`${shown(spec)}\` is not understood` })
  if (name === '') return unread
  const versions = condaVersions(rest) ?? { text: rest, anyOf: null }
  return contents({ packages: [{ name: normalized(name), ...versions, conditional: false }] })
}

function condaVersions(rest: string) {
  const [, operator = '', version = ''] =
    /^(={0,2}) ?([\w.*+!-]+)(?:[= ][\w.*]+)?$/.exec(rest) ?? []
  if (version === '') return versionsOf(rest)
  if (version === '*') return versionsOf('')
  // One equals sign means: begins with.
  const fuzzy = operator === '=' && !version.endsWith('*')
  return versionsOf(fuzzy ? `==${version}.*` : `==${version}`)
}
