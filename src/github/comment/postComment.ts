import { TIERS, type Tier } from '../../report/markdown/document.ts'
import { outdated } from '../../report/markdown/outdated.ts'
import { bodyDigest, type Marker, type ReadMarker, withMarker } from '../../report/marker.ts'
import type { Memory } from '../../report/memory.ts'
import type { Comment } from '../api/apiAnswers.ts'
import type { GitHub } from '../api/client.ts'
import { ApiError } from '../api/retry.ts'
import type { CommentPlace } from './commentPlace.ts'
import { inOrder, lookAtPull, type Own, ownComments, readThread, type View } from './thread.ts'

/** What became of the comment. `none`: there was nothing to say and nothing said before. */
export type Posted = {
  readonly action: 'created' | 'updated' | 'unchanged' | 'superseded' | 'none'
  readonly url: string | null
}

/** What one run wants to say on a pull request. */
export type Post = {
  readonly place: CommentPlace
  readonly run: Marker['run']
  /** `findingDigest` of what the run found. */
  readonly finding: string
  /** Address that differs with every run and is no difference in what is said. */
  readonly runUrl: string | null
  /** The pull request's head as this run knows it: with a newer one it is outdated; null = any. */
  readonly head: string | null
  /** What to say, given what the pull request looks like, in no more detail than the tier. */
  readonly draw: (view: View, atMost: Tier) => Draft
}

export type Draft = {
  readonly document: string
  readonly tier: Tier
  readonly fingerprint: string
  readonly memory: Memory
  /** Whether this starts a comment; one that exists is always kept true. */
  readonly starts: boolean
}

/** The one next thing to do. */
type Step =
  /** `action: null`: whatever was done so far. */
  | { readonly kind: 'done'; readonly action: Posted['action'] | null; readonly url: string | null }
  /** The pull request has another head: a newer one, or the server is late in showing a push. */
  | { readonly kind: 'compare'; readonly head: string; readonly than: string }
  | ({ readonly kind: 'create'; readonly replaces: Own | null } & Version)
  | ({ readonly kind: 'update'; readonly own: Own } & Version)
  | { readonly kind: 'remove'; readonly comments: readonly Own[] }

type Version = { readonly body: string; readonly marker: ReadMarker; readonly tier: Tier }

/** More than the longest way that ends: a race, a deletion, a few faults and all tiers. */
const MOST_STEPS = 24
/** A list may show a new comment a little late. */
const LAGS_MS = [1000, 2000]

/** How far a run has come with its comment. */
type State = {
  readonly view: View
  /** False while our knowledge of the comments is only what we wrote ourselves. */
  readonly fresh: boolean
  /** Heads that the pull request was seen at, and whether each is newer than this run's. */
  readonly heads: ReadonlyMap<string, boolean>
  /** The most detailed tier that the server may still take. */
  readonly atMost: Tier
  readonly failures: number
  readonly did: 'created' | 'updated' | 'unchanged'
}

/**
 * Keeps exactly one comment of ours per key on a pull request, and keeps it true. Only comments that
 * carry our marker on line 1 *and* were written by us are ever touched.
 *
 * It looks, does the one next thing, and looks again until nothing is left to do. So a write that
 * may or may not have happened, another run's write in between, and a change of the label all end
 * the same way. Of several comments the oldest stays, and the newest run's words.
 *
 * @param seen what the pull request looked like a moment ago; null = not looked yet
 * @throws ApiError
 */
export async function postComment(api: GitHub, post: Post, seen: View | null): Promise<Posted> {
  const view = seen ?? (await readThread(api, post.place))
  const start = { fresh: true, heads: new Map(), atMost: 'full', failures: 0 } as const
  let state: State = { view, did: 'unchanged', ...start }
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const step = nextStep(post, state)
    if (step.kind === 'done') return { action: step.action ?? state.did, url: step.url }
    state = state.fresh
      ? await act(api, post, state, step).catch((error) => recover(api, post, state, step, error))
      : { ...state, view: await readThread(api, post.place), fresh: true }
  }
  throw new ApiError('unclear', 'The comment never came to rest.')
}

/** Does one step; the state tells what is known after it. */
async function act(api: GitHub, post: Post, state: State, step: Step): Promise<State> {
  const { view } = state
  switch (step.kind) {
    case 'done':
      return state
    case 'compare': {
      const newer = (await api.isNewer(step.head, step.than)) === true
      return { ...state, heads: new Map([...state.heads, [step.head, newer]]) }
    }
    case 'create':
      if (step.replaces !== null) await api.removeComment(step.replaces.id)
      return { ...state, view: await create(api, post.place, step), did: 'created' }
    case 'update': {
      const ours = await update(api, view.ours, step)
      // It may have been read before something changed that it should say.
      const now = await lookAtPull(api, post.place)
      return { ...state, view: { ours, ...now }, fresh: false, did: having(state.did, step) }
    }
    case 'remove':
      // What is said is said by now; a comment too many is the next run's to remove.
      for (const { id } of step.comments) await api.removeComment(id).catch(() => null)
      return {
        ...state,
        view: { ...view, ours: view.ours.filter((own) => !step.comments.includes(own)) },
      }
  }
}

