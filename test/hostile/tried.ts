/** What came of one of the attempts (attempts.py, `try_all`). */
export type Tried = { readonly name: string; readonly came: string; readonly detail: string }

/** What the attempts say in a log; each once, as a message may repeat what was printed. */
export function triedIn(log: string): readonly Tried[] {
  const found = new Map<string, Tried>()
  for (const line of log.split('\n')) {
    const [, name, came, detail] = /@@ (.*?) \| (\w+) \| (.*)$/.exec(line) ?? []
    if (name === undefined || came === undefined || found.has(name)) continue
    found.set(name, { name, came, detail: detail ?? '' })
  }
  return [...found.values()]
}

/** Names of those that read or did what they should not. */
export function succeeded(tried: readonly Tried[]): readonly string[] {
  return tried.filter(({ came }) => came === 'READ' || came === 'DID').map(({ name }) => name)
}
