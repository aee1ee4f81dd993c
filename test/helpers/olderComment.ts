/** Comments as releases wrote them whose fingerprints had 12 digits and whose rows were told apart by 4 letters. */

export type OlderWords = {
  readonly key?: string
  readonly run?: number
  /** Of 12 digits; '' for none. */
  readonly fingerprint?: string
  readonly text?: string
  /** Since when the fingerprint is shown; null = since the comment's last edit. */
  readonly since?: string | null
  /** What a label accepted. */
  readonly accepted?: { readonly fingerprint: string; readonly by: string; readonly at: string }
  /** Id of the event that added the label. */
  readonly event?: number
}

/** The body, whose first line is the marker. */
export function olderComment(words: OlderWords = {}): string {
  const { key = 'warehouse', run = 1, fingerprint = '7f3a9c0d12ab', text = 'old' } = words
  const { accepted, event = 0 } = words
  const memory = [
    words.since ?? null,
    [],
    accepted !== undefined,
    'ab-_cdef',
    accepted ? [accepted.fingerprint, accepted.by, accepted.at, event, 'ab-_'] : null,
    ['a'.repeat(40), 2],
    ['a'.repeat(40), 2],
  ]
  const parts = [
    `key=${encodeURIComponent(key).replaceAll('-', '%2D')}`,
    `run=${run}.1`,
    `fp=${fingerprint || 'none'}`,
    'of=0123456789ab',
    'body=0123456789abcdef',
    `memory=${Buffer.from(JSON.stringify(memory)).toString('base64url').replaceAll('-', '.')}`,
  ]
  return `<!-- unsynced v1 ${parts.join(' ')} -->\n### Unsynced\n\n${text}`
}
