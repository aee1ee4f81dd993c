import path from 'node:path'
import { z } from 'zod'
import { answerOf, repositoryPath } from '../interpreter/answerEnvelope.ts'
import { askPython, type Printed } from '../interpreter/askProcess.ts'
import type { Side } from '../platform/failure.ts'
import { entryPoint } from '../platform/shippedPython.ts'
import type { Confine } from '../sandbox/sandbox.ts'
import { MODULES } from './integrations/registry.ts'

const asset = z.strictObject({
  key: z.array(z.string()),
  /** Dagster's `code_version`; null or "" = none. */
  codeVersion: z.string().nullable(),
  /** Keys of the assets it depends on. */
  parents: z.array(z.array(z.string())),
  /** For each of them a place in `mappings`; null where it has no partitions. */
  reads: z.array(z.int().nonnegative().nullable()),
  group: z.string().nullable(),
  kinds: z.array(z.string()),
  /** Metadata `dagster/table_name`: the table that the asset is, `catalog.schema.name`. */
  tableName: z.string().nullable(),
  /** A place in `partitions`; null where it has none. */
  partitions: z.int().nonnegative().nullable(),
  /** Nothing materializes it: a source, an observed asset, or a stub. */
  external: z.boolean(),
  /** Dagster 1.13's virtual assets, which pass staleness through. */
  virtual: z.boolean(),
})

const partitions = z.strictObject({
  /** Those that are looked at, in the definition's order. */
  keys: z.array(z.string()),
  /** They are all. */
  complete: z.boolean(),
  /** How many there are; null where time or an instance adds some. */
  count: z.int().nonnegative().nullable(),
  /** Of all keys, so that two commits' definitions can be compared. */
  digest: z.string(),
})

const mapping = z.strictObject({
  /** False where only a running instance could tell what it gives, or Dagster itself cannot. */
  resolved: z.boolean(),
  /** False where stale statuses do not look at the parent. */
  tracked: z.boolean(),
  /**
   * Places among the parent's partitions, -1 for one that is not looked at; null for 100 and more, which
   * stale statuses do not look at.
   */
  rows: z.array(z.array(z.int().min(-1)).nullable()),
  /** For each own partition, or the asset without partitions, a place in `rows`. */
  of: z.array(z.int().nonnegative()),
})

const definitions = z.strictObject({
  versions: z.strictObject({ python: z.string(), dagster: z.string() }),
  /** The file that was loaded, relative to the repository root. */
  file: repositoryPath.nullable(),
  /** Which of `MODULES` they imported. */
  imported: z.array(z.string()),
  /** Sorted by key; with a stub for every parent that is not defined. */
  assets: z.array(asset),
  partitions: z.array(partitions),
  mappings: z.array(mapping),
  notices: z.array(z.strictObject({ code: z.string(), message: z.string() })),
})

const answer = answerOf({ definitions })

/** What one commit's Dagster definitions say of their assets. */
export type Definitions = z.infer<typeof definitions>
export type DefinedAsset = Definitions['assets'][number]

/** Where the definitions are: a file or a module, and the object in it where there are several. */
export type DefinitionsTarget = {
  /** Relative to the repository root, with forward slashes; null with a module. */
  readonly file: string | null
  readonly module: string | null
  readonly attribute: string | null
}

/** One commit's load. */
type Load = {
  readonly side: Side
  /** Absolute path of the interpreter. */
  readonly python: string
  /** Absolute folder with the commit's files. */
  readonly tree: string
  /** The user's checkout: imports that lead there are led to `tree` instead. */
  readonly workspace: string
  /** Absolute private folder for the Dagster instance. */
  readonly scratch: string
  readonly target: DefinitionsTarget
  /** Which partitions there are by now, in seconds since 1970. */
  readonly at: number
  readonly timeoutSeconds: number
  readonly environment: NodeJS.ProcessEnv
  /** Names of the variables that the project was given. */
  readonly given: readonly string[]
  readonly confine: Confine
}

const ENTRY = entryPoint('definitions')

/**
 * Loads one commit's Dagster definitions in a process of their own, with a temporary DAGSTER_HOME.
 * No asset is materialized.
 *
 * @param onPrinted gets the tail of what the load printed, if it fails
 * @throws Failure that names the side: `load-failed`, `environment`, `config`, `timeout`, `protocol`
 */
export async function loadDefinitions(
  load: Load,
  onPrinted: (printed: Printed) => void,
): Promise<Definitions> {
  const { side, python, tree, workspace, target, at, timeoutSeconds, given, confine } = load
  const environment = { ...load.environment, DAGSTER_HOME: path.join(load.scratch, 'dagster') }
  const start = {
    python,
    entry: ENTRY,
    folder: tree,
    environment,
    given,
    confine,
    timeoutSeconds,
  }
  const what = `Loading the definitions of ${side}`
  const request = { question: 'definitions', tree, workspace, target, at, modules: MODULES }
  return (await askPython(start, { side, what, request }, answer, { onPrinted })).definitions
}
