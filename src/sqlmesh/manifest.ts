import { z } from 'zod'
import { answerOf, repositoryPath } from '../interpreter/answerEnvelope.ts'

/**
 * The catalog in the names of models, and of what they read, where it is not known: it stands in both, so that they
 * find each other (load/catalogs.py). Engines write it in their own case.
 */
export const UNKNOWN_CATALOG = 'unknown_catalog'

/** Which ingredient of a model's `data_hash` a part is (cause kinds of the JSON report). */
export const PART_KINDS = [
  'query',
  'columns',
  'kind',
  'partitioning',
  'interval-unit',
  'statements',
  'macro',
  'jinja',
  'python',
  'seed',
  'properties',
  'variables',
] as const

const part = z.strictObject({
  kind: z.enum(PART_KINDS),
  /** What it is called, e.g. `query`, `pre-statement 1`, `@to_usd`, `partitioned_by`. Unique with `kind`. */
  name: z.string(),
  /** Where it is written, relative to the repository root with forward slashes. */
  file: repositoryPath.nullable(),
  /** Digest of exactly what enters the `data_hash`. */
  digest: z.string(),
  /** Digest that formatting, comments and file moves leave alone; null where there is no such form. */
  canonical: z.string().nullable(),
  /** Printable form of a short setting (at most 200 characters); null for code and text. */
  value: z.string().nullable(),
  /** Of a query: digest of each clause of the outer SELECT by its name (`WHERE`, `JOIN`, `CTE orders`). */
  clauses: z.record(z.string(), z.string()).nullable(),
  /** Of a query: names of the outer projections; of columns: names and types. In order; null when they cannot be told. */
  projections: z.array(z.string()).nullable(),
  /** Whether it tells why a hash moved only where no other part does: an order, the columns of a parent. */
  onlyAlone: z.boolean(),
})

const model = z.strictObject({
  /** SQLMesh's fully qualified name, quoted: `"catalog"."schema"."view"`. */
  fqn: z.string(),
  /** The name as the project writes it. */
  name: z.string(),
  /** Parts of the fqn, unquoted; `catalog` is "" where the engine has none. */
  catalog: z.string(),
  schema: z.string(),
  view: z.string(),
  /** SQLMesh's `data_hash`; null when the installed SQLMesh gives none. */
  dataHash: z.string().nullable(),
  /**
   * Digest of all that the `data_hash` is a CRC32 of, so that two texts with one hash are told apart;
   * null before SQLMesh 0.213.
   */
  ingredients: z.string().nullable(),
  /** SQLMesh kind name, e.g. `INCREMENTAL_BY_TIME_RANGE`. */
  kind: z.string(),
  external: z.boolean(),
  incremental: z.boolean(),
  /** File that defines it, relative to the repository root; null when SQLMesh knows none. */
  path: repositoryPath.nullable(),
  /** fqns of `depends_on`, sorted; may name tables that are no models. */
  dependsOn: z.array(z.string()),
  dialect: z.string(),
  cron: z.string(),
  intervalUnit: z.string(),
  owner: z.string().nullable(),
  tags: z.array(z.string()),
  /** Why a change keeps the `snapshot.version` (facts: SQLMesh `Snapshot.categorize_as`); null = it does not. */
  reusesVersion: z.enum(['forward-only', 'pinned', 'no-virtual-environment']).nullable(),
  /** Every change above such a view gives it a new version (SQLMesh `PlanBuilder._categorize_snapshot`). */
  materializedView: z.boolean(),
  /**
   * Constants whose text differs elsewhere: a set has no fixed order, a path has the folder in it. The
   * loads of both commits see the same, other processes do not.
   */
  restless: z.array(z.strictObject({ name: z.string(), why: z.enum(['order', 'path']) })),
  parts: z.array(part),
})

const notice = z.strictObject({ code: z.string(), message: z.string() })

const manifest = z.strictObject({
  versions: z.strictObject({
    python: z.string(),
    sqlmesh: z.string(),
    sqlglot: z.string(),
    dagster: z.string().nullable(),
    /** Of the distributions that were asked about, by name; null = not installed. */
    integrations: z.record(z.string(), z.string().nullable()),
  }),
  /** The gateway that was selected. */
  gateway: z.string(),
  /** Of that gateway; `UNKNOWN_CATALOG` where it is not known, null where the engine has none. */
  defaultCatalog: z.string().nullable(),
  /** Gateways whose catalog only their server knows, or a variable that is not set here. */
  unknownCatalogs: z.array(z.strictObject({ gateway: z.string(), connection: z.string() })),
  /** `fast`: the loaders alone (SQLMesh 0.213 and newer). `full`: SQLMesh's own load. */
  loader: z.enum(['fast', 'full']),
  /** False if only the files were loaded that differ between the commits, and what reads them. */
  complete: z.boolean(),
  /** How many models there are besides; null = not counted. */
  others: z.int().nonnegative().nullable(),
  /** Sorted by fqn. */
  models: z.array(model),
  /**
   * What SQLMesh's own `Context` raises of a project whose models its loaders give: its words, and the file
   * that they are about. The code location does not load then. null = it raises nothing.
   */
  refused: z
    .strictObject({
      message: z.string(),
      file: repositoryPath.nullable(),
      hint: z.string().nullable(),
    })
    .nullable(),
  notices: z.array(notice),
})

/** The one JSON document that manifest.py writes. */
export const probeAnswer = answerOf({ manifest })

/** What one commit's SQLMesh project says of its models. */
export type Manifest = z.infer<typeof manifest>
export type Model = z.infer<typeof model>
export type Part = z.infer<typeof part>
