import { renderDocument } from './document.ts'
import type { Presentation } from './presentation.ts'

/** GitHub refuses bodies over 65,536 characters; bytes are bounded too, as other forges count them. */
const LIMIT_CHARACTERS = 60_000
const LIMIT_BYTES = 200_000
const MARKER_ALLOWANCE = 1000

/**
 * The pull request comment without its marker.
 *
 * @returns at most 59,000 characters: a document too long is made coarser, never cut
 */
export function renderComment(presentation: Presentation): string {
  return renderDocument(
    presentation,
    (document) =>
      document.length <= LIMIT_CHARACTERS - MARKER_ALLOWANCE &&
      Buffer.byteLength(document) <= LIMIT_BYTES - MARKER_ALLOWANCE,
  )
}
