import type { Presentation } from '../presentation.ts'
import { type Rendered, renderDocument, type Tier } from './document.ts'

/**
 * GitHub refuses bodies over 65,536 characters, and a marker has up to 9,000; bytes are bounded too, as
 * other forges count them.
 */
const MOST_CHARACTERS = 56_000
const MOST_BYTES = 190_000

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
  return document.length <= MOST_CHARACTERS && Buffer.byteLength(document) <= MOST_BYTES
}