/** Looks again after a step that failed or may have, if another try can be of use. */
async function recover(
  api: GitHub,
  post: Post,
  state: State,
  step: Step,
  error: unknown,
): Promise<State> {
  const trouble = error instanceof ApiError ? error.trouble : null
  const coarser = 'tier' in step ? TIERS[TIERS.indexOf(step.tier) + 1] : undefined
  if (trouble === 'too-long' && coarser !== undefined) return { ...state, atMost: coarser }
  const failures = state.failures + 1
  // Somebody deleted the comment in between. There may be another one, or none.
  const deleted = trouble === 'gone' && step.kind === 'update' && failures <= 2
  if (!deleted) await api.pause(error, failures)
  return {
    ...state,
    view: await readThread(api, post.place),
    fresh: true,
    failures,
    did: having(state.did, step),
  }
}

function having(did: State['did'], { kind }: Step): State['did'] {
  if (kind === 'create') return 'created'
  return kind === 'update' && did === 'unchanged' ? 'updated' : did
}

function nextStep(post: Post, state: State): Step {
  const { view } = state
  if (view.ours.some((own) => supersedes(own.marker, post))) return yieldToNewerRun(post, view)
  const head = view.pull?.head?.sha ?? post.head
  if (post.head !== null && head !== null && head !== post.head) {
    const newer = state.heads.get(head)
    if (newer === undefined) return { kind: 'compare', head, than: post.head }
    if (newer) return markOutdated(post, view, post.draw(view, state.atMost), head)
  }
  return writeComment(post, view, post.draw(view, state.atMost))
}

/** Makes the one comment say what this run has to say. */
function writeComment(post: Post, view: View, draft: Draft): Step {
  const [first, ...others] = view.ours
  const wanted = version(post, first, draft, draft.document)
  // What jobs shared in an older release may be another's by the time that it is written over: each
  // makes a comment of its own, and the shared one goes after that.
  const shared = first?.marker.older === true && post.place.older.shared
  if (first === undefined || shared) {
    const starts = (draft.starts || shared) && view.pull?.open !== false
    if (starts) return { kind: 'create', replaces: null, ...wanted }
    return { kind: 'done', action: 'none', url: null }
  }
  if (first.marker.body !== wanted.marker.body) {
    // REST can tell that a comment is hidden, but not show it again; a new one is seen.
    const unseen = first.minimized && draft.fingerprint !== ''
    return unseen && draft.fingerprint !== first.marker.fingerprint
      ? { kind: 'create', replaces: first, ...wanted }
      : { kind: 'update', own: first, ...wanted }
  }
  if (others.length > 0) return { kind: 'remove', comments: others }
  return { kind: 'done', action: null, url: first.url }
}

/**
 * The pull request has moved on. A run may learn that only after it wrote over a newer one's words:
 * it cannot bring them back, but it must not let its own pass for current.
 */
function markOutdated(post: Post, view: View, draft: Draft, current: string): Step {
  const [first] = view.ours
  if (first?.marker.finding !== post.finding) return yieldToNewerRun(post, view)
  const note = version(post, first, draft, outdated(draft.document, post.head ?? '', current))
  if (first.marker.body === note.marker.body) return yieldToNewerRun(post, view)
  return { kind: 'update', own: first, ...note }
}

/** Leaves the word to a newer run, and nothing of this one beside it. */
function yieldToNewerRun(post: Post, { ours }: View): Step {
  const [first, ...others] = ours
  const left = others.filter((own) => isFrom(post, own))
  if (left.length > 0) return { kind: 'remove', comments: left }
  return { kind: 'done', action: 'superseded', url: first?.url ?? null }
}

function isFrom(post: Post, own: Own): boolean {
  return compareRuns(own.marker.run, post.run) === 0
}

function version(post: Post, first: Own | undefined, draft: Draft, document: string): Version {
  const { finding, place, runUrl } = post
  // Who says the same as a newer run must not make its comment look older than it is.
  const same = first?.marker.finding === finding && compareRuns(first.marker.run, post.run) > 0
  const marker: ReadMarker = {
    older: false,
    key: place.key,
    run: same ? first.marker.run : post.run,
    fingerprint: draft.fingerprint,
    finding,
    body: bodyDigest(document, runUrl),
    memory: draft.memory,
  }
  return { body: withMarker(marker, document), marker, tier: draft.tier }
}

/** Whether a newer run has said something else than this one found. */
function supersedes(marker: Marker, post: Post): boolean {
  return compareRuns(marker.run, post.run) > 0 && marker.finding !== post.finding
}

function compareRuns(one: Marker['run'], other: Marker['run']): number {
  return one.id - other.id || one.attempt - other.attempt
}

/** Posts, and looks who else did, and whether it is still true. */
async function create(api: GitHub, place: CommentPlace, { body, marker }: Version): Promise<View> {
  const created: Own = { ...(await api.createComment(place.pullRequest, body)), marker }
  // A run for a newer push that has nothing to say may have ended before there was anything to correct.
  const now = await lookAtPull(api, place)
  return { ours: await listWith(api, place, created), ...now }
}

/** All comments of ours, one of which was just made. */
async function listWith(api: GitHub, place: CommentPlace, created: Own): Promise<View['ours']> {
  for (const lag of [...LAGS_MS, null]) {
    const listed = await ownComments(api, place, created.author).catch(() => null)
    if (listed === null) break
    if (listed.some(({ id }) => id === created.id)) return listed
    // Another run may have removed it already; to remove it again does no harm.
    if (listed.length > 0) return inOrder([...listed, created])
    if (lag !== null) await api.sleep(lag)
  }
  return [created]
}

async function update(
  api: GitHub,
  ours: View['ours'],
  { own, body, marker }: Version & { own: Own },
): Promise<View['ours']> {
  // Some forges answer an edit with nothing.
  const updated: Comment = (await api.updateComment(own.id, body)) ?? own
  return ours.map((one) => (one === own ? { ...updated, body, marker } : one))
}
