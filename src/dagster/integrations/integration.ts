import type { Model } from '../../sqlmesh/manifest.ts'
import type { AssetKey } from '../assetKeys.ts'

/**
 * All that is known of a Python package that makes Dagster assets of SQLMesh models, or of a team's own way to do
 * that. What depends on the package's version takes it; null = not known.
 */
export type Integration = {
  /** As the input `integration` and the report name it. */
  readonly name: string
  /** As pip and as Python name it; null where it is a team's own. */
  readonly package: { readonly distribution: string; readonly module: string } | null
  /** null where only definitions know the keys. */
  readonly keys: KeyScheme | null
  /**
   * What it gives Dagster as an asset's data version when it materializes: SQLMesh's snapshot version, or nothing,
   * so that the version is Dagster's own.
   */
  readonly dataVersions: (version: string | null) => 'snapshot' | 'dagster'
  /** Whether it gives each asset its model's data hash as code version. */
  readonly setsCodeVersions: (version: string | null) => boolean
  /** Python that does so where it does not; null where that depends on a team's own code. */
  readonly remedy: string | null
  /** Why SQLMesh's plan has to be applied before its assets are materialized; null where that is not so. */
  readonly whyPlanFirst: string | null
  /** Dagster's selection of all assets that it makes; null where there is none. */
  readonly selection: string | null
  /** Whether the first step of a run materializes all that the run selects, so that only the run has a duration. */
  readonly runsInOneStep: (version: string | null) => boolean
}

/** How an integration names assets. */
export type KeyScheme = {
  /** True if tables that the project declares as external are assets, and not only stubs. */
  readonly declaredExternalsAreAssets: boolean
  readonly modelKey: (model: Model) => AssetKey
  /**
   * The key of a table that a model reads.
   *
   * @param model the model behind `fqn`, or null when the project knows none
   */
  readonly dependencyKey: (fqn: string, model: Model | null) => AssetKey
}
