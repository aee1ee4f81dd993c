import { type Contents, contents, joined } from './fileContents.ts'
import { requirement, shown } from './requirement.ts'

/** Options that change where packages come from, and name nothing of the repository. */
const HARMLESS =
  /^(--(no-index|pre|prefer-binary|require-hashes)|(-i|--index-url|--extra-index-url)[\s=]+https?:\S+|(--trusted-host|--no-binary|--only-binary|--use-feature)([\s=].*)?)$/s
/** Options of one requirement. */
const OF_ONE = /\s--(hash|config-settings?|global-option)\b.*$/s

/** A requirements or constraints file, in pip's own format. */
export function readRequirements(text: string): Contents {
  return joined(linesOf(text).map(readLine))
}

function readLine(line: string): Contents {
  const file = optionValue(line, 'r', 'requirement') ?? optionValue(line, 'c', 'constraint')
  if (file !== null) {
    if (/^[a-z]+:/i.test(file)) return contents({ unread: `it includes ${shown(file)}` })
    return contents({ includes: [file] })
  }
  const editable = optionValue(line, 'e', 'editable')
  if (editable !== null) return fromAddress(editable)
  const links = optionValue(line, 'f', 'find-links')
  if (links !== null) return /^https?:/i.test(links) ? contents({}) : contents({ local: [links] })
  if (HARMLESS.test(line)) return contents({})
  if (line.startsWith('-')) return contents({ unread: `\`${shown(line)}\` is not understood` })
  const alone = line.replace(OF_ONE, '')
  return /^[a-z+]+:\/\//i.test(alone) ? fromAddress(alone) : requirement(alone)
}

/** `git+https://…#egg=NAME`, or a folder of the repository. */
function fromAddress(address: string): Contents {
  if (!/^[a-z+]+:\/\//i.test(address) || /^file:/i.test(address)) {
    return contents({ local: [address] })
  }
  const name = /[#&]egg=([\w.-]+)/.exec(address)?.[1]
  const unread = `\`${shown(address)}\` does not say which package it is`
  return name === undefined ? contents({ unread }) : requirement(`${name} @ ${address}`)
}

/** The value of an option that is alone on its line; null where the line is another one. */
function optionValue(line: string, short: string, long: string): string | null {
  const found =
    new RegExp(`^(?:-${short}|--${long}(?=[\\s=]))[\\s=]*(.*)$`, 's').exec(line)?.[1] ?? null
  const unquoted = found?.trim().replace(/^(["'])(.*)\1$/s, '$2') ?? null
  return unquoted !== null && /[\s"'\\$]/.test(unquoted) ? null : unquoted
}

/** Logical lines without comments: a backslash at the end of a line joins it with the next (pip's `join_lines`). */
function linesOf(text: string): string[] {
  const lines: string[] = []
  let begun = ''
  for (const line of text.split(/\r\n|\r|\n/)) {
    const comment = /^\s*#/.test(line)
    if (line.endsWith('\\') && !comment) {
      begun += line.slice(0, -1)
      continue
    }
    // A comment ends what a backslash began.
    lines.push(withoutComment(comment ? `${begun} ${line}` : begun + line))
    begun = ''
  }
  return [...lines, withoutComment(begun)].filter((line) => line !== '')
}

function withoutComment(line: string): string {
  return line.replace(/(^|\s)#.*$/s, '').trim()
}
