import { z } from 'zod'

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

const MOST_CHARACTERS = 2048
const MOST_BEFORE = 4

const fingerprint = z.string().regex(/^[0-9a-f]{0,64}$/)
const time = z.iso.datetime({ offset: true }).max(40)
const rows = z
  .string()
  .regex(/^([\w-]{4})*$/)
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

/** At most 2,048 characters of base64url; rows that would not fit are forgotten. */
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

/** null for everything that `encodeMemory` did not write. */
export function decodeMemory(text: string): Memory | null {
  if (text === '' || text.length > MOST_CHARACTERS) return null
  const parsed = written.safeParse(parse(text))
  if (!parsed.success) return null
  const [since, before, labelled, shown, accepted, good, impact] = parsed.data
  return {
    since,
    before: before.map(([fingerprint, since]) => ({ fingerprint, since })),
    labelled,
    rows: shown,
    accepted: accepted && {
      fingerprint: accepted[0],
      by: accepted[1],
      at: accepted[2],
      event: accepted[3],
      rows: accepted[4],
    },
    good: good && { head: good[0], unsynced: good[1] },
    impact: impact && { head: impact[0], unsynced: impact[1] },
  }
}

function encode(memory: Memory): string {
  const { since, before, labelled, rows, accepted, good, impact } = memory
  const list: z.infer<typeof written> = [
    since,
    before.slice(0, MOST_BEFORE).map((shown) => [shown.fingerprint, shown.since]),
    labelled,
    rows,
    accepted && [accepted.fingerprint, accepted.by, accepted.at, accepted.event, accepted.rows],
    good && [good.head, good.unsynced],
    impact && [impact.head, impact.unsynced],
  ]
  return Buffer.from(JSON.stringify(list)).toString('base64url')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    // Somebody else's text; no tuple.
    return null
  }
}
