import path from 'node:path'

/** Words of the install command that could be paths inside the repository, normalized. */
export function pathsIn(command: string): string[] {
  const words = wordsOf(command).map((word) => word.replace(/^--?[\w-]+=/, ''))
  const paths = words.map((word) => path.posix.normalize(word).replace(/(?<=.)\/$/, ''))
  return [...new Set(paths)].filter(
    (word) => word !== '.' && !/^[-/$~]|^\.\.(\/|$)|[*?:]/.test(word),
  )
}

/** Those of them that pip reads as requirements, whatever their names are. */
export function requirementsIn(command: string): ReadonlySet<string> {
  const words = wordsOf(command)
  const named = words.flatMap((word, index) => {
    const [, attached] = /^(?:-[rc]|--(?:requirement|constraint)s?=)(.+)$/.exec(word) ?? []
    if (attached !== undefined) return [attached]
    const option = /^(-[rc]|--(requirement|constraint)s?)$/.test(words[index - 1] ?? '')
    return option ? [word] : []
  })
  return new Set(
    named
      .map((file) => path.posix.normalize(file))
      .filter((file) => !/\.(toml|cfg|py)$/.test(file)),
  )
}

/** True unless the command only runs tools that bring their own installer. */
export function needsPip(command: string): boolean {
  return !/^\s*(uv|poetry)\s[^;&|\n]*$/.test(command)
}

function wordsOf(command: string): string[] {
  return command.split(/[\s;&|()"'<>]+/).filter((word) => word !== '')
}
