import type { AssetKey } from '../assetKeys.ts'
import type { Integration, KeyScheme } from './integration.ts'

/** dg_sqlmesh/translator.py, `SQLMeshTranslator` (1.10.1; 0.1.1 the same). */
const keys: KeyScheme = {
  declaredExternalsAreAssets: false,
  modelKey: (model) => [model.catalog, model.schema, model.view].map(normalise),
  dependencyKey: (fqn, model) =>
    model !== null && !model.external ? modelDependency(fqn) : externalDependency(fqn),
}

/** The package deletes quotes and replaces what is not ASCII, code point by code point. */
function normalise(segment: string): string {
  return segment.replace(/["']/g, '').replace(/[^A-Za-z0-9_]/gu, '_')
}

function quotedParts(fqn: string): string[] | null {
  const parts = [...fqn.matchAll(/"([^"]*)"/g)].map((match) => match[1] as string)
  return parts.length === 3 ? parts : null
}

function modelDependency(fqn: string): AssetKey {
  return (quotedParts(fqn) ?? fqn.split('.')).map(normalise)
}

function externalDependency(fqn: string): AssetKey {
  const parts = quotedParts(fqn)
  if (parts === null) return ['external', ...fqn.split('.').map(normalise)]
  const [catalog, schema, table] = parts as [string, string, string]
  // A leftover of the package's own example project, which all its users inherit.
  const isLeftover = (catalog === 'main' || catalog === 'jaffle_db') && schema === 'external'
  if (isLeftover) return ['sling', normalise(table)]
  return ['external', ...parts.map(normalise)]
}

/** Before 1.0 it hands data hashes and snapshot versions to Dagster, and materializes model by model. */
function isEarly(version: string | null): boolean {
  return version?.startsWith('0.') ?? false
}

/** 1.x keeps the data hash in the metadata of each asset. */
const remedy = `def with_code_version(spec):
    entry = spec.metadata.get("code_version")
    data_hash = getattr(entry, "value", entry)
    return spec.replace_attributes(code_version=str(data_hash)) if data_hash else spec


defs = defs.map_resolved_asset_specs(func=with_code_version)`

export const dgSqlmesh: Integration = {
  name: 'dg-sqlmesh',
  package: { distribution: 'dg-sqlmesh', module: 'dg_sqlmesh' },
  keys,
  dataVersions: (version) => (version === null || isEarly(version) ? 'snapshot' : 'dagster'),
  setsCodeVersions: isEarly,
  remedy,
  whyPlanFirst:
    'dg-sqlmesh runs what is applied and applies nothing, so that an asset materialized before turns green on its old code',
  selection: 'kind:"sqlmesh"',
  runsInOneStep: (version) => !isEarly(version),
}
