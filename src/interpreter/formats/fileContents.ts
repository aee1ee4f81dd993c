import { clean, eq, satisfies, valid, validRange } from '@renovatebot/pep440'

/** Which versions of a package a file asks for. */
export type Versions = {
  /** As the file writes it, for messages and to compare. */
  readonly text: string
  /** Sets of specifiers (PEP 440) of which one has to hold; null where no version is named, as for a branch. */
  readonly anyOf: readonly string[] | null
}

/** One package that a file asks for. */
export type Package = Versions & {
  /** Normalized (PEP 503). */
  readonly name: string
  /** It applies only to some machines or versions of Python. */
  readonly conditional: boolean
}

/** What a dependency file says, as far as it can be read. */
export type Contents = {
  readonly packages: readonly Package[]
  /** Files that it includes, relative to its own folder. */
  readonly includes: readonly string[]
  /** Packages of the repository itself: folders or archives, as they are written. */
  readonly local: readonly string[]
  /** Why it may ask for more than the packages above; null where it does not. */
  readonly unread: string | null
}

const NOTHING: Contents = { packages: [], includes: [], local: [], unread: null }

export function contents(some: Partial<Contents>): Contents {
  return { ...NOTHING, ...some }
}

export function joined(parts: readonly Contents[]): Contents {
  return {
    packages: parts.flatMap((part) => part.packages),
    includes: parts.flatMap((part) => part.includes),
    local: parts.flatMap((part) => part.local),
    unread: parts.find((part) => part.unread !== null)?.unread ?? null,
  }
}

/** Names are compared as package indexes do (PEP 503). */
export function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-')
}

/** Specifiers are a few words; the patterns that read them are slow over long runs of blanks. */
const LONGEST = 500

/** A set of specifiers (PEP 440), such as `>=0.230,<0.237`; null if it is none. */
export function versionsOf(text: string): Versions | null {
  if (text.length > LONGEST) return null
  const clauses = clausesOf(text)
  if (!clauses.every((clause) => PLAIN.test(clause) || isSpecifier(clause))) return null
  return { text: clauses.join(','), anyOf: [clauses.join(',')] }
}

/** What most clauses are: the library takes a hundred times as long to see that. */
const PLAIN = /^[=!<>]=\d+(\.\d+){0,5}$/

function isSpecifier(clause: string): boolean {
  return /^[=~!<>]/.test(clause) && validRange(clause)
}

/** @returns null where it is not known */
export function allows({ anyOf }: Versions, version: string): boolean | null {
  if (anyOf === null) return null
  return anyOf.some((set) => set === '' || satisfies(version, set, { prereleases: true }))
}

/** The only version that is allowed, as far as the text alone tells; null if there may be several. */
export function pinned({ anyOf }: Versions): string | null {
  const [set, another] = anyOf ?? []
  if (set === undefined || another !== undefined) return null
  const exact = clausesOf(set).find((clause) => /^={2,3}[^=]/.test(clause) && !clause.endsWith('*'))
  const version = exact?.replace(/^=+\s*/, '')
  return version === undefined ? null : (clean(version) ?? version)
}

/** Two exact versions; what `===` names need not be one of PEP 440. */
export function sameVersion(one: string | undefined, other: string): boolean {
  if (one === undefined || one === other) return one === other
  return valid(one) !== null && valid(other) !== null && eq(one, other)
}

function clausesOf(text: string): string[] {
  const clauses = text.split(',').map((clause) => clause.trim())
  return clauses.filter((clause) => clause !== '').map((clause) => clause.replaceAll(/\s+/g, ''))
}
