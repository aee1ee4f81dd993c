import type { Asset } from './asset.ts'
import { keyId } from './assetKeys.ts'
import type { Detected } from './integrations/registry.ts'
import type { StampedVersion } from './materializations.ts'

/**
 * Where an asset's data version comes from.
 *
 * - `dagster`: Dagster's default, a hash of the code version and the inputs' data versions
 *   (`compute_logical_data_version`); without a code version every run makes a new one.
 * - `snapshot`: SQLMesh's `snapshot.version`, as ADR-0007 says.
 */
export type DataVersionRule =
  | { readonly kind: 'dagster' }
  | {
      readonly kind: 'snapshot'
      /** What the change makes of the version, as far as it is known. */
      readonly versionOf: (asset: Asset) => 'new' | 'reused' | 'unknown'
    }

/** Values of the input `data-version`; `auto` is what the integration does. */
export const DATA_VERSIONS = ['auto', 'snapshot', 'dagster'] as const

type Asked = (typeof DATA_VERSIONS)[number]

/** Whose data versions they are. */
export function stampedBy(
  asked: Asked,
  { integration, version }: Detected,
): DataVersionRule['kind'] {
  return asked === 'auto' ? integration.dataVersions(version) : asked
}

/**
 * The rule that holds for an integration.
 *
 * @param versionOf what the change makes of a model's snapshot version
 */
export function dataVersionRule(
  asked: Asked,
  detected: Detected,
  versionOf: (fqn: string) => 'new' | 'reused' | 'unknown',
): DataVersionRule {
  const kind = stampedBy(asked, detected)
  if (kind === 'dagster') return { kind }
  return { kind, versionOf: ({ models }) => together(models.map(versionOf)) }
}

/** Several models can share an asset key; any new version is one of the asset. */
function together(
  versions: readonly ('new' | 'reused' | 'unknown')[],
): 'new' | 'reused' | 'unknown' {
  if (versions.includes('new')) return 'new'
  return versions.includes('unknown') ? 'unknown' : 'reused'
}

/** What a run with base stamps: one version a model, whatever it is. */
export function stampedWithBase(rule: DataVersionRule): StampedVersion {
  return (asset) => (stamps(rule, asset) ? `base ${keyId(asset.key)}` : null)
}

/**
 * What a run with head stamps. A new model gets a first version; what becomes of another one's is for the
 * rule to say.
 *
 * @param unknown what becomes of a version of which that is not known
 */
export function stampedWithHead(rule: DataVersionRule, unknown: 'moves' | 'stays'): StampedVersion {
  return (asset, earlier) => {
    if (!stamps(rule, asset)) return null
    const moved = `head ${keyId(asset.key)}`
    if (earlier === undefined) return moved
    const version = rule.versionOf(asset)
    const moves = version === 'new' || (version === 'unknown' && unknown === 'moves')
    return moves ? moved : earlier.dataVersion
  }
}

/** Assets without a model (of the user's own definitions) have no snapshot whose version they could stamp. */
function stamps(
  rule: DataVersionRule,
  asset: Asset,
): rule is Extract<DataVersionRule, { kind: 'snapshot' }> {
  return rule.kind === 'snapshot' && asset.models.length > 0
}
