import path from 'node:path'
import type { Contents } from './formats/fileContents.ts'
import { readContents } from './formats/formats.ts'
import { at, tomlTable } from './formats/parseDocuments.ts'

/** The files of one commit, by paths relative to the repository root. */
export type CommitFiles = {
  /** Names of what is directly in a folder; none if there is no such folder. */
  readonly list: (folder: string) => Promise<readonly string[]>
  /** null where there is no such file. @throws Error with why it cannot be read */
  readonly read: (file: string) => Promise<string | null>
}

/** What of a commit's files an installation reads. */
export type Reads =
  | {
      readonly kind: 'files'
      /** With their texts; null for one that is not there and would be read. */
      readonly files: ReadonlyMap<string, string | null>
      /** Those of them that pip reads as requirements. */
      readonly requirements: ReadonlySet<string>
    }
  /** It runs programs that could read any. */
  | { readonly kind: 'anything'; readonly because: string }

/** An installation that is not understood: it could read any file. */
export class NotUnderstood extends Error {}

/** What is known so far of what an installation reads. */
export type InstallReading = {
  readonly source: CommitFiles
  readonly files: Map<string, string | null>
  readonly requirements: Set<string>
}

export async function contentsOf(
  file: string,
  included: boolean,
  reading: InstallReading,
): Promise<Contents> {
  const text = await readInstallText(file, reading)
  if (text === null) throw new NotUnderstood(`${file} is not there`)
  const contents = readContents(file, text, included)
  if (contents.unread !== null) throw new NotUnderstood(`${file}: ${contents.unread}`)
  if (included) refuseLocal(file, contents)
  return contents
}

export function refuseLocal(what: string, { local, unread }: Contents): void {
  if (unread !== null) throw new NotUnderstood(unread)
  if (local.length > 0) throw new NotUnderstood(`${what} asks for ${local[0]} of the repository`)
}

export async function readInstallText(
  file: string,
  { source, files }: InstallReading,
): Promise<string | null> {
  const earlier = files.get(file)
  if (earlier !== undefined) return earlier
  try {
    const text = await source.read(file)
    files.set(file, text)
    return text
  } catch (thrown) {
    throw new NotUnderstood(`${file}: ${(thrown as Error).message}`)
  }
}

export function hasTable(text: string | null, ...keys: readonly string[]): boolean {
  return text !== null && tool(text, ...keys) !== undefined
}

export function tool(text: string, ...keys: readonly string[]): unknown {
  try {
    return at(tomlTable(text), 'tool', ...keys)
  } catch (thrown) {
    throw new NotUnderstood(`a pyproject.toml cannot be read: ${(thrown as Error).message}`)
  }
}

export function mustBeRemote(address: string): void {
  if (!/^https?:\/\//i.test(address)) throw new NotUnderstood(`${address} may be a folder`)
}

/** A path of the command's, or of a file's, normalized. */
export function inside(folder: string, file: string): string {
  const found = path.posix.normalize(path.posix.join(folder, file)).replace(/(?<=.)\/$/, '')
  const isOutside = path.posix.isAbsolute(file) || /^\.\.(\/|$)/.test(found)
  // What `link/..` is depends on where the link leads.
  const isUnclear = /[^./][^/]*\/(.*\/)?\.\.(\/|$)/.test(file)
  if (isOutside || isUnclear || /^[a-z]+:/i.test(file)) {
    throw new NotUnderstood(`\`${file}\` is no plain path in the repository`)
  }
  return found
}

/** The folder and those above it. */
export function upwards(folder: string): string[] {
  return folder === '.' ? ['.'] : [folder, ...upwards(path.posix.dirname(folder))]
}

type Options = {
  readonly flags: ReadonlySet<string>
  readonly values: readonly (readonly [string, string])[]
  readonly words: readonly string[]
}

/** @throws NotUnderstood for an option that is in neither list */
export function optionsOf(
  words: readonly string[],
  known: { readonly flags: RegExp; readonly values: RegExp },
): Options {
  const flags = new Set<string>()
  const values: [string, string][] = []
  const others: string[] = []
  const waiting = [...words]
  for (let word = waiting.shift(); word !== undefined; word = waiting.shift()) {
    const [, name = word, attached] = /^(--[\w-]+)=(.*)$/s.exec(word) ?? []
    if (!word.startsWith('-')) others.push(word)
    else if (known.flags.test(word)) flags.add(word)
    else if (known.values.test(name)) values.push([name, attached ?? waiting.shift() ?? ''])
    else throw new NotUnderstood(`the option ${word} is not known`)
  }
  return { flags, values, words: others }
}
