import type { Asset, AssetGraph } from './assetGraph.ts'
import { type Detected, keyId } from './assetKeys.ts'
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
      /** True if SQLMesh reuses the version for this change (formatting only, forward-only …). */
      readonly reused: (asset: Asset) => boolean
    }

/**
 * The rule that holds for an integration; `auto` follows what it stamps when it materializes
 * (dg-sqlmesh 0.1 the snapshot version; dg-sqlmesh 1.x and dagster-sqlmesh nothing of their own).
 *
 * @param keepsVersion true for models whose snapshot version the change leaves alone
 */
export function dataVersionRule(
  asked: 'auto' | DataVersionRule['kind'],
  { name, version }: Detected,
  keepsVersion: (fqn: string) => boolean,
): DataVersionRule {
  const oldDg = version === null || version.startsWith('0.')
  const leavesItToDagster = name === 'dagster-sqlmesh' || (name === 'dg-sqlmesh' && !oldDg)
  const kind = asked === 'auto' ? (leavesItToDagster ? 'dagster' : 'snapshot') : asked
  if (kind === 'dagster') return { kind }
  return { kind, reused: (asset) => asset.models.some(keepsVersion) }
}

/** What a run with base stamps: one version a model, whatever it is. */
export function stampedWithBase(rule: DataVersionRule): StampedVersion {
  return (asset) => (stamps(rule, asset) ? `base ${keyId(asset.key)}` : null)
}

/**
 * What a run with head stamps. A new model gets a first version; one whose own data hash moved gets
 * a new one, unless SQLMesh reuses it. Whether one that merely follows gets a new version depends on
 * SQLMesh's category of the change above it, which is not known here.
 *
 * @param unknown what becomes of a version of which that is not known
 */
export function stampedWithHead(
  rule: DataVersionRule,
  base: AssetGraph,
  unknown: 'moves' | 'stays',
): StampedVersion {
  return (asset, earlier) => {
    if (!stamps(rule, asset)) return null
    const id = keyId(asset.key)
    const moved = `head ${id}`
    if (earlier === undefined) return moved
    if (rule.reused(asset)) return earlier.dataVersion
    const codeMoved = Boolean(asset.codeVersion) && asset.codeVersion !== base.get(id)?.codeVersion
    return codeMoved || unknown === 'moves' ? moved : earlier.dataVersion
  }
}

/** Assets without a model (of the user's own definitions) have no snapshot whose version they could stamp. */
function stamps(
  rule: DataVersionRule,
  asset: Asset,
): rule is Extract<DataVersionRule, { kind: 'snapshot' }> {
  return rule.kind === 'snapshot' && asset.models.length > 0
}
