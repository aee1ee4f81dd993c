import { counted } from './markdown/markdown.ts'
import type { Report } from './model.ts'
import type { Rows } from './rows.ts'

/** What to say first where the code versions do not reach Dagster; null where they may. */
export function wiringStatement({ integration, counts }: Report): string | null {
  if (integration.wired !== 'no' || counts === null) return null
  const name =
    integration.name === null || integration.name === 'custom'
      ? 'The definitions give'
      : `${[integration.name, integration.version].filter((part) => part !== null).join(' ')} gives`
  return `Dagster will not show changes of code here: ${name} no SQLMesh asset a code version. Dagster only shows changed dependencies.`
}

/** Python that hands each model's data hash to Dagster; null where it depends on one's own code. */
export function wiringRemedy({ integration }: Report): string | null {
  return wiringRemedyFor(integration.name)
}

/** The same for an integration by its name. */
export function wiringRemedyFor(integration: string | null): string | null {
  switch (integration) {
    case 'dg-sqlmesh':
      return DG_SQLMESH_REMEDY
    case 'dagster-sqlmesh':
      return DAGSTER_SQLMESH_REMEDY
    default:
      return null
  }
}

/** dg-sqlmesh 1.x keeps the data hash in the metadata of each asset. */
const DG_SQLMESH_REMEDY = `def with_code_version(spec):
    entry = spec.metadata.get("code_version")
    data_hash = getattr(entry, "value", entry)
    return spec.replace_attributes(code_version=str(data_hash)) if data_hash else spec


defs = defs.map_resolved_asset_specs(func=with_code_version)`

/** dagster-sqlmesh keeps nothing of it, so SQLMesh is asked; \`config\` is its SQLMeshContextConfig. */
const DAGSTER_SQLMESH_REMEDY = `from sqlmesh import Context

translator = config.get_translator()
context = Context(paths=config.path, gateway=config.gateway)
hashes = {translator.get_asset_key(context, m.fqn): m.data_hash for m in context.models.values()}


def with_code_version(spec):
    return spec.replace_attributes(code_version=hashes.get(spec.key, spec.code_version))


defs = defs.map_resolved_asset_specs(func=with_code_version)`

/** One sentence for all assets whose only change is their first code version; null if there are none. */
export function firstVersionsStatement({ first }: Rows): string | null {
  if (first.length === 0) return null
  const [get, each] = first.length === 1 ? ['gets', 'It shows'] : ['get', 'Each shows']
  return `${counted(first.length, 'asset')} ${get} a first code version, because the definitions of base set none. ${each} as Unsynced once, although the model stays as it is: materialize once.`
}
