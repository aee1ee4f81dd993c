import type { Manifest } from '../sqlmesh/manifest.ts'
import type { AssetGraph } from './asset.ts'
import { type Collision, deriveAssetGraph } from './assetGraph.ts'
import { asIfWired, definedGraph, type Wired, wiringOf } from './definedGraph.ts'
import type { Definitions } from './definitions.ts'
import type { KeyScheme } from './integrations/integration.ts'

/** What was loaded of one commit. */
export type Loaded = {
  /** null if the commit has no SQLMesh project. */
  readonly manifest: Manifest | null
  /** null if they were not asked for. */
  readonly definitions: Definitions | null
}

/** Both commits' assets as they are compared. */
export type Graphs = {
  readonly base: AssetGraph
  readonly head: AssetGraph
  readonly collisions: readonly Collision[]
  /** Whether code changes of head will show in Dagster; unknown without definitions. */
  readonly wired: Wired
}

const NONE: ReturnType<typeof deriveAssetGraph> = { graph: new Map(), collisions: [] }

/**
 * Assets by the rules of the integration, or, with definitions, Dagster's own. Where those give no
 * code version to any SQLMesh asset of head, each asset gets its model's `data_hash` all the same:
 * what changes is worth knowing although Dagster will not show it.
 *
 * @param scheme null only with definitions, where the integration is not known
 */
export function assetGraphs(base: Loaded, head: Loaded, scheme: KeyScheme | null): Graphs {
  if (base.definitions === null || head.definitions === null) {
    const derive = ({ manifest }: Loaded) =>
      manifest === null || scheme === null ? NONE : deriveAssetGraph(manifest, scheme)
    const [before, after] = [derive(base), derive(head)]
    return {
      base: before.graph,
      head: after.graph,
      collisions: [...before.collisions, ...after.collisions],
      wired: 'unknown',
    }
  }
  const before = definedGraph(base.definitions, base.manifest, scheme)
  const after = definedGraph(head.definitions, head.manifest, scheme)
  const wired = wiringOf(after, head.manifest)
  const shown = (graph: AssetGraph, { manifest }: Loaded) =>
    wired === 'no' ? asIfWired(graph, manifest) : graph
  return { base: shown(before, base), head: shown(after, head), collisions: [], wired }
}

/** How many assets a commit has that something materializes. */
export function assetCount(graph: AssetGraph): number {
  return [...graph.values()].filter((asset) => !asset.external && !asset.neverMaterialized).length
}

/**
 * The head's assets with the base's code version where only the load itself moved it.
 *
 * @param models fqns of those models
 */
export function ignoreUnstable(graphs: Graphs, models: ReadonlySet<string>): Graphs {
  const steady = [...graphs.head].map(([id, asset]) => {
    const before = graphs.base.get(id)
    const moved = before !== undefined && asset.models.some((fqn) => models.has(fqn))
    return [id, moved ? { ...asset, codeVersion: before.codeVersion } : asset] as const
  })
  return { ...graphs, head: new Map(steady) }
}
