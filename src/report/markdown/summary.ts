import type { Presentation } from '../presentation.ts'
import { renderDocument } from './document.ts'

/** The runner drops a step's summary over 1 MiB without failing the job. */
const LIMIT_BYTES = 1_000_000

/** The job summary: the same document as the comment, with far more room. */
export function renderSummary(presentation: Presentation): string {
  return renderDocument(presentation, fitsSummary).document
}

/** Whether a document is short enough for a step's summary. */
export function fitsSummary(document: string): boolean {
  return Buffer.byteLength(document) <= LIMIT_BYTES
}
