import { type Rendered, renderDocument, type Tier } from './document.ts'
import type { Presentation } from './presentation.ts'

/** GitHub refuses bodies over 65,536 characters; bytes are bounded too, as other forges count them. */
const LIMIT_CHARACTERS = 60_000
const LIMIT_BYTES = 200_000
const MARKER_ALLOWANCE = 4000

/**
 * The pull request comment without its marker.
 *
 * @param options.atMost the most detailed tier to try
 * @returns at most 56,000 characters: a document too long is made coarser, never cut
 */
export function renderComment(
  presentation: Presentation,
  options: { readonly atMost?: Tier } = {},
): Rendered {
  return renderDocument(presentation, fitsComment, options.atMost)
}

/** Whether a document and its marker are short enough for a comment. */
export function fitsComment(document: string): boolean {
  return (
    document.length <= LIMIT_CHARACTERS - MARKER_ALLOWANCE &&
    Buffer.byteLength(document) <= LIMIT_BYTES - MARKER_ALLOWANCE
  )
}
