import { z } from 'zod'
import { repositoryPath } from '../interpreter/answerEnvelope.ts'
import type { Cause } from '../sqlmesh/changes.ts'
import { thousands } from './markdown/markdown.ts'
import { MOST_TEXT, PLAIN_WORD, type Report, type ReportBounds, reportSchema } from './model.ts'
import { countItems, itemsOf, moreItems } from './words/causes.ts'

/** Characters of all causes together: in UTF-8, and with the rest, they stay below `MOST_BYTES`. */
const MOST_OF_CAUSES = 32_000_000
/** Of one cause, however many there are. */
const LEAST_OF_CAUSE = 150

/** The JSON report, as `parseReport` reads it. */
export function reportJson(report: Report): string {
  return json(keepBounds(report))
}

/** The JSON document about several projects. */
export function reportsJson(
  together: Pick<Report, 'result' | 'conclusion' | 'fingerprint' | 'counts'>,
  reports: readonly Report[],
): string {
  const { result, conclusion, fingerprint, counts } = together
  const { schemaVersion } = reports[0] as Report
  return json({
    schemaVersion,
    result,
    conclusion,
    fingerprint,
    counts,
    reports: reports.map(keepBounds),
  })
}

function json(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`
}

/** The report within the bounds of its schema: what it has to shorten says how much is missing. */
export function keepBounds(report: Report): Report {
  const causes = report.assets.reduce((sum, asset) => sum + asset.causes.length, 0)
  const share = Math.floor(MOST_OF_CAUSES / Math.max(causes, 1))
  const mostOfCause = Math.min(MOST_TEXT, Math.max(LEAST_OF_CAUSE, share))
  return reportSchema(shortenTo(mostOfCause)).parse(report)
}

function shortenTo(mostOfCause: number): ReportBounds {
  return {
    text: z.string().overwrite((text) => shortenText(text, MOST_TEXT)),
    cause: (schema) =>
      schema.transform((cause) => ({ ...cause, detail: shortenDetail(cause, mostOfCause) })),
    word: z.string().overwrite(plainWord),
    // What is no file of the repository is no place to look at.
    file: repositoryPath.nullable().catch(null),
  }
}

/** Room for how much is missing. */
const ROOM = 40

function shortenText(text: string, most: number): string {
  if (text.length <= most) return text
  const kept = text.slice(0, most - ROOM).replace(/[\ud800-\udbff]$/, '')
  return `${kept}… (${thousands(text.length - kept.length)} more characters)`
}

/** A list keeps whole items, so that a document can still say how many there are. */
function shortenDetail(cause: Cause, most: number): string {
  if (cause.detail.length <= most) return cause.detail
  const items = itemsOf(cause)
  let length = 0
  const end = items.findIndex((item) => {
    length += item.length + ', '.length
    return length > most - ROOM
  })
  if (items.length === 1 || end <= 0) return shortenText(cause.detail, most)
  return [...items.slice(0, end), moreItems(countItems(items.slice(end)))].join(', ')
}

/** A version may hold anything. */
function plainWord(text: string): string {
  return PLAIN_WORD.test(text) ? text : text.slice(0, 60).replaceAll(/[^\w.+!-]/g, '-') || '-'
}
