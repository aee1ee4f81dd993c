import { z } from 'zod'

/*
 * Dagster's GraphQL is not a stable interface, and its answers are a stranger's text. So a value that
 * is absent, or not what it was in the versions that are tested, is null: not known.
 */

const orNull = <T>(schema: z.ZodType<T>) => schema.nullable().catch(null)
/** Items that are not what they should be are left out; the others stand. */
const list = <T>(schema: z.ZodType<T>) =>
  z
    .array(orNull(schema))
    .catch([])
    .transform((items) => items.filter((item): item is Awaited<T> & {} => item !== null))

const word = orNull(z.string().max(200))
const flag = orNull(z.boolean())
const count = orNull(z.int().nonnegative())
/** Epoch seconds. */
const time = orNull(z.number().positive().max(1e11))
/** Ends up in questions of ours. */
const runId = orNull(z.string().regex(/^[\w-]{1,64}$/))
const key = z.object({ path: z.array(z.string().max(2000)).min(1).max(50) })

const staleStatus = z.enum(['STALE', 'FRESH', 'MISSING'])
const cause = z.object({ category: orNull(z.enum(['CODE', 'DEPENDENCIES', 'DATA'])) })

const partitionStats = z.object({
  numPartitions: count,
  numMaterialized: count,
  numFailed: count,
  numMaterializing: count,
})

const node = z.object({
  assetKey: key,
  opVersion: word,
  isPartitioned: flag,
  staleStatus: orNull(staleStatus),
  staleCauses: list(cause),
  partitionStats: orNull(partitionStats),
})

const materialization = z.object({
  runId,
  stepKey: word,
  // Epoch milliseconds, as a string.
  timestamp: orNull(z.string().regex(/^\d{1,14}([.]\d+)?$/)),
})

const latest = z.object({
  assetKey: key,
  latestMaterialization: orNull(materialization),
  inProgressRunIds: list(z.string()),
  unstartedRunIds: list(z.string()),
  latestRun: orNull(z.object({ runId, status: word })),
})

const step = z.object({
  stepKey: word,
  startTime: time,
  endTime: time,
  materializations: orNull(z.array(z.unknown())),
})

const run = z.object({ startTime: time, endTime: time, stepStats: list(step) })

/** What is known of a list of assets: by their definitions, and by what happened to them. */
export const assetsAnswer = z.object({
  assetNodes: list(node),
  assetsLatestInfo: list(latest),
})

/** What is known of runs, by the names they were asked for under. */
export const runsAnswer = z.record(z.string(), orNull(run))

/** The status of each partition of assets, by the names they were asked for under. */
export const partitionsAnswer = z.record(
  z.string(),
  orNull(z.array(z.object({ staleStatusByPartition: list(staleStatus) }))),
)

/** What every answer looks like, whatever was asked. */
export const envelope = z.object({
  data: z.unknown(),
  errors: z
    .array(z.object({ message: z.string().catch('') }))
    .nullish()
    .catch(null),
})

export type NodeAnswer = z.infer<typeof node>
export type LatestAnswer = z.infer<typeof latest>
export type RunAnswer = z.infer<typeof run>
export type PartitionsAnswer = z.infer<typeof partitionsAnswer>
