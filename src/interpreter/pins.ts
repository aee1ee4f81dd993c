import { createHash } from 'node:crypto'
import type { Side } from '../platform/failure.ts'
import { type DependencyFile, rank } from './dependencyFiles.ts'
import { allows, type Package, pinned, sameVersion } from './formats/fileContents.ts'

/** Packages whose versions enter a data hash, as they are called. */
export const NAMES = { sqlmesh: 'SQLMesh', sqlglot: 'sqlglot' } as const
type PinnedName = keyof typeof NAMES
export const PINNED_NAMES = Object.keys(NAMES) as readonly PinnedName[]

/** What a commit's dependency files ask for of one package. */
export type Pin = {
  /** The exact version that they ask for; null if there is none, or several. */
  readonly version: string | null
  /** Everything that they say of it. */
  readonly asked: readonly Package[]
  /** Files that may say more, and decide before the others; empty if all is known. */
  readonly unread: readonly Unread[]
}

type Unread = { readonly path: string; readonly why: string; readonly digest: string }

export type Pins = Readonly<Record<PinnedName, Pin>>

/**
 * What a commit pins. The file that decides is the first that names one version of the package: those
 * that the install command names, then the folder nearest to the project, then locks before
 * requirements before pyproject.toml. Where none does, all of them together say which versions are allowed.
 *
 * @param files as `readDependencyFiles` gives them
 */
export function readPins(files: readonly DependencyFile[]): Pins {
  return { sqlmesh: pinOf('sqlmesh', files), sqlglot: pinOf('sqlglot', files) }
}

function pinOf(name: string, files: readonly DependencyFile[]): Pin {
  const unread: Unread[] = []
  const before: Package[] = []
  for (const level of new Set(files.map(rank))) {
    const own = files.filter((file) => rank(file) === level)
    unread.push(...own.flatMap(unreadIn))
    const asked = own.flatMap((file) => file.contents.packages).filter((one) => one.name === name)
    // A branch or an archive is one version too, although nobody knows which.
    if (asked.some((one) => one.anyOf === null || pinned(one) !== null)) {
      return { version: onlyVersion(asked), asked, unread }
    }
    before.push(...asked)
  }
  return { version: null, asked: before, unread }
}

function unreadIn({ path, text, contents }: DependencyFile): Unread[] {
  if (contents.unread === null) return []
  const digest = createHash('sha256').update(text).digest('hex')
  return [{ path, why: contents.unread, digest }]
}

/** Files that pin different versions contradict each other only if neither goes before the other. */
function onlyVersion(asked: readonly Package[]): string | null {
  const [first, ...others] = pinnedIn(asked)
  const isAlone =
    asked.every((one) => one.anyOf !== null) && others.every((one) => sameVersion(first, one))
  return first !== undefined && isAlone ? first : null
}

function pinnedIn(asked: readonly Package[]): string[] {
  return asked.map(pinned).filter((version) => version !== null)
}

/**
 * Whether a version is what a commit asks for.
 *
 * @returns null where that is not known
 */
export function satisfies({ version: only, asked }: Pin, version: string): boolean | null {
  // Of several versions one is for this machine, or for this project.
  const isChoice = (one: Package) => one.conditional || (only === null && pinned(one) !== null)
  const always = asked.filter((one) => !isChoice(one)).map((one) => allows(one, version))
  const choices = asked.filter(isChoice).map((one) => allows(one, version))
  if (always.includes(false)) return false
  if (choices.length > 0 && choices.every((one) => one === false)) return false
  return always.includes(null) || (choices.length > 0 && !choices.includes(true)) ? null : true
}

/** How what two commits ask for of one package differs: `no` if one version certainly does for both. */
export function comparePins(base: Pin, head: Pin): 'no' | 'maybe' | 'yes' {
  if (!sameUnread(base.unread, head.unread)) return 'maybe'
  if (base.version !== null && head.version !== null) {
    if (!sameVersion(base.version, head.version)) return 'yes'
    return sourcesOf(base) === sourcesOf(head) ? 'no' : 'maybe'
  }
  return textOf(base) === textOf(head) ? 'no' : 'maybe'
}

function sameUnread(base: readonly Unread[], head: readonly Unread[]): boolean {
  const key = (unread: readonly Unread[]) => unread.map(({ path, digest }) => [path, digest])
  return JSON.stringify(key(base)) === JSON.stringify(key(head))
}

/** `==1.2` and what comes after it in a lock: the address that it comes from. */
function sourcesOf({ asked }: Pin): string {
  const sources = asked.flatMap(({ text }) => text.split(' ').slice(1).join(' ') || [])
  return JSON.stringify([...new Set(sources)].sort())
}

function textOf({ asked }: Pin): string {
  return JSON.stringify([...new Set(asked.map(({ text }) => text))].sort())
}

/** Packages that both commits pin, differently: `SQLMesh 0.212.0 and 0.236.4`; empty if none. */
export function differingPins({ base, head }: Readonly<Record<Side, Pins>>): string[] {
  return PINNED_NAMES.filter((name) => comparePins(base[name], head[name]) === 'yes').map(
    (name) => `${NAMES[name]} ${base[name].version} and ${head[name].version}`,
  )
}

/** One commit's pin in words: `0.236.4`, `>=0.230,<0.237`, `any version`. */
export function pinText({ version, asked, unread }: Pin): string {
  if (version !== null) return version
  const texts = new Set(asked.map(({ text }) => text || 'any version'))
  if (texts.size > 0)
    return [...texts]
      .slice(0, 3)
      .map((text) => `\`${text}\``)
      .join(' and ')
  return unread.length > 0 ? 'an unknown version' : 'any version'
}
