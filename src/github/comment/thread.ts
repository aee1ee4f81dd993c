import { type ReadMarker, readMarker } from '../../report/marker.ts'
import type { Remembered } from '../../report/memory.ts'
import type { Comment, LabelEvent, Pull } from '../api/apiAnswers.ts'
import type { GitHub } from '../api/client.ts'
import { ApiError } from '../api/retry.ts'
import type { CommentPlace } from './commentPlace.ts'

/** A comment of ours and what its first line says. */
export type Own = Comment & { readonly marker: ReadMarker }

/** What a pull request looks like now, as far as it bears on our comment. */
export type View = {
  /**
   * Our comments, oldest first; more than one only after a race. Those of older releases come last.
   */
  readonly ours: readonly Own[]
  /** null if it could not be read. */
  readonly pull: Pull | null
  /** Why the pull request could not be read. */
  readonly trouble: ApiError | null
  /** When the accepting label came and went; null where the server does not tell, or nobody asked. */
  readonly labelEvents: readonly LabelEvent[] | null
}

const TRAILER = /^[ \t]*Unsynced-Accept:[ \t]*`?([0-9a-f]{32}|[0-9a-f]{12})`?[ \t]*\r?$/gim

/** Author of everything that a workflow's own token writes. */
const WORKFLOW_AUTHOR = 'github-actions[bot]'

/** Looks at everything: one to three requests, for a thread of up to a hundred comments. */
export async function readThread(api: GitHub, place: CommentPlace): Promise<View> {
  const ours = await ownComments(api, place)
  return { ours, ...(await lookAtPull(api, place)) }
}

/** Looks at all but the comments. */
export async function lookAtPull(api: GitHub, place: CommentPlace): Promise<Omit<View, 'ours'>> {
  try {
    const pull = await api.pull(place.pullRequest)
    return { pull, trouble: null, labelEvents: await eventsOf(api, place, pull) }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    // There can be a comment all the same.
    return { pull: null, trouble: error, labelEvents: null }
  }
}

/** When the label came and went, if it is there at all. */
async function eventsOf(
  api: GitHub,
  place: CommentPlace,
  pull: Pull,
): Promise<View['labelEvents']> {
  const { label, pullRequest } = place
  if (label === null || !hasLabel(pull, label)) return null
  try {
    const events = await api.labelEvents(pullRequest)
    return events.filter((event) => sameLabel(event.label, label))
  } catch {
    // Other forges have no such list. Who and when then stay unknown; the label itself is there.
    return null
  }
}

/**
 * Our comments with this key, oldest first. A marker in someone else's comment is a forgery.
 *
 * @param author our login, where it is known from a comment that was just made
 */
export async function ownComments(
  api: GitHub,
  place: CommentPlace,
  author: string | null = null,
): Promise<readonly Own[]> {
  const listed = await api.listComments(place.pullRequest)
  const ours = await pickOwn(api, listed.comments, place, author)
  if (ours.length > 0 || listed.whole) return ours
  // While pages are read, a deletion moves a comment to a page that was read already.
  return await pickOwn(api, (await api.listComments(place.pullRequest)).comments, place, author)
}

async function pickOwn(
  api: GitHub,
  comments: readonly Comment[],
  place: CommentPlace,
  author: string | null,
): Promise<readonly Own[]> {
  const marked = comments.flatMap((comment) => {
    const marker = readMarker(comment.body)
    const may = marker !== null && (marker.older || marker.key === place.key)
    return may ? [{ ...comment, marker }] : []
  })
  const known = (login: string) => login === WORKFLOW_AUTHOR || login === author
  const foreign = marked.some((comment) => !known(comment.author))
  // Who we are is only asked when it matters.
  const login = foreign && author === null ? await api.login() : null
  const own = marked.filter((comment) => known(comment.author) || comment.author === login)
  const older = own.filter(({ marker }) => marker.older)
  return inOrder([...own.filter(({ marker }) => !marker.older), ...thisJobs(older, place)])
}

/** Of all comments of older releases those that were this job's. */
function thisJobs(
  comments: readonly Own[],
  { older: { keys, said } }: CommentPlace,
): readonly Own[] {
  const others = comments.filter(({ marker }) => !keys.includes(marker.key))
  const only = others.every(({ marker }) => marker.key === said)
  return only ? comments : comments.filter(({ marker }) => keys.includes(marker.key))
}

/** Our comments in the order in which one of them is kept: newer form first, then the oldest. */
export function inOrder(comments: readonly Own[]): readonly Own[] {
  return [...comments].sort(
    (one, other) => Number(one.marker.older) - Number(other.marker.older) || one.id - other.id,
  )
}

/** What our comment says of itself; null without one. */
export function rememberedBy(ours: readonly Own[]): Remembered | null {
  const first = ours[0]
  if (first === undefined) return null
  const { fingerprint, memory } = first.marker
  if (memory === null) return { ...FORGOTTEN, fingerprint }
  return { ...memory, fingerprint, since: memory.since ?? first.updatedAt }
}

/** A comment whose memory is not readable remembers nothing that could accept anything. */
const FORGOTTEN = {
  since: null,
  before: [],
  labelled: true,
  rows: null,
  accepted: null,
  good: null,
  impact: null,
} as const

/** The event that added the label which is there now; null if that is not known. */
export function lastAdded(events: View['labelEvents']): LabelEvent | null {
  const last = events?.at(-1)
  return last?.action === 'labeled' ? last : null
}

export function hasLabel(pull: Pull, label: string): boolean {
  return pull.labels.some((name) => sameLabel(name, label))
}

/** GitHub knows no two labels that differ in case alone. */
function sameLabel(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/**
 * Fingerprints that a description accepts: lines `Unsynced-Accept: <fingerprint>`. Also those of older
 * releases, so that it can be said why they accept nothing.
 */
export function trailersOf(description: string): readonly string[] {
  const lines = description.matchAll(TRAILER)
  return [...lines].map(([, fingerprint]) => (fingerprint as string).toLowerCase())
}
