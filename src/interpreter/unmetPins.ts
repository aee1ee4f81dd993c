import { Failure, type Side } from '../platform/failure.ts'
import {
  comparePins,
  NAMES,
  PINNED_NAMES,
  type Pin,
  type Pins,
  pinText,
  satisfies,
} from './pins.ts'

/** Where the Python that loads a commit comes from. */
export type Origin = 'given' | 'installed' | 'found'

/** Versions that loaded a commit; null where nothing was loaded. */
type Loaded = { readonly sqlmesh: string; readonly sqlglot: string }
export type BothLoaded = Readonly<Record<Side, Loaded | null>>
type BothPins = Readonly<Record<Side, Pins>>

const SIDES = ['base', 'head'] as const

/**
 * Where the commits may ask for different versions, and were not certainly loaded with their own: one
 * sentence for each package. An installation is taken at its word, unless what it made is another version.
 */
export function unmetPins(pins: BothPins, loaded: BothLoaded, origin: Origin): string[] {
  const { base, head } = loaded
  if (base === null || head === null) return []
  return PINNED_NAMES.flatMap((name) => {
    const own = { base: pins.base[name], head: pins.head[name] }
    if (comparePins(own.base, own.head) === 'no') return []
    const met = SIDES.map((side) => satisfies(own[side], (loaded[side] as Loaded)[name]))
    const unknown = met.includes(null) || unreadText(own) !== null
    if (!met.includes(false) && (origin === 'installed' || !unknown)) return []
    return [sentence(NAMES[name], own, { base: base[name], head: head[name] })]
  })
}

function sentence(
  name: string,
  pins: Readonly<Record<Side, Pin>>,
  { base, head }: Readonly<Record<Side, string>>,
): string {
  const used = base === head ? base : `${base} and ${head}`
  const unread = unreadText(pins)
  const unknown = unread === null ? '' : ` What cannot be read, and may ask for another: ${unread}.`
  return `Base asks for ${name} ${pinText(pins.base)} and head for ${pinText(pins.head)}, and ${used} loaded them.${unknown}`
}

/** Files of which it is not known what they ask for; null if there are none. */
export function unreadText(pins: Readonly<Record<Side, Pin>>): string | null {
  const texts = SIDES.flatMap((side) =>
    pins[side].unread.map(({ path, why }) => `${path} (${why})`),
  )
  return texts.length === 0 ? null : [...new Set(texts)].slice(0, 3).join(', ')
}

/**
 * @param suggestion an install command, for the hint
 * @throws Failure `versions-differ` where the comparison may be one of versions, not of commits
 */
export function refuseUnmet(
  {
    origin,
    pins,
    suggestion,
  }: {
    readonly origin: Origin
    readonly pins: BothPins
    readonly suggestion: string | null
  },
  loaded: BothLoaded,
): void {
  if (origin === 'given') return
  const [first, ...others] = unmetPins(pins, loaded, origin)
  if (first === undefined) return
  const why = 'Data hashes of different versions do not compare.'
  throw new Failure('versions-differ', [first, ...others, why].join(' '), {
    hint:
      origin === 'installed'
        ? 'Let the input `install` install what each commit’s dependency files ask for.'
        : twoEnvironments(suggestion),
  })
}

/** What to do where one environment is not enough. */
export function twoEnvironments(suggestion: string | null): string {
  const command = suggestion ?? 'pip install -r requirements.txt'
  return `Let this action make one environment for each commit: \`install: ${command}\`. To compare both in one environment nevertheless, name it in the input \`python\`.`
}
