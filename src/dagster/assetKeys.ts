import { Failure } from '../platform/failure.ts'
import type { Manifest, Model } from '../sqlmesh/manifest.ts'

/** A Dagster asset key: its path segments. */
export type AssetKey = readonly string[]

/** How an integration names assets. Each gives the key for a model, and for a table a model reads. */
export type KeyScheme = {
  readonly name: 'dg-sqlmesh' | 'dagster-sqlmesh' | 'custom'
  /** True if tables that the project declares as external are assets, and not only stubs. */
  readonly declaredExternalsAreAssets: boolean
  readonly modelKey: (model: Model) => AssetKey
  /** @param model the model behind `fqn`, or null when the project knows none */
  readonly dependencyKey: (fqn: string, model: Model | null) => AssetKey
}

/** One string per key, for maps and comparison. */
export function keyId(key: AssetKey): string {
  return JSON.stringify(key)
}

/** Code-unit order of the segments, equal on every machine. */
export function compareKeys(a: AssetKey, b: AssetKey): number {
  for (const [index, segment] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    if (segment !== other) return segment < other ? -1 : 1
  }
  return a.length - b.length
}

/**
 * The scheme for an integration's name as `detectIntegration` gives it.
 *
 * @param template for `custom`: `{catalog}/{schema}/{name}` and the like
 */
export function keyScheme(name: KeyScheme['name'], template: string | null): KeyScheme {
  switch (name) {
    case 'dg-sqlmesh':
      return DG_SQLMESH
    case 'dagster-sqlmesh':
      return DAGSTER_SQLMESH
    case 'custom':
      return customScheme(template as string)
  }
}

/** The scheme of an integration that was detected; null where only definitions know its keys. */
export function schemeOf({ name }: Detected, template: string | null): KeyScheme | null {
  return name === 'custom' && template === null ? null : keyScheme(name, template)
}

export type Detected = {
  readonly name: KeyScheme['name']
  readonly version: string | null
  /** Found by what is installed, or assumed because nothing is. */
  readonly assumed: boolean
}

export type ImportedIntegration = 'dg_sqlmesh' | 'dagster_sqlmesh'

/**
 * `auto` looks at what is installed beside SQLMesh; where nothing is, the integration that the
 * decision record (ADR-0007) belongs to is assumed, and the caller says so. Loaded definitions know
 * better: what they import makes the assets.
 *
 * @param imported modules of integrations that the definitions imported; null without definitions
 * @returns null when both integrations are installed, which only the user can decide
 */
export function detectIntegration(
  integration: 'auto' | KeyScheme['name'],
  versions: Manifest['versions'],
  imported: readonly ImportedIntegration[] | null = null,
): Detected | null {
  const dg = versions.dgSqlmesh
  const oso = versions.dagsterSqlmesh
  switch (integration) {
    case 'custom':
      return { name: 'custom', version: null, assumed: false }
    case 'dg-sqlmesh':
      return { name: 'dg-sqlmesh', version: dg, assumed: false }
    case 'dagster-sqlmesh':
      return { name: 'dagster-sqlmesh', version: oso, assumed: false }
    case 'auto':
      if (imported !== null) return detectImported(imported, versions)
      if (dg !== null && oso !== null) return null
      if (oso !== null) return { name: 'dagster-sqlmesh', version: oso, assumed: false }
      return { name: 'dg-sqlmesh', version: dg, assumed: dg === null }
  }
}

/** What to say where `detectIntegration` gives null. */
export function ambiguousIntegration(): Failure {
  return new Failure('config', 'Both dg-sqlmesh and dagster-sqlmesh are installed.', {
    hint: 'Say which one makes the assets: the input `integration`.',
  })
}

/** Whether it is dg-sqlmesh before 1.0, which materializes and hands over versions in its own way. */
export function isEarlyDgSqlmesh(integration: {
  readonly name: string | null
  readonly version: string | null
}): boolean {
  return integration.name === 'dg-sqlmesh' && /^0[.]/.test(integration.version ?? '')
}

