import { z } from 'zod'
import type { LiveAsset } from '../dagster/live/liveAsset.ts'
import { repositoryPath } from '../interpreter/answerEnvelope.ts'
import { Failure } from '../platform/failure.ts'
import { PART_KINDS } from '../sqlmesh/manifest.ts'
import { fingerprintOf, isShortFor } from './fingerprint.ts'
import type { Report } from './model.ts'

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
  const parsed = report.safeParse(json)
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

const text = z.string().max(20_000)
const name = z.string().max(2000)
const sha = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'is not a full commit SHA')
const word = z.string().regex(/^[\w.+!-]{1,60}$/, 'is not a plain word')
const count = z.int().nonnegative()
/** Ends up in addresses, where a browser would resolve `..`. */
const file = name.pipe(repositoryPath).nullable()
const key = z.array(name).min(1).max(50)
const sides = z.strictObject({ base: name.nullable(), head: name.nullable() })
const commit = z.strictObject({ sha: sha.nullable(), ref: name.nullable() })

const instant = z.iso.datetime()
const shared = count.nullable()
const live: z.ZodType<LiveAsset> = z.strictObject({
  asOf: instant,
  status: z.enum(['synced', 'unsynced', 'neverMaterialized', 'absent']).nullable(),
  reasons: z.array(z.enum(['code', 'dependencies', 'data'])).max(3),
  codeVersion: name.nullable(),
  running: z.boolean(),
  lastRunFailed: z.boolean(),
  lastMaterialization: z
    .strictObject({
      at: instant,
      runId: name.nullable(),
      step: name.nullable(),
      seconds: z.number().nonnegative().max(1e9).nullable(),
      sharedWith: shared,
    })
    .nullable(),
  partitions: z
    .strictObject({
      total: count,
      materialized: count,
      failed: count,
      running: count,
      unsynced: shared,
    })
    .nullable(),
  // Never a link by itself: the renderer makes that from the input `dagster-url`.
  url: name.nullable(),
})

const asset = z.strictObject({
  key,
  model: name.nullable(),
  status: z.enum(['unsynced', 'afterUpstream', 'new', 'removed']),
  reasons: z.array(z.enum(['code', 'dependencies', 'data'])).max(3),
  codeVersion: sides,
  parents: z.strictObject({ added: z.array(key), removed: z.array(key) }),
  causes: z
    .array(
      z.strictObject({
        kind: z.enum([...PART_KINDS, 'formatting', 'sqlmesh-upgrade', 'unknown']),
        detail: text,
        file,
      }),
    )
    .max(1000),
  formattingOnly: z.boolean(),
  modelKind: z
    .string()
    .regex(/^\w{1,60}$/, 'is not a kind')
    .nullable(),
  path: file,
  partitions: z
    .strictObject({ scope: z.enum(['every', 'mapped']), count: count.nullable() })
    .nullable()
    // Older releases did not write it.
    .default(null),
  wave: count,
  waitsFor: z.array(key),
  confidence: z.enum(['certain', 'expected', 'possible']),
  live: z.exactOptional(live),
})

const report: z.ZodType<Report> = z.strictObject({
  schemaVersion: z.literal(1),
  result: z.enum(['synced', 'unsynced', 'error']),
  conclusion: z.enum(['success', 'failure']),
  fingerprint: z.string().regex(/^([0-9a-f]{12}|[0-9a-f]{32})?$/, 'is not a fingerprint'),
  base: commit,
  head: commit,
  project: name,
  sqlmesh: sides,
  integration: z.strictObject({
    name: word.nullable(),
    version: word.nullable(),
    wired: z.enum(['yes', 'no', 'unknown']),
  }),
  counts: z
    .strictObject({
      base: count.nullable(),
      head: count.nullable(),
      unsynced: count,
      afterUpstream: count,
      new: count,
      removed: count,
      formattingOnly: count,
    })
    .nullable(),
  assets: z.array(asset),
  notices: z
    .array(z.strictObject({ level: z.enum(['info', 'warning']), code: word, message: text }))
    .max(1000),
  error: z
    .strictObject({
      side: z.enum(['base', 'head']).nullable(),
      code: word,
      message: text,
      hint: text.nullable(),
      file,
    })
    .nullable(),
})

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
