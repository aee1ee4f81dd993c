import { Failure, type Side } from '../platform/failure.ts'
import { type Manifest, UNKNOWN_CATALOG } from '../sqlmesh/manifest.ts'
import { type AssetKey, keyId, splitFqn } from './assetKeys.ts'
import type { KeyScheme } from './integrations/integration.ts'

/** Whether it only stands for a catalog, in whatever case an engine writes it. */
export function isUnknownCatalog(catalog: string): boolean {
  return catalog.toLowerCase() === UNKNOWN_CATALOG
}

/** A gateway whose catalog is not known. */
export type UnknownCatalog = Manifest['unknownCatalogs'][number]

/** Whether the key has a stand-in where Dagster's has the name of a catalog. */
export function isIncomplete(key: AssetKey): boolean {
  return keyId(key).toLowerCase().includes(UNKNOWN_CATALOG)
}

/**
 * Gateways without a known catalog, as far as keys of loaded models, or of what they read, would have it in them.
 *
 * @param scheme null where only definitions know the keys, which then are Dagster's own
 */
export function missingCatalogs(
  manifest: Manifest | null,
  scheme: KeyScheme | null,
): readonly UnknownCatalog[] {
  if (manifest === null || scheme === null || !needsCatalog(manifest, scheme)) return []
  const { unknownCatalogs, gateway } = manifest
  const selected = unknownCatalogs.filter((one) => one.gateway === gateway)
  return selected.length > 0 ? selected : unknownCatalogs
}

function needsCatalog({ models }: Manifest, scheme: KeyScheme): boolean {
  const known = new Map(models.map((model) => [model.fqn, model]))
  return models.some(
    (model) =>
      isIncomplete(scheme.modelKey(model)) ||
      model.dependsOn.some((fqn) =>
        isIncomplete(scheme.dependencyKey(fqn, known.get(fqn) ?? null)),
      ),
  )
}

/**
 * @throws Failure `config` where a comparison needs the name of a catalog that is not known: one commit's is known and
 *   the other's is not, so that all keys change or none does, or a table may be a model of that catalog
 */
export function refuseUnknown(
  base: Manifest | null,
  head: Manifest | null,
  scheme: KeyScheme | null,
): void {
  const sides: readonly [Side, Manifest | null, Manifest | null][] = [
    ['base', base, head],
    ['head', head, base],
  ]
  for (const [side, own, other] of sides) {
    const missing = missingCatalogs(own, scheme)
    const [first] = missing
    if (own === null || first === undefined) continue
    const doubt = oneSided(side, first, other) ?? mistaken(own)
    if (doubt !== null) throw new Failure('config', doubt, { side, hint: howToName(missing) })
  }
}

function oneSided(
  side: Side,
  { gateway, connection }: UnknownCatalog,
  other: Manifest | null,
): string | null {
  if (other === null || !knowsCatalog(other)) return null
  return `The catalog of the gateway \`${gateway}\` (${connection}) is \`${other.defaultCatalog}\` in the other commit, and not known in ${side}: asset keys have it in them, so that all of them change or none does.`
}

/** A table without a catalog that is called as a model with one: it is that model, if the catalog is. */
function mistaken({ models }: Manifest): string | null {
  const nameOf = (schema: string, view: string) => keyId([schema, view].map(lowerCase))
  const named = models.filter(({ external, catalog }) => !external && !isUnknownCatalog(catalog))
  const byName = new Map(named.map((model) => [nameOf(model.schema, model.view), model]))
  const known = new Set(models.filter(({ external }) => !external).map(({ fqn }) => fqn))
  for (const model of models) {
    for (const fqn of model.dependsOn) {
      const [catalog = '', schema = '', view = ''] = splitFqn(fqn)
      const other = byName.get(nameOf(schema, view))
      if (other === undefined || known.has(fqn) || !isUnknownCatalog(catalog)) continue
      return `${model.name} reads ${schema}.${view} of a catalog that is not known here, so that it cannot be told whether that is the model ${other.name}.`
    }
  }
  return null
}

function lowerCase(text: string): string {
  return text.toLowerCase()
}

function knowsCatalog({ defaultCatalog, models }: Manifest): boolean {
  return defaultCatalog !== null && !isUnknownCatalog(defaultCatalog) && models.length > 0
}

/** What gives a check the catalogs, for both commits. */
export function howToName(missing: readonly UnknownCatalog[]): string {
  const names = missing.map(({ gateway, connection }) => variableOf(gateway, connection))
  const variables = [...new Set(names)].slice(0, 3).map((name) => `\`${name}\``)
  return `Name the catalog in the configuration, or set the variable that it comes from, or ${variables.join(', ')}, on the step and name it in the input \`env\`.`
}

/** What SQLMesh reads as a setting of the configuration (`load_config_from_env`). */
function variableOf(gateway: string, connection: string): string {
  const field = SETTINGS[connection] ?? 'database'
  return `SQLMESH__GATEWAYS__${gateway}__CONNECTION__${field}`.toUpperCase()
}

/** The field of a connection that holds its catalog, where it is not `database` (`ConnectionConfig.get_catalog`). */
const SETTINGS: Readonly<Record<string, string>> = {
  athena: 'catalog_name',
  bigquery: 'project',
  databricks: 'catalog',
  gcp_postgres: 'db',
  spark: 'catalog',
  trino: 'catalog',
}