function detectImported(
  imported: readonly ImportedIntegration[],
  { dgSqlmesh, dagsterSqlmesh }: Manifest['versions'],
): Detected {
  const [only, another] = imported
  if (another === undefined && only === 'dg_sqlmesh') {
    return { name: 'dg-sqlmesh', version: dgSqlmesh, assumed: false }
  }
  if (another === undefined && only === 'dagster_sqlmesh') {
    return { name: 'dagster-sqlmesh', version: dagsterSqlmesh, assumed: false }
  }
  // Of the user's own making, or a mixture: their keys are linked to models one by one.
  return { name: 'custom', version: null, assumed: false }
}

/**
 * Parts of a quoted fqn, unquoted: `"a"."b ""c"""` → `a`, `b "c"`. SQLMesh writes fqns with
 * double quotes for every dialect (`sqlmesh.core.model.definition`, `exp.table_name(identify=True)`).
 */
export function splitFqn(fqn: string): string[] {
  const parts = fqn.match(/"(?:[^"]|"")*"|[^."]+/g) ?? []
  return parts.map((part) =>
    part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part,
  )
}

/** dg_sqlmesh/translator.py, `SQLMeshTranslator` (1.10.1; 0.1.1 the same). */
const DG_SQLMESH: KeyScheme = {
  name: 'dg-sqlmesh',
  declaredExternalsAreAssets: false,
  modelKey: (model) => [model.catalog, model.schema, model.view].map(dgNormalise),
  dependencyKey: (fqn, model) =>
    model !== null && !model.external ? dgModelDependency(fqn) : dgExternalDependency(fqn),
}

/** The package deletes quotes and replaces what is not ASCII, code point by code point. */
function dgNormalise(segment: string): string {
  return segment.replace(/["']/g, '').replace(/[^A-Za-z0-9_]/gu, '_')
}

function quotedParts(fqn: string): string[] | null {
  const parts = [...fqn.matchAll(/"([^"]*)"/g)].map((match) => match[1] as string)
  return parts.length === 3 ? parts : null
}

function dgModelDependency(fqn: string): AssetKey {
  return (quotedParts(fqn) ?? fqn.split('.')).map(dgNormalise)
}

function dgExternalDependency(fqn: string): AssetKey {
  const parts = quotedParts(fqn)
  if (parts === null) return ['external', ...fqn.split('.').map(dgNormalise)]
  const [catalog, schema, table] = parts as [string, string, string]
  // A leftover of the package's own example project, which all its users inherit.
  const isLeftover = (catalog === 'main' || catalog === 'jaffle_db') && schema === 'external'
  if (isLeftover) return ['sling', dgNormalise(table)]
  return ['external', ...parts.map(dgNormalise)]
}

/** dagster_sqlmesh/translator.py, `SQLMeshDagsterTranslator` (0.22.0): raw catalog, db, name. */
const DAGSTER_SQLMESH: KeyScheme = {
  name: 'dagster-sqlmesh',
  declaredExternalsAreAssets: true,
  modelKey: (model) => rawKey(model.fqn),
  dependencyKey: (fqn) => rawKey(fqn),
}

function rawKey(fqn: string): AssetKey {
  const parts = splitFqn(fqn)
  return [...Array<string>(Math.max(0, 3 - parts.length)).fill(''), ...parts]
}

function customScheme(template: string): KeyScheme {
  const fill = (catalog: string, schema: string, name: string): AssetKey => {
    const values: Readonly<Record<string, string>> = { catalog, schema, name }
    return template
      .split('/')
      .map((segment) =>
        segment.replaceAll(/\{(catalog|schema|name)\}/g, (_, word) => values[word] ?? ''),
      )
  }
  return {
    name: 'custom',
    declaredExternalsAreAssets: false,
    modelKey: (model) => fill(model.catalog, model.schema, model.view),
    dependencyKey: (fqn, model) => {
      if (model !== null) return fill(model.catalog, model.schema, model.view)
      const [name = '', schema = '', catalog = ''] = splitFqn(fqn).reverse()
      return fill(catalog, schema, name)
    },
  }
}
