import { digest } from './fingerprint.ts'
import { decodeMemory, encodeMemory, type Memory } from './memory.ts'
import type { Report } from './model.ts'

/** What the hidden first line of our comment says. */
export type Marker = {
  readonly key: string
  /** Run id and attempt: an older run never overwrites a newer one's comment. */
  readonly run: { readonly id: number; readonly attempt: number }
  readonly fingerprint: string
  /** Digest of what was found: two runs with the same one have the same report. */
  readonly finding: string
  /** Digest of the body; equal means that there is nothing to write. */
  readonly body: string
  readonly memory: Memory | null
}

/** What a comment's first line says, and in which release's form. */
export type ReadMarker = Marker & {
  /** Written by a release whose default key and whose digests were others. */
  readonly older: boolean
}

/** Digest of what a document says. The run's address is left out: it differs every time. */
export function bodyDigest(document: string, runUrl: string | null): string {
  return digest(runUrl === null ? document : document.replaceAll(runUrl, ''))
}

/** Digest of what was found, whatever the policy says of it. */
export function findingDigest(reports: readonly Report[]): string {
  return digest(JSON.stringify(reports.map((report) => ({ ...report, conclusion: null }))))
}

/** The comment as it is posted: marker on line 1, then the document. */
export function withMarker(marker: Marker, document: string): string {
  const { key, run, fingerprint, finding, body, memory } = marker
  const parts = [
    `key=${encodeKey(key)}`,
    `run=${run.id}.${run.attempt}`,
    `fp=${fingerprint || 'none'}`,
    `of=${finding}`,
    `body=${body}`,
    // base64url may hold two hyphens in a row, which would end the HTML comment.
    `memory=${memory === null ? '' : encodeMemory(memory).replaceAll('-', '.')}`,
  ]
  return `<!-- unsynced v2 ${parts.join(' ')} -->\n${document}`
}

const MARKER =
  /^<!-- unsynced v2 key=(\S+) run=(\d{1,15})\.(\d{1,6}) fp=(none|[0-9a-f]{32}) of=([0-9a-f]{32}) body=([0-9a-f]{32}) memory=([\w.~]*) -->(?:\r?\n|$)/
const OLDER_MARKER =
  /^<!-- unsynced v1 key=(\S+) run=(\d{1,15})\.(\d{1,6}) fp=(none|[0-9a-f]{12}) of=([0-9a-f]{12}) body=([0-9a-f]{16}) memory=([\w.]*) -->(?:\r?\n|$)/

/** Reads the marker of a comment's first line; null for every comment that is not ours. */
export function readMarker(comment: string): ReadMarker | null {
  const match = MARKER.exec(comment)
  return match === null ? read(OLDER_MARKER.exec(comment), true) : read(match, false)
}

function read(match: RegExpExecArray | null, older: boolean): ReadMarker | null {
  if (match === null) return null
  const [, key, id, attempt, fingerprint, finding, body, memory] = match as unknown as string[]
  const decoded = decodeKey(key as string)
  if (decoded === null) return null
  return {
    key: decoded,
    run: { id: Number(id), attempt: Number(attempt) },
    fingerprint: fingerprint === 'none' ? '' : (fingerprint as string),
    finding: finding as string,
    body: body as string,
    memory: decodeMemory((memory as string).replaceAll('.', '-')),
    older,
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
