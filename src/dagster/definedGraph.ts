import type { Manifest, Model } from '../sqlmesh/manifest.ts'
import type { Asset, AssetGraph } from './asset.ts'
import { compareKeys, keyId } from './assetKeys.ts'
import type { DefinedAsset, Definitions } from './definitions.ts'
import type { KeyScheme } from './integrations/integration.ts'
import { partitionsOf } from './partitions.ts'

/** Whether SQLMesh's `data_hash` reaches Dagster as `code_version`. */
export type Wired = 'yes' | 'no' | 'unknown'

/**
 * The asset graph as Dagster itself has it, each asset linked to the SQLMesh model behind it.
 *
 * @param manifest of the same commit; null if it has no SQLMesh project
 * @param scheme of the integration; null where none is known
 */
export function definedGraph(
  { assets, ...tables }: Definitions,
  manifest: Manifest | null,
  scheme: KeyScheme | null,
): AssetGraph {
  const models = linkModels(assets, manifest?.models ?? [], scheme)
  const partitioned = partitionsOf(assets, tables)
  return new Map(
    assets.map((asset) => {
      const id = keyId(asset.key)
      return [id, { ...assetOf(asset, models.get(asset)), ...partitioned.get(id) }]
    }),
  )
}

function assetOf(asset: DefinedAsset, model: Model | undefined): Asset {
  return {
    key: asset.key,
    models: model === undefined ? [] : [model.fqn],
    // Dagster takes an empty one for none (`_get_code_version_stale_cause`).
    codeVersion: asset.codeVersion || null,
    parents: [...asset.parents].sort(compareKeys),
    external: asset.external,
    // dagster-sqlmesh makes assets of declared external models, and no run materializes them.
    neverMaterialized: asset.external || model?.external === true,
    partitions: null,
    virtual: asset.virtual,
  }
}

/** A way to recognise an asset's model: names that only that model has. */
type Link = {
  readonly ofAsset: (asset: DefinedAsset) => string | null
  readonly ofModel: (model: Model) => string | null
  /** False if an asset of another kind could have that name too. */
  readonly sure: boolean
}

/** Finds the model behind each asset by the first link, the surest first, that names exactly one. */
function linkModels(
  assets: readonly DefinedAsset[],
  models: readonly Model[],
  scheme: KeyScheme | null,
): ReadonlyMap<DefinedAsset, Model> {
  const found = new Map<DefinedAsset, Model>()
  for (const link of [TABLE, ...keyLinks(scheme), SUFFIX, DATA_HASH]) {
    const named = uniquelyNamed(models, link.ofModel)
    const taken = new Set(found.values())
    for (const asset of assets) {
      const model = named.get(link.ofAsset(asset) ?? '')
      if (model === undefined || found.has(asset) || !mayBe(asset, model, link)) continue
      if (link.sure || !taken.has(model)) found.set(asset, model)
    }
  }
  return found
}

function mayBe({ external, kinds }: DefinedAsset, model: Model, { sure }: Link): boolean {
  const saysSqlmesh = kinds.includes('sqlmesh')
  // What another tool loads into a table that SQLMesh calls external is that tool's asset.
  if (model.external) return !external && saysSqlmesh
  return !external && (sure || saysSqlmesh || kinds.length === 0)
}

/** dg-sqlmesh 1.x writes `catalog.schema.name` into the metadata of each asset. */
const TABLE: Link = {
  sure: true,
  ofAsset: ({ tableName }) => tableName,
  ofModel: ({ catalog, schema, view }) => [catalog, schema, view].filter((part) => part).join('.'),
}

function keyLinks(scheme: KeyScheme | null): Link[] {
  const ofAsset = ({ key }: DefinedAsset) => keyId(key)
  const plain: Link = {
    sure: true,
    ofAsset,
    ofModel: ({ catalog, schema, view }) => keyId([catalog, schema, view]),
  }
  if (scheme === null) return [plain]
  return [{ sure: true, ofAsset, ofModel: (model) => keyId(scheme.modelKey(model)) }, plain]
}

/** Keys of one's own making mostly end like the table. */
const SUFFIX: Link = {
  sure: false,
  ofAsset: ({ key }) => (key.length < 2 ? null : keyId(key.slice(-2))),
  ofModel: ({ schema, view, external }) => (external ? null : keyId([schema, view])),
}

/** A wired asset carries its model's hash, whatever its key. */
const DATA_HASH: Link = {
  sure: false,
  ofAsset: ({ codeVersion }) => codeVersion,
  ofModel: ({ dataHash, external }) => (external ? null : dataHash),
}

function uniquelyNamed(
  models: readonly Model[],
  nameOf: (model: Model) => string | null,
): ReadonlyMap<string, Model> {
  const named = new Map<string, Model | null>()
  for (const model of models) {
    const name = nameOf(model)
    if (name) named.set(name, named.has(name) ? null : model)
  }
  return new Map([...named].filter((entry): entry is [string, Model] => entry[1] !== null))
}

/** Data hashes of a manifest's models by fqn; without those that have none. */
function dataHashes(manifest: Manifest | null): ReadonlyMap<string, string> {
  const hashed = (manifest?.models ?? []).filter(({ dataHash }) => dataHash)
  return new Map(hashed.map(({ fqn, dataHash }) => [fqn, dataHash as string]))
}

/**
 * - `yes`: every SQLMesh asset's code version is its model's `data_hash`
 * - `no`: none of them has a code version, so Dagster flags no change of their code
 * - `unknown`: anything else, such as versions of the user's own making
 */
export function wiringOf(graph: AssetGraph, manifest: Manifest | null): Wired {
  const hashes = dataHashes(manifest)
  const assets = [...graph.values()].filter(
    ({ neverMaterialized, models }) => !neverMaterialized && hashes.has(models[0] ?? ''),
  )
  if (assets.length === 0) return 'unknown'
  if (assets.every(({ codeVersion }) => codeVersion === null)) return 'no'
  const carried = assets.every(({ codeVersion, models }) => {
    return codeVersion === hashes.get(models[0] as string)
  })
  return carried ? 'yes' : 'unknown'
}

/** The graph as it would be if each `data_hash` reached Dagster: it shows what changes all the same. */
export function asIfWired(graph: AssetGraph, manifest: Manifest | null): AssetGraph {
  const hashes = dataHashes(manifest)
  const wired = [...graph].map(([id, asset]) => {
    const dataHash = hashes.get(asset.models[0] ?? '')
    return [id, dataHash === undefined ? asset : { ...asset, codeVersion: dataHash }] as const
  })
  return new Map(wired)
}
