import { type AssetKey, splitFqn } from '../assetKeys.ts'
import type { Integration, KeyScheme } from './integration.ts'

/** dagster_sqlmesh/translator.py, `SQLMeshDagsterTranslator` (0.22.0): raw catalog, db, name. */
const keys: KeyScheme = {
  declaredExternalsAreAssets: true,
  modelKey: (model) => rawKey(model.fqn),
  dependencyKey: (fqn) => rawKey(fqn),
}

function rawKey(fqn: string): AssetKey {
  const parts = splitFqn(fqn)
  return [...Array<string>(Math.max(0, 3 - parts.length)).fill(''), ...parts]
}

/** It keeps nothing of the data hash, so SQLMesh is asked; `config` is its SQLMeshContextConfig. */
const remedy = `from sqlmesh import Context

translator = config.get_translator()
context = Context(paths=config.path, gateway=config.gateway)
hashes = {translator.get_asset_key(context, m.fqn): m.data_hash for m in context.models.values()}


def with_code_version(spec):
    return spec.replace_attributes(code_version=hashes.get(spec.key, spec.code_version))


defs = defs.map_resolved_asset_specs(func=with_code_version)`

export const dagsterSqlmesh: Integration = {
  name: 'dagster-sqlmesh',
  package: { distribution: 'dagster-sqlmesh', module: 'dagster_sqlmesh' },
  keys,
  dataVersions: () => 'dagster',
  setsCodeVersions: () => false,
  remedy,
  whyPlanFirst: null,
  selection: 'kind:"sqlmesh"',
  runsInOneStep: () => false,
}
