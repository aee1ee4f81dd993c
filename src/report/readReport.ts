import type { z } from 'zod'
import { Failure } from '../platform/failure.ts'
import { fingerprintOf, isShortFor } from './fingerprint.ts'
import {
  MOST_DEPTH,
  MOST_OF_ASSET,
  MOST_VALUES,
  REFUSE,
  type Report,
  reportSchema,
} from './model.ts'

const readable = reportSchema(REFUSE)

/**
 * The JSON report of an earlier job as a Report. Project code may have written it, so nothing in it
 * is believed that can be checked: its numbers and its fingerprint must follow from its rows.
 *
 * @param name what to call it in an error
 * @throws Failure `report` that says what is wrong
 */
export function parseReport(text: string, name: string): Report {
  // Before anything is made of it that takes many times its size.
  if (!isModest(text)) {
    throw refused(name, 'it has more values, or deeper ones, than a report')
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw refused(name, 'it is not JSON', cause)
  }
  const { assets, ...rest } = Object(json) as { assets?: unknown }
  const rows = Array.isArray(assets) ? assets : []
  const head = accepted(readable, Array.isArray(assets) ? { ...rest, assets: [] } : json, name, [])
  // One after the other, so that the first that is wrong ends it.
  const row = readable.shape.assets.element
  const parsed = rows.map((one, index) => accepted(row, one, name, ['assets', index]))
  const report: Report = { ...head, assets: parsed }
  const contradiction = contradictionIn(report)
  if (contradiction !== null) throw refused(name, contradiction)
  // What it says of itself may have been written by an older release, in fewer digits.
  return { ...report, fingerprint: fingerprintOf(report.assets) }
}

/** @throws Failure `report` where the schema refuses it, or would have too much to say */
function accepted<T>(
  schema: z.ZodType<T>,
  value: unknown,
  name: string,
  at: readonly PropertyKey[],
): T {
  const nameOf = (path: readonly PropertyKey[]) => path.map(String).join('.') || 'the document'
  if (valuesIn(value) > MOST_OF_ASSET) throw refused(name, `${nameOf(at)}: has too many values`)
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const where = nameOf([...at, ...(issue?.path ?? [])])
  throw refused(name, `${where}: ${issue?.message ?? 'is not valid'}`, parsed.error)
}

/** Whether a text, if it is JSON, has no more values and no deeper ones than a report. */
function isModest(text: string): boolean {
  let [values, depth, inString] = [1, 0, false]
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (inString) {
      if (char === '\\') at += 1
      else inString = char !== '"'
      continue
    }
    if (char === '"') inString = true
    else if (char === ']' || char === '}') depth -= 1
    else if (char === ',') values += 1
    else if (char === '[' || char === '{') [values, depth] = [values + 1, depth + 1]
    if (values > MOST_VALUES || depth > MOST_DEPTH) return false
  }
  return true
}

/** How many values there are in one, itself included. It is no deeper than `MOST_DEPTH`. */
function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((sum: number, one) => sum + valuesIn(one), 1)
}

function refused(name: string, why: string, cause?: unknown): Failure {
  return new Failure('report', `${name} is not a report that this version can use: ${why}.`, {
    hint: 'Use the JSON report as `mode: compute` of the same version wrote it, unchanged.',
    cause,
  })
}

/** What a report says of itself that its rows do not bear out; null if nothing. */
function contradictionIn({ result, counts, assets, error, fingerprint }: Report): string | null {
  if (result === 'error') {
    const empty = counts === null && assets.length === 0 && fingerprint === ''
    return error !== null && empty ? null : 'it is an error and a comparison at once'
  }
  if (error !== null || counts === null) return 'it is a comparison and an error at once'
  const having = (status: string) => assets.filter((row) => row.status === status).length
  const counted =
    counts.unsynced === having('unsynced') &&
    counts.afterUpstream === having('afterUpstream') &&
    counts.new === having('new') &&
    counts.removed === having('removed') &&
    counts.formattingOnly === assets.filter((row) => row.formattingOnly).length
  if (!counted) return 'its counts are not those of its assets'
  if ((result === 'unsynced') !== counts.unsynced > 0) return 'its result is not that of its assets'
  if (new Set(assets.map((row) => JSON.stringify(row.key))).size < assets.length) {
    return 'it lists an asset twice'
  }
  const whole = fingerprintOf(assets)
  const borneOut = fingerprint === whole || isShortFor(fingerprint, whole)
  return borneOut ? null : 'its fingerprint is not that of its assets'
}
