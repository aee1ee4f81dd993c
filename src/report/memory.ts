import { z } from 'zod'
import { ROW_CHARACTERS } from './fingerprint.ts'

/**
 * What the comment remembers of earlier pushes, hidden in its marker. It comes back from a comment
 * that others may have edited, so it is checked on reading, and it decides nothing alone: an
 * acceptance also needs the label or the trailer that is there now.
 */
export type Memory = {
  /** Server's time since when this fingerprint is shown; null = since the comment's last edit. */
  readonly since: string | null
  /** What was shown before that, latest first. */
  readonly before: readonly Shown[]
  /** Whether the accepting label was there when this was written. */
  readonly labelled: boolean
  /** The rows shown (`rowDigests`); null if they are too many to remember. */
  readonly rows: string | null
  /** The latest acceptance, also when it is void by now. */
  readonly accepted: Accepted | null
  /** The latest comparison that was made. */
  readonly good: Past | null
  /** The latest comparison that found an asset to become unsynced. */
  readonly impact: Past | null
}

export type Shown = { readonly fingerprint: string; readonly since: string | null }

export type Accepted = {
  /** What was accepted; '' when nothing was shown at the time. */
  readonly fingerprint: string
  readonly by: string
  readonly at: string
  /** Id of the event that added the label; 0 where it is not known. */
  readonly event: number
  readonly rows: string | null
}

export type Past = { readonly head: string; readonly unsynced: number }

/** What our comment shows, with what it remembers. */
export type Remembered = Memory & { readonly fingerprint: string }

/**
 * What the next version of the comment has to remember.
 *
 * @param now.past null when no comparison was made
 * @param now.accepted null when nothing was accepted by a label, or nobody looked
 */
export function remember(
  earlier: Remembered | null,
  now: Pick<Remembered, 'fingerprint' | 'rows' | 'labelled' | 'accepted'> & {
    readonly past: Past | null
  },
): Memory {
  const same = earlier?.fingerprint === now.fingerprint
  const { past } = now
  return {
    since: same ? earlier.since : null,
    before: earlier === null || same ? (earlier?.before ?? []) : [earlier, ...earlier.before],
    labelled: now.labelled,
    rows: now.rows,
    accepted: now.accepted ?? earlier?.accepted ?? null,
    good: past ?? earlier?.good ?? null,
    impact: past !== null && past.unsynced > 0 ? past : (earlier?.impact ?? null),
  }
}

/** Of what is written; with the rest of the marker it has to leave room for the document. */
export const MOST_CHARACTERS = 6144
const MOST_BEFORE = 4
/** In place of a number of rows: those that are shown are those that were accepted. */
const SAME = -1

const fingerprint = z.string().regex(/^[0-9a-f]{0,64}$/)
const time = z.iso.datetime({ offset: true }).max(40)
/** How many there are. Older releases wrote the rows themselves, with too few digits to tell them apart. */
const rows = z
  .union([z.int().min(SAME).max(MOST_CHARACTERS), z.string().transform(() => null)])
  .nullable()
const past = z.tuple([z.string().regex(/^[0-9a-f]{1,64}$/), z.int().nonnegative()]).nullable()
/** Arrays rather than objects: names would be most of it. */
const written = z.tuple([
  time.nullable(),
  z.array(z.tuple([fingerprint, time.nullable()])).max(MOST_BEFORE),
  z.boolean(),
  rows,
  z
    .tuple([fingerprint, z.string().max(100), z.union([time, z.literal('')]), z.int(), rows])
    .nullable(),
  past,
  past,
])

/**
 * At most `MOST_CHARACTERS` of base64url, a tilde, and the rows that are shown and were accepted; rows
 * that would not fit are forgotten.
 */
export function encodeMemory(memory: Memory): string {
  const { accepted } = memory
  const lighter: readonly Memory[] = [
    memory,
    { ...memory, rows: null },
    { ...memory, rows: null, accepted: accepted && { ...accepted, rows: null } },
  ]
  const texts = lighter.map(encode)
  return texts.find((text) => text.length <= MOST_CHARACTERS) ?? ''
}

/** null for everything that `encodeMemory` did not write, in this release or an older one. */
export function decodeMemory(text: string): Memory | null {
  if (text === '' || text.length > MOST_CHARACTERS) return null
  const [json = '', tail = '', ...more] = text.split('~')
  const parsed = written.safeParse(parse(json))
  if (!parsed.success || more.length > 0) return null
  const [since, before, labelled, shown, accepted, good, impact] = parsed.data
  const lengthOf = (count: number | null = null) => Math.max(count ?? 0, 0) * ROW_CHARACTERS
  const first = lengthOf(shown)
  const complete = tail.length === first + lengthOf(accepted?.[4])
  if (shown === SAME || !complete || !/^[\w-]*$/.test(tail)) return null
  const shownRows = shown === null ? null : tail.slice(0, first)
  return {
    since,
    before: before.map(([fingerprint, since]) => ({ fingerprint, since })),
    labelled,
    rows: shownRows,
    accepted: accepted && {
      fingerprint: accepted[0],
      by: accepted[1],
      at: accepted[2],
      event: accepted[3],
      rows: accepted[4] === SAME ? shownRows : accepted[4] === null ? null : tail.slice(first),
    },
    good: good && { head: good[0], unsynced: good[1] },
    impact: impact && { head: impact[0], unsynced: impact[1] },
  }
}

function encode(memory: Memory): string {
  const { since, before, labelled, rows, accepted, good, impact } = memory
  const same = accepted !== null && rows !== null && accepted.rows === rows
  const count = (digests: string | null) =>
    digests === null ? null : digests.length / ROW_CHARACTERS
  const list = [
    since,
    before.slice(0, MOST_BEFORE).map((shown) => [shown.fingerprint, shown.since]),
    labelled,
    count(rows),
    accepted && [
      accepted.fingerprint,
      accepted.by,
      accepted.at,
      accepted.event,
      same ? SAME : count(accepted.rows),
    ],
    good && [good.head, good.unsynced],
    impact && [impact.head, impact.unsynced],
  ]
  const json = Buffer.from(JSON.stringify(list)).toString('base64url')
  return `${json}~${rows ?? ''}${same ? '' : (accepted?.rows ?? '')}`
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    // Somebody else's text; no tuple.
    return null
  }
}
