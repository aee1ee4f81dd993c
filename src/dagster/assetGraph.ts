import type { Manifest, Model } from '../sqlmesh/manifest.ts'
import type { Asset, AssetGraph } from './asset.ts'
import { type AssetKey, compareKeys, keyId } from './assetKeys.ts'
import type { KeyScheme } from './integrations/integration.ts'

/** Several models that share one asset key: Dagster would refuse such definitions. */
export type Collision = { readonly key: AssetKey; readonly models: readonly string[] }

/**
 * The assets that the integration makes of a project's models, wired as ADR-0007 says
 * (`code_version` = `data_hash`; an empty one is none).
 */
export function deriveAssetGraph(
  manifest: Manifest,
  scheme: KeyScheme,
): { readonly graph: AssetGraph; readonly collisions: readonly Collision[] } {
  const models = new Map(manifest.models.map((model) => [model.fqn, model]))
  const byKey = new Map<string, Model[]>()
  for (const model of manifest.models) {
    if (model.external && !scheme.declaredExternalsAreAssets) continue
    const id = keyId(scheme.modelKey(model))
    byKey.set(id, [...(byKey.get(id) ?? []), model])
  }
  const graph = new Map<string, Asset>()
  const collisions: Collision[] = []
  for (const [id, sharing] of byKey) {
    const key = scheme.modelKey(sharing[0] as Model)
    graph.set(id, assetOf(key, sharing, models, scheme))
    if (sharing.length > 1) collisions.push({ key, models: sharing.map((model) => model.fqn) })
  }
  addStubs(graph)
  return { graph, collisions }
}

/** Models that share a key are kept together, so that a change of any of them still shows. */
function assetOf(
  key: AssetKey,
  sharing: readonly Model[],
  models: ReadonlyMap<string, Model>,
  scheme: KeyScheme,
): Asset {
  const parents = new Map<string, AssetKey>()
  for (const fqn of sharing.flatMap((model) => model.dependsOn)) {
    const parent = scheme.dependencyKey(fqn, models.get(fqn) ?? null)
    parents.set(keyId(parent), parent)
  }
  const versions = sharing.map((model) => model.dataHash ?? '').filter((hash) => hash !== '')
  return {
    key,
    models: sharing.map((model) => model.fqn),
    codeVersion: versions.length === 0 ? null : versions.join('+'),
    parents: [...parents.values()].sort(compareKeys),
    external: false,
    neverMaterialized: sharing.every((model) => model.external),
    partitions: null,
  }
}

const STUB = {
  models: [],
  codeVersion: null,
  parents: [],
  external: true,
  neverMaterialized: true,
  partitions: null,
} as const

function addStubs(graph: Map<string, Asset>): void {
  for (const asset of [...graph.values()]) {
    for (const key of asset.parents) {
      if (!graph.has(keyId(key))) graph.set(keyId(key), { ...STUB, key })
    }
  }
}

/** Ids so that every asset comes after its parents (a cycle, which Dagster refuses, is cut). */
export function parentsFirst(graph: AssetGraph): readonly string[] {
  const order = new Set<string>()
  const open = new Set<string>()
  for (const start of graph.keys()) {
    const stack = [start]
    while (stack.length > 0) {
      const id = stack.at(-1) as string
      const parents = graph.get(id)?.parents.map(keyId) ?? []
      const next = parents.filter((parent) => !order.has(parent) && !open.has(parent))
      open.add(id)
      if (next.length === 0 || order.has(id)) {
        order.add(id)
        stack.pop()
      } else {
        stack.push(...next)
      }
    }
  }
  return [...order]
}
