import { Failure } from '../platform/failure.ts'
import { fingerprintOf, isShortFor } from './fingerprint.ts'
import { REFUSE, type Report, reportSchema } from './model.ts'

const readable = reportSchema(REFUSE)

/**
 * The JSON report of an earlier job as a Report. Project code may have written it, so nothing in it
 * is believed that can be checked: its numbers and its fingerprint must follow from its rows.
 *
 * @param name what to call it in an error
 * @throws Failure `report` that says what is wrong
 */
export function parseReport(text: string, name: string): Report {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw refused(name, 'it is not JSON', cause)
  }
  const parsed = readable.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const where = issue?.path.map(String).join('.') || 'the document'
    throw refused(name, `${where}: ${issue?.message ?? 'is not valid'}`, parsed.error)
  }
  const contradiction = contradictionIn(parsed.data)
  if (contradiction !== null) throw refused(name, contradiction)
  // What it says of itself may have been written by an older release, in fewer digits.
  return { ...parsed.data, fingerprint: fingerprintOf(parsed.data.assets) }
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
