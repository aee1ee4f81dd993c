import { createHash } from 'node:crypto'
import type { Asset, AssetGraph } from './assetGraph.ts'
import { compareKeys, type Detected, keyId } from './assetKeys.ts'

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

/** Assets whose data version will differ from what their children recorded. */
export type VersionMoves = Map<string, VersionMove>

type VersionMove = {
  readonly confidence: 'expected' | 'possible'
  /** Stands for the version; two versions are equal exactly if these are. Only with `dagster`. */
  readonly version: string
}

type Question = {
  readonly base: AssetGraph
  readonly head: AssetGraph
  readonly id: string
  /** What happens to the asset: only an asset that is run again can get a new version. */
  readonly impact: { readonly status: string; readonly reasons: readonly string[] } | undefined
  readonly rule: DataVersionRule
  /** Answers for the asset's parents. */
  readonly moves: VersionMoves
}

/** Whether materializing the asset with head gives it a data version that it did not have. */
export function movesDataVersion(question: Question): VersionMove | null {
  const { impact, head, id, rule } = question
  const asset = head.get(id)
  if (impact === undefined || asset === undefined || asset.neverMaterialized) return null
  return rule.kind === 'dagster' ? byDagster(question, asset) : bySnapshot(question, asset, rule)
}

/** A simulation of Dagster's hash in which each unknown version is a symbol of its own. */
function byDagster({ base, id, moves, impact }: Question, asset: Asset): VersionMove | null {
  const before = base.get(id)
  const still = (key: string) => recordedVersion(base, key)
  const now = logicalVersion(asset, (key) => moves.get(key)?.version ?? still(key))
  const version = asset.codeVersion === null ? digest(['run with head', id]) : now
  const isNew = impact?.status === 'new'
  // With the same code version and unmoved inputs the hash comes out as before.
  const unchanged =
    !isNew &&
    asset.codeVersion !== null &&
    before?.codeVersion === asset.codeVersion &&
    logicalVersion(before, still) === now
  return unchanged ? null : { confidence: 'expected', version }
}

function logicalVersion(asset: Asset, versionOf: (id: string) => string): string {
  const inputs = [...asset.parents].sort(compareKeys).map((key) => versionOf(keyId(key)))
  return digest([asset.codeVersion ?? '', ...inputs])
}

/** What children of an asset recorded: its own version, or INITIAL where nothing materializes it. */
function recordedVersion(base: AssetGraph, id: string): string {
  const asset = base.get(id)
  const materialized = asset !== undefined && !asset.external && !asset.neverMaterialized
  return materialized ? digest(['as materialized with base', id]) : 'INITIAL'
}

/**
 * A model whose own data hash moved gets a new version, unless SQLMesh reuses it. Whether one
 * that only follows gets a new one depends on SQLMesh's category of the change above it, which is
 * not computed here: its children are `possible`.
 */
function bySnapshot(
  { impact, id }: Question,
  asset: Asset,
  rule: Extract<DataVersionRule, { kind: 'snapshot' }>,
): VersionMove | null {
  if (rule.reused(asset)) return null
  const direct = impact?.status === 'new' || impact?.reasons.includes('code') === true
  return { confidence: direct ? 'expected' : 'possible', version: id }
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
