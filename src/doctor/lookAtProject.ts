import type { AssetGraph } from '../dagster/asset.ts'
import { parentsFirst } from '../dagster/assetGraph.ts'
import { assetGraphs, type Graphs, type Loaded } from '../dagster/graphs.ts'
import { type Detected, detectIntegration } from '../dagster/integrations/registry.ts'
import {
  howToName,
  isUnknownCatalog,
  missingCatalogs,
  type UnknownCatalog,
} from '../dagster/unknownCatalogs.ts'
import type { Request } from '../inputs/request.ts'
import { toFailure } from '../platform/failure.ts'
import type { Manifest } from '../sqlmesh/manifest.ts'
import { type Finding, failed, note, ok, problem } from './finding.ts'

/** What a loaded project is to Dagster. */
export type Examined = {
  readonly findings: readonly Finding[]
  /** null where it could not be told which integration makes the assets. */
  readonly detected: Detected | null
  /** null where no keys could be derived. */
  readonly graphs: Graphs | null
}

const SAMPLES = 3

/** What SQLMesh loaded: versions, gateway, catalog. */
export function examineManifest({
  versions,
  gateway,
  defaultCatalog,
  models,
}: Manifest): Finding[] {
  const own = models.filter(({ external }) => !external)
  const without = own.filter(({ dataHash }) => dataHash === null)
  const catalog =
    defaultCatalog === null
      ? 'no default catalog'
      : isUnknownCatalog(defaultCatalog)
        ? 'its catalog is not known here'
        : `catalog \`${defaultCatalog}\``
  const found = `SQLMesh ${versions.sqlmesh} with sqlglot ${versions.sqlglot} loads ${own.length} models; gateway \`${gateway}\`, ${catalog}.`
  return [
    ok('sqlmesh', found),
    ...(own.length === 0
      ? [problem('sqlmesh', 'There is no model.', 'Check the input `project`.')]
      : []),
    ...(without.length > 0
      ? [
          problem(
            'sqlmesh',
            `${without.length} models have no data hash.`,
            'Use SQLMesh 0.60 or newer.',
          ),
        ]
      : []),
  ]
}

/** Which integration makes the assets, and what their keys are. */
export function examineAssets(loaded: Loaded & { manifest: Manifest }, request: Request): Examined {
  const { manifest, definitions } = loaded
  let detected: Detected
  try {
    const imported = definitions?.imported ?? null
    detected = detectIntegration(request, manifest.versions.integrations, imported)
  } catch (thrown) {
    const ambiguous = failed('integration', toFailure(thrown))
    return { findings: [ambiguous], detected: null, graphs: null }
  }
  const scheme = detected.integration.keys
  const graphs = assetGraphs(loaded, loaded, scheme)
  return {
    findings: [
      aboutIntegration(detected, request, definitions !== null),
      ...aboutCollisions(graphs),
      ...aboutCatalogs(missingCatalogs(manifest, definitions === null ? scheme : null)),
      ...aboutKeys(graphs.head, definitions !== null),
    ],
    detected,
    graphs,
  }
}

function aboutIntegration(
  { integration, version, assumed }: Detected,
  { integration: asked, assetKey }: Request,
  defined: boolean,
): Finding {
  const { name } = integration
  if (assumed) {
    return note(
      'integration',
      `No Dagster integration is installed beside SQLMesh, so ${name} is assumed.`,
      'Install what makes the assets there, or set the input `integration` or `asset-key`.',
    )
  }
  const how =
    assetKey !== null
      ? 'by the input `asset-key`'
      : asked !== 'auto'
        ? 'by the input `integration`'
        : defined
          ? 'imported by the definitions'
          : 'installed beside SQLMesh'
  return ok('integration', `${[name, version].filter((part) => part).join(' ')}, ${how}.`)
}

function aboutCollisions({ collisions }: Graphs): Finding[] {
  return collisions
    .slice(0, SAMPLES)
    .map(({ key, models }) =>
      problem(
        'keys',
        `${models.length} models share the asset key ${key.join('/')}: ${models.slice(0, 3).join(', ')}.`,
        'Dagster refuses that. Check the inputs `integration` and `asset-key`.',
      ),
    )
}

function aboutCatalogs(missing: readonly UnknownCatalog[]): Finding[] {
  if (missing.length === 0) return []
  const gateways = missing.map(({ gateway }) => `\`${gateway}\``).join(', ')
  const found = `The catalog of the gateway ${gateways} is not known, so that asset keys lack it.`
  return [problem('keys', found, howToName(missing))]
}

/** Keys to compare with what Dagster's page shows. */
function aboutKeys(graph: AssetGraph, defined: boolean): Finding[] {
  const samples = samplesOf(graph)
  if (samples.length === 0) {
    const fix = 'Check the inputs `project`, `definitions`, `integration` and `asset-key`.'
    return [problem('keys', 'No asset of a model was found.', fix)]
  }
  const source = defined ? 'from your definitions' : 'derived; compare them with Dagster’s page'
  const lines = samples.map(({ key, models, codeVersion }) => {
    return `${key.join('/')} is ${models[0]}, code version ${codeVersion ?? 'none'}`
  })
  return [ok('keys', `${counted(samples)} assets, ${source}:\n${lines.join('\n')}`)]
}

function counted(samples: readonly unknown[]): string {
  return ['No', 'One', 'Two', 'Three'][samples.length] ?? 'Some'
}

/** Assets of models that something materializes, upstream ones first. */
export function samplesOf(graph: AssetGraph) {
  return parentsFirst(graph)
    .map((id) => graph.get(id))
    .filter((asset) => asset !== undefined)
    .filter(({ neverMaterialized, models }) => !neverMaterialized && models.length > 0)
    .slice(0, SAMPLES)
}
