import { type Contents, contents, joined } from './fileContents.ts'
import { requirement } from './requirement.ts'

/** setup.cfg: `install_requires` and `[options.extras_require]`, in the format of Python's `configparser`. */
export function readSetupCfg(text: string): Contents {
  const found = valuesIn(text).filter(
    ({ section, key }) =>
      (section === 'options' && key === 'install_requires') || section === 'options.extras_require',
  )
  return joined(found.flatMap(({ lines }) => readList(lines)))
}

function readList(lines: readonly string[]): Contents[] {
  const [first = '', ...more] = lines
  if (!first.startsWith('file:')) return lines.map(requirement)
  const files = [first.slice('file:'.length), ...more].flatMap((line) => line.split(','))
  return [contents({ includes: files.map((file) => file.trim()).filter((file) => file !== '') })]
}

type Value = { readonly section: string; readonly key: string; readonly lines: string[] }

/** A line that is indented continues the value before it; `#` and `;` begin a comment only at a line's start. */
function valuesIn(text: string): Value[] {
  const values: Value[] = []
  let section = ''
  let current: Value | null = null
  for (const line of text.split(/\r\n|\r|\n/)) {
    const trimmed = line.trim()
    if (trimmed === '' || /^[#;]/.test(trimmed)) continue
    if (/^\s/.test(line) && current !== null) {
      current.lines.push(withoutComment(trimmed))
      continue
    }
    const heading = /^\[(.*)\]/.exec(trimmed)?.[1]
    if (heading !== undefined) {
      section = heading.trim()
      current = null
      continue
    }
    const [, key, value = ''] = /^([^=:]*)[=:](.*)$/s.exec(trimmed) ?? []
    if (key === undefined) throw new Error('it has a line that is neither a section nor a value')
    current = { section, key: key.trim().replaceAll('-', '_').toLowerCase(), lines: [] }
    if (value.trim() !== '') current.lines.push(withoutComment(value.trim()))
    values.push(current)
  }
  return values
}

/** In a list of requirements a comment ends a line (setuptools' `_parse_list`, and what reads each line). */
function withoutComment(line: string): string {
  return line.replace(/(^|\s)#.*$/, '').trim()
}
