import { createHash } from 'node:crypto'
import type { Presentation } from './presentation.ts'

/** What the hidden first line of our comment says. */
export type Marker = {
  readonly key: string
  /** Run id and attempt: an older run never overwrites a newer one's comment. */
  readonly run: { readonly id: number; readonly attempt: number }
  readonly fingerprint: string
  /** Digest of the body; equal means that there is nothing to write. */
  readonly body: string
}

/** The marker for a document. The run's address is left out of the digest: it differs every time. */
export function markerFor(
  presentation: Presentation,
  document: string,
  key: string,
  run: Marker['run'],
): Marker {
  const url = presentation.links?.run
  const lasting = url === undefined ? document : document.replaceAll(url, '')
  const body = createHash('sha256').update(lasting).digest('hex').slice(0, 16)
  return { key, run, fingerprint: presentation.report.fingerprint, body }
}

/** The comment as it is posted: marker on line 1, then the document. */
export function withMarker(marker: Marker, document: string): string {
  const { key, run, fingerprint, body } = marker
  const parts = [
    `key=${encodeKey(key)}`,
    `run=${run.id}.${run.attempt}`,
    `fp=${fingerprint || 'none'}`,
    `body=${body}`,
  ]
  return `<!-- unsynced v1 ${parts.join(' ')} -->\n${document}`
}

/** Reads the marker of a comment's first line; null for every comment that is not ours. */
export function readMarker(comment: string): Marker | null {
  const match =
    /^<!-- unsynced v1 key=(\S+) run=(\d{1,15})\.(\d{1,6}) fp=([0-9a-z]{1,64}) body=([0-9a-f]{16}) -->(?:\r?\n|$)/.exec(
      comment,
    )
  if (match === null) return null
  const [, key, id, attempt, fingerprint, body] = match as unknown as string[]
  const decoded = decodeKey(key as string)
  if (decoded === null) return null
  return {
    key: decoded,
    run: { id: Number(id), attempt: Number(attempt) },
    fingerprint: fingerprint === 'none' ? '' : (fingerprint as string),
    body: body as string,
  }
}

/** `--` would end the HTML comment early, so a hyphen is encoded too. */
function encodeKey(key: string): string {
  return encodeURIComponent(key.toWellFormed()).replaceAll(
    /[-!'()*~]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function decodeKey(key: string): string | null {
  try {
    return decodeURIComponent(key)
  } catch {
    // Not written by us: we only write what decodes.
    return null
  }
}
