import type { Asset, AssetGraph } from './assetGraph.ts'
import { type AssetKey, compareKeys, keyId } from './assetKeys.ts'
import { type DataVersionRule, movesDataVersion, type VersionMoves } from './dataVersions.ts'

export type Status = 'unsynced' | 'afterUpstream' | 'new' | 'removed'

/** Dagster's `StaleCauseCategory`, in lower case. */
export type Reason = 'code' | 'dependencies' | 'data'

/** What deploying head does to one asset that was materialized with base. */
export type AssetImpact = {
  readonly key: AssetKey
  /** fqns of the models behind it, those of head where there are any. */
  readonly models: readonly string[]
  readonly status: Status
  readonly reasons: readonly Reason[]
  readonly codeVersion: { readonly base: string | null; readonly head: string | null }
  readonly parents: { readonly added: readonly AssetKey[]; readonly removed: readonly AssetKey[] }
  /** 0 on deploy; n after the nth hop of upstream materializations. */
  readonly wave: number
  /** Of `afterUpstream`: the parents whose materialization will flag it. */
  readonly waitsFor: readonly AssetKey[]
  readonly confidence: 'certain' | 'expected' | 'possible'
}

const STATUS_ORDER: readonly Status[] = ['unsynced', 'afterUpstream', 'new', 'removed']

/**
 * What Dagster will show once head is deployed, for assets materialized with base, by the rules of
 * `CachingStaleStatusResolver` (dagster/_core/definitions/data_version.py).
 *
 * @param rule how data versions come about, which decides what follows from what
 * @returns affected assets only, sorted by status, then by key
 */
export function compareAssetGraphs(
  base: AssetGraph,
  head: AssetGraph,
  rule: DataVersionRule,
): readonly AssetImpact[] {
  const impacts = new Map<string, AssetImpact>()
  for (const [id, asset] of head) {
    const impact = onDeploy(definedIn(base, id), asset)
    if (impact !== null) impacts.set(id, impact)
  }
  addWaves(base, head, rule, impacts)
  for (const [id, asset] of base) {
    if (!asset.external && definedIn(head, id) === null) impacts.set(id, removed(asset))
  }
  return [...impacts.values()].sort(
    (a, b) =>
      STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status) || compareKeys(a.key, b.key),
  )
}

function definedIn(graph: AssetGraph, id: string): Asset | null {
  const asset = graph.get(id)
  return asset === undefined || asset.external ? null : asset
}

/** CODE and DEPENDENCIES fire as soon as the code location reloads; a new key is MISSING. */
function onDeploy(before: Asset | null, after: Asset): AssetImpact | null {
  if (after.external) return null
  const common = {
    key: after.key,
    models: after.models,
    codeVersion: { base: before?.codeVersion ?? null, head: after.codeVersion },
    wave: 0,
    waitsFor: [],
    confidence: 'certain',
  } as const
  if (before === null) {
    return { ...common, status: 'new', reasons: [], parents: { added: [], removed: [] } }
  }
  // Never materialized stays never materialized, whatever changes.
  if (before.neverMaterialized || after.neverMaterialized) return null
  const parents = compareParents(before, after)
  const reasons: Reason[] = []
  // None → X fires (the stamp is the run id then); X → none does not.
  if (after.codeVersion !== null && after.codeVersion !== before.codeVersion) reasons.push('code')
  if (parents.added.length + parents.removed.length > 0) reasons.push('dependencies')
  return reasons.length === 0 ? null : { ...common, status: 'unsynced', reasons, parents }
}

function compareParents(before: Asset, after: Asset): AssetImpact['parents'] {
  const old = new Set(before.parents.map(keyId))
  const now = new Set(after.parents.map(keyId))
  return {
    added: after.parents.filter((key) => !old.has(keyId(key))),
    removed: before.parents.filter((key) => !now.has(keyId(key))),
  }
}

function removed(asset: Asset): AssetImpact {
  return {
    key: asset.key,
    models: asset.models,
    status: 'removed',
    reasons: [],
    codeVersion: { base: asset.codeVersion, head: null },
    parents: { added: [], removed: [] },
    wave: 0,
    waitsFor: [],
    confidence: 'certain',
  }
}

/**
 * DATA: an asset follows a parent whose data version moves when that parent materializes. Not
 * transitive: each hop waits for the one before, and stops where a version stays.
 */
function addWaves(
  base: AssetGraph,
  head: AssetGraph,
  rule: DataVersionRule,
  impacts: Map<string, AssetImpact>,
): void {
  const moves: VersionMoves = new Map()
  for (const id of parentsFirst(head)) {
    const asset = head.get(id) as Asset
    const moved = asset.parents.filter((key) => moves.has(keyId(key)))
    const before = definedIn(base, id)
    if (!impacts.has(id) && moved.length > 0 && before !== null && !asset.neverMaterialized) {
      impacts.set(id, following(before, asset, moved, moves, impacts))
    }
    const impact = impacts.get(id)
    const move = movesDataVersion({ base, head, id, impact, rule, moves })
    if (move !== null) moves.set(id, move)
  }
}

function following(
  before: Asset,
  asset: Asset,
  moved: readonly AssetKey[],
  moves: VersionMoves,
  impacts: ReadonlyMap<string, AssetImpact>,
): AssetImpact {
  const waves = moved.map((key) => impacts.get(keyId(key))?.wave ?? 0)
  const certain = moved.some((key) => moves.get(keyId(key))?.confidence === 'expected')
  return {
    key: asset.key,
    models: asset.models,
    status: 'afterUpstream',
    reasons: ['data'],
    codeVersion: { base: before.codeVersion, head: asset.codeVersion },
    parents: { added: [], removed: [] },
    wave: 1 + Math.min(...waves),
    waitsFor: [...moved].sort(compareKeys),
    confidence: certain ? 'expected' : 'possible',
  }
}

/** Ids so that every asset comes after its parents (a cycle, which Dagster refuses, is cut). */
function parentsFirst(graph: AssetGraph): string[] {
  const order = new Set<string>()
  const open = new Set<string>()
  for (const start of graph.keys()) {
    const stack = [start]
    while (stack.length > 0) {
      const id = stack.at(-1) as string
      const parents = graph.get(id)?.parents.map(keyId) ?? []
      const next = parents.filter((parent) => !order.has(parent) && !open.has(parent))
      open.add(id)
      if (next.length === 0 || order.has(id)) {
        order.add(id)
        stack.pop()
      } else {
        stack.push(...next)
      }
    }
  }
  return [...order]
}
