import { type Marker, readMarker, withMarker } from '../report/marker.ts'
import type { Comment, CommentsApi } from './client.ts'

/** What became of the comment. `none`: there was nothing to say and nothing said before. */
export type Posted = {
  readonly action: 'created' | 'updated' | 'unchanged' | 'superseded' | 'none'
  readonly url: string | null
}

/** Author of everything that a workflow's own token writes. */
const WORKFLOW_AUTHOR = 'github-actions[bot]'

/**
 * Keeps exactly one comment of ours per key on a pull request. Only comments that carry our marker
 * on line 1 *and* were written by us are ever touched.
 *
 * @param create whether to start a comment; one that exists is always kept true
 * @throws the API's error
 */
export async function postComment(
  api: CommentsApi,
  marker: Marker,
  document: string,
  create: boolean,
): Promise<Posted> {
  const ours = await ownComments(api, marker.key)
  const [first, ...duplicates] = ours
  if (first === undefined) {
    return create ? await createComment(api, marker, document) : { action: 'none', url: null }
  }
  const newest = ours
    .map((comment) => readMarker(comment.body))
    .find((other) => newer(other, marker))
  if (newest !== undefined) return { action: 'superseded', url: first.url }
  for (const duplicate of duplicates) await api.remove(duplicate.id)
  if (readMarker(first.body)?.body === marker.body) return { action: 'unchanged', url: first.url }
  const updated = await api.update(first.id, withMarker(marker, document))
  return { action: 'updated', url: updated.url }
}

/** Two runs may create at once: both look again, and the comment with the lowest id survives. */
async function createComment(api: CommentsApi, marker: Marker, document: string): Promise<Posted> {
  const created = await api.create(withMarker(marker, document))
  const all = await api.list()
  const ours = all.filter(
    (comment) => comment.author === created.author && readMarker(comment.body)?.key === marker.key,
  )
  const first = ours[0]
  if (first === undefined || first.id === created.id) {
    return { action: 'created', url: created.url }
  }
  const updated = newer(readMarker(first.body), marker)
    ? first
    : await api.update(first.id, withMarker(marker, document))
  await api.remove(created.id)
  return { action: 'updated', url: updated.url }
}

/** Our comments with this key, oldest first. A marker in someone else's comment is a forgery. */
async function ownComments(api: CommentsApi, key: string): Promise<readonly Comment[]> {
  const marked = (await api.list()).filter((comment) => readMarker(comment.body)?.key === key)
  const foreign = marked.some((comment) => comment.author !== WORKFLOW_AUTHOR)
  // Who we are is only asked when it matters.
  const login = foreign ? await api.login() : null
  return marked.filter(({ author }) => author === WORKFLOW_AUTHOR || author === login)
}

function newer(other: Marker | null, than: Marker): boolean {
  if (other === null) return false
  return (
    other.run.id > than.run.id ||
    (other.run.id === than.run.id && other.run.attempt > than.run.attempt)
  )
}
