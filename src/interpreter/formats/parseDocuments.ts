import { parse as parseToml } from 'smol-toml'
import { parse as parseYaml } from 'yaml'

/** What TOML, JSON and YAML have in common. */
export type Table = Readonly<Record<string, unknown>>

/** @throws Error with what is wrong, in one line */
export function tomlTable(text: string): Table {
  return orSay(() => parseToml(text, { integersAsBigInt: 'asNeeded' }))
}

/** @throws as above */
export function jsonTable(text: string): Table {
  return orSay(() => JSON.parse(text) as unknown)
}

/** More than people write into such a file; the parser compares each key with all others of its table. */
const LARGEST_YAML = 100_000

/** @throws as above; an alias can make a text a thousand times as large, so there may be only a few */
export function yamlTable(text: string): Table {
  if (text.length > LARGEST_YAML) throw new Error(`it has more than ${LARGEST_YAML} characters`)
  return orSay(() => parseYaml(text, { maxAliasCount: 10, logLevel: 'error' }) as unknown)
}

function orSay(read: () => unknown): Table {
  let found: unknown
  try {
    found = read()
  } catch (thrown) {
    // Also a RangeError, where it is nested too deeply. A second line would show the text around it.
    throw new Error(String((thrown as Error).message).split('\n', 1)[0])
  }
  if (!isTable(found)) throw new Error('there is no table in it')
  return found
}

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What lies below some keys; undefined where one of them is not there. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  let found = value
  for (const key of keys) {
    if (!isTable(found) || !Object.hasOwn(found, key)) return undefined
    found = found[key]
  }
  return found
}

/** Entries of a table; none where there is none. @throws Error where something else is there */
export function entries(value: unknown, what: string): readonly [string, unknown][] {
  if (value === undefined) return []
  if (!isTable(value)) throw new Error(`\`${what}\` is no table`)
  return Object.entries(value)
}

/** Items of a list; none where there is none. @throws Error where something else is there */
export function items(value: unknown, what: string): readonly unknown[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new Error(`\`${what}\` is no list`)
  return value
}

/** Its text. @throws Error where it is something else */
export function textAt(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new Error(`\`${what}\` is no text`)
  return value
}
