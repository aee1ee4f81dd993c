import { type Contents, contents, normalized, versionsOf } from './fileContents.ts'

/** A branch or an archive at an address, and nothing of the repository's. */
const REMOTE = /^((git|hg|svn|bzr)\+)?(https?|ssh|git):\/\//i

/** One requirement, `NAME[EXTRAS] VERSIONS ; MARKER` or `NAME @ ADDRESS` (PEP 508), or a path. */
export function requirement(text: string): Contents {
  // Patterns below look at each run of blanks more than once.
  const line = text.replaceAll(/\s+/g, ' ').trim()
  if (line === '') return contents({})
  if (isPath(line)) return contents({ local: [line.replace(/\s*;.*$/s, '')] })
  const [, written = '', rest = ''] =
    /^([a-z0-9][a-z0-9._-]*)\s*(?:\[[^\]]*\]\s*)?(.*)$/is.exec(line) ?? []
  const unread = contents({ unread: `\`${shown(line)}\` is no requirement that is understood` })
  if (!/[a-z0-9]$/i.test(written)) return unread
  const name = normalized(written)
  if (rest.startsWith('@')) {
    const [address = '', ...further] = rest.slice(1).trim().split(/\s+/)
    const packages = [{ name, text: `@ ${address}`, anyOf: null, conditional: further.length > 0 }]
    return contents({ packages, local: REMOTE.test(address) ? [] : [address] })
  }
  const [specifiers = '', ...marker] = rest.split(';')
  const versions = versionsOf(specifiers.trim().replace(/^\((.*)\)$/s, '$1'))
  const said = versions ?? { text: specifiers.trim(), anyOf: null }
  return contents({ packages: [{ name, ...said, conditional: marker.length > 0 }] })
}

/** A folder or an archive: pip takes for a path what has a slash, or the end of an archive's name. */
function isPath(line: string): boolean {
  const [first = ''] = line.split(/\s*;|\s*@\s|\s/)
  if (REMOTE.test(line)) return false
  return /^\.|\/|^file:|\.(whl|zip|tar|tgz|tar\.\w+)(\[|$)/i.test(first)
}

export function shown(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll('`', "'")
  return line.length > 60 ? `${line.slice(0, 60)}…` : line
}
