import { z } from 'zod'
import { repositoryPath } from '../interpreter/answerEnvelope.ts'
import { CAUSE_KINDS, type Cause } from '../sqlmesh/changes.ts'

export const SCHEMA_VERSION = 1
/** Of a JSON report: 20,000 assets fit, each with a long cause. */
export const MOST_BYTES = 128 * 1024 * 1024
/** Values of a JSON report, how many of them an asset has, and how deep they lie. 20,000 assets have a million or two. */
export const MOST_VALUES = 8_000_000
export const MOST_OF_ASSET = 50_000
export const MOST_DEPTH = 20
/** Characters of a text. Names have no bound of their own, because a shorter one would be another name. */
export const MOST_TEXT = 20_000

/** What becomes of a value that is out of bounds: the reader refuses it, the writer makes it fit. */
export type ReportBounds = {
  /** At most `MOST_TEXT`. */
  readonly text: z.ZodType<string, string>
  /** A cause whose detail is a text. */
  readonly cause: (schema: z.ZodType<Cause, Cause>) => z.ZodType<Cause, Cause>
  /** What fits a table's cell as it is: a version, a code of ours. */
  readonly word: z.ZodType<string, string>
  /** Ends up in addresses, where a browser would resolve `..`. */
  readonly file: z.ZodType<string | null, string | null>
}

export const PLAIN_WORD = /^[\w.+!-]{1,60}$/

export const REFUSE: ReportBounds = {
  text: z.string().max(MOST_TEXT),
  cause: (schema) =>
    schema.refine(({ detail }) => detail.length <= MOST_TEXT, {
      path: ['detail'],
      error: 'is too long',
    }),
  word: z.string().regex(PLAIN_WORD, 'is not a plain word'),
  file: repositoryPath.nullable(),
}

/**
 * The JSON report. The same two commits always give byte-equal JSON, but for what a running Dagster says.
 * Fields that are not known here are left out, as a later release may have written them.
 */
export function reportSchema({ text, cause, word, file }: ReportBounds) {
  const name = z.string()
  const count = z.int().nonnegative()
  const key = z.array(name)
  const reasons = z.array(z.enum(['code', 'dependencies', 'data']))
  const sides = z.object({ base: name.nullable(), head: name.nullable() })
  const sha = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'is not a full commit SHA')
  const commit = z.object({ sha: sha.nullable(), ref: name.nullable() })
  const instant = z.iso.datetime()

  /** A `LiveAsset`. */
  const live = z.object({
    asOf: instant,
    status: z.enum(['synced', 'unsynced', 'neverMaterialized', 'absent']).nullable(),
    reasons,
    codeVersion: name.nullable(),
    running: z.boolean(),
    lastRunFailed: z.boolean(),
    lastMaterialization: z
      .object({
        at: instant,
        runId: name.nullable(),
        step: name.nullable(),
        seconds: z.number().nonnegative().max(1e9).nullable(),
        sharedWith: count.nullable(),
      })
      .nullable(),
    partitions: z
      .object({
        total: count,
        materialized: count,
        failed: count,
        running: count,
        unsynced: count.nullable(),
      })
      .nullable(),
    // Never a link by itself: the renderer makes that from the input `dagster-url`.
    url: name.nullable(),
  })

  /** One row: an asset that deploying head affects. */
  const asset = z.object({
    key,
    model: name.nullable(),
    status: z.enum(['unsynced', 'afterUpstream', 'new', 'removed']),
    reasons,
    codeVersion: sides,
    parents: z.object({ added: z.array(key), removed: z.array(key) }),
    causes: z.array(cause(z.object({ kind: z.enum(CAUSE_KINDS), detail: z.string(), file }))),
    formattingOnly: z.boolean(),
    modelKind: word.nullable(),
    path: file,
    /** null for an asset without. Older releases did not write it. */
    partitions: z
      .object({ scope: z.enum(['every', 'mapped']), count: count.nullable() })
      .nullable()
      .default(null),
    wave: count,
    waitsFor: z.array(key),
    confidence: z.enum(['certain', 'expected', 'possible']),
    /** What a running Dagster says of it; absent where none was asked, or it did not tell. */
    live: z.exactOptional(live),
  })

  const counts = z.object({
    /** Models of each commit; null where none had to be loaded, so that nobody counted. */
    base: count.nullable(),
    head: count.nullable(),
    unsynced: count,
    afterUpstream: count,
    new: count,
    removed: count,
    formattingOnly: count,
  })

  return z.object({
    schemaVersion: z.literal(
      SCHEMA_VERSION,
      'is not the one that this version of the action reads',
    ),
    result: z.enum(['synced', 'unsynced', 'error']),
    conclusion: z.enum(['success', 'failure']),
    fingerprint: z.string().regex(/^([0-9a-f]{12}|[0-9a-f]{32})?$/, 'is not a fingerprint'),
    base: commit,
    head: commit,
    project: name,
    sqlmesh: sides,
    integration: z.object({
      name: word.nullable(),
      version: word.nullable(),
      wired: z.enum(['yes', 'no', 'unknown']),
    }),
    /** null when no comparison was made: an unknown count is not zero. */
    counts: counts.nullable(),
    assets: z.array(asset),
    notices: z.array(z.object({ level: z.enum(['info', 'warning']), code: word, message: text })),
    error: z
      .object({
        side: z.enum(['base', 'head']).nullable(),
        code: word,
        message: text,
        hint: text.nullable(),
        file,
      })
      .nullable(),
  })
}

type Immutable<T> = T extends object ? { readonly [Name in keyof T]: Immutable<T[Name]> } : T

export type Report = Immutable<z.infer<ReturnType<typeof reportSchema>>>
export type ReportAsset = Report['assets'][number]
export type Notice = Report['notices'][number]
export type Counts = NonNullable<Report['counts']>
export type Commit = Report['base']
export type ReportError = NonNullable<Report['error']>
