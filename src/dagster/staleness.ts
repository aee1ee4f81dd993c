import type { Asset, AssetGraph, PartitionKey, Partitions } from './asset.ts'
import { parentsFirst } from './assetGraph.ts'
import { type AssetKey, compareKeys, keyId } from './assetKeys.ts'
import { type DataVersionRule, stampedWithBase, stampedWithHead } from './dataVersions.ts'
import { canRun, type EventLog, emptyLog, materialize } from './materializations.ts'
import { hasOpenMappings, partitionKeys, withKnownPartitions, withMappings } from './partitions.ts'
import { type Flagged, materializeInRounds, type Runnable } from './rounds.ts'
import { isMissing, type StaleCauses, staleCauses } from './staleCauses.ts'

export type Status = 'unsynced' | 'afterUpstream' | 'new' | 'removed'

/** Dagster's `StaleCauseCategory`, in lower case. */
export type Reason = 'code' | 'dependencies' | 'data'

/** Which of an asset's partitions something happens to. */
export type AffectedPartitions = {
  /** Every one that is materialized, or those that map to partitions of a parent. */
  readonly scope: 'every' | 'mapped'
  /** null where time or an instance adds partitions, or there are too many to look at each. */
  readonly count: number | null
}

/** What deploying head does to one asset that was materialized with base. */
export type AssetImpact = {
  readonly key: AssetKey
  /** fqns of the models behind it, those of head where there are any. */
  readonly models: readonly string[]
  readonly status: Status
  readonly reasons: readonly Reason[]
  readonly codeVersion: { readonly base: string | null; readonly head: string | null }
  readonly parents: { readonly added: readonly AssetKey[]; readonly removed: readonly AssetKey[] }
  /** null for an asset without. */
  readonly partitions: AffectedPartitions | null
  /** 0 on deploy; n once the nth round of materializing everything that is not fresh has run. */
  readonly wave: number
  /** Of `afterUpstream`: the parents whose materialization in the round before flags it. */
  readonly waitsFor: readonly AssetKey[]
  /**
   * `possible` if that depends on a data version of which it is not known whether it moves, or on a mapping
   * of partitions that only a running instance can resolve.
   */
  readonly confidence: 'certain' | 'expected' | 'possible'
}

const STATUS_ORDER: readonly Status[] = ['unsynced', 'afterUpstream', 'new', 'removed']

/**
 * What Dagster will show once head is deployed, for assets materialized with base: plays through
 * what `CachingStaleStatusResolver` (dagster/_core/definitions/data_version.py) would say on deploy,
 * and after each round in which everything that is not fresh materializes.
 *
 * Dagster has no status for an asset with partitions, but one for each of them. Such an asset is stale here
 * if one of its partitions is, and missing if all are.
 *
 * @param rule how data versions come about, which decides what follows from what
 * @returns affected assets only, sorted by status, then by key
 */
export function compareAssetGraphs(
  base: AssetGraph,
  head: AssetGraph,
  rule: DataVersionRule,
): readonly AssetImpact[] {
  const impacts = play(base, head, rule, 'moves')
  if (rule.kind === 'snapshot' || hasOpenMappings(base) || hasOpenMappings(head)) {
    // What follows even if nothing of doubt happens is certain to; its wave is then the latest.
    const expected = play(base, head, rule, 'stays')
    for (const [id, impact] of impacts) impacts.set(id, expected.get(id) ?? possible(impact))
  }
  for (const [id, asset] of base) {
    if (!asset.external && definedIn(head, id) === null) impacts.set(id, removed(asset))
  }
  return [...impacts.values()].sort(
    (a, b) =>
      STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status) || compareKeys(a.key, b.key),
  )
}

/** Assets that get partitions beside those that they had: Dagster shows these as never materialized. */
export function withAddedPartitions(base: AssetGraph, head: AssetGraph): readonly AssetKey[] {
  return [...head.values()].flatMap(({ key, external, partitions }) => {
    const before = definedIn(base, keyId(key))?.partitions ?? null
    if (external || partitions === null || !before?.complete) return []
    const known = new Set(before.keys)
    const added = partitions.keys.filter((each) => !known.has(each)).length
    return added > 0 && added < partitions.keys.length ? [key] : []
  })
}

function possible(impact: AssetImpact): AssetImpact {
  return { ...impact, confidence: 'possible' }
}

function definedIn(graph: AssetGraph, id: string): Asset | null {
  const asset = graph.get(id)
  return asset === undefined || asset.external ? null : asset
}

function runnables(asset: Asset): readonly Runnable[] {
  return partitionKeys(asset).map((partition) => ({ asset, partition }))
}

function materializeAll(base: AssetGraph, rule: DataVersionRule): EventLog {
  const log = emptyLog()
  for (const id of parentsFirst(base)) {
    const asset = base.get(id)
    if (asset === undefined || !canRun(asset)) continue
    for (const partition of partitionKeys(asset)) {
      materialize(asset, partition, base, log, stampedWithBase(rule))
    }
  }
  return log
}

/**
 * Deploys head, then materializes in rounds until everything is fresh.
 *
 * @param doubt what becomes of data versions of which it is not known whether they move, and whether what
 * mappings that are not resolved lead to counts
 */
function play(
  given: AssetGraph,
  deployed: AssetGraph,
  rule: DataVersionRule,
  doubt: 'moves' | 'stays',
): Map<string, AssetImpact> {
  const open = doubt === 'moves' ? 'read' : 'left out'
  const base = withMappings(given, open)
  const head = withMappings(withKnownPartitions(deployed, given), open)
  const log = materializeAll(base, rule)
  const impacts = new Map<string, AssetImpact>()
  const first: Runnable[] = []
  for (const [id, asset] of head) {
    if (asset.external) continue
    const found = lookAt(asset, head, log)
    first.push(...found.missing, ...found.stale.map(({ runnable }) => runnable))
    const impact = onDeploy(base.get(id) ?? null, asset, found)
    if (impact !== null) impacts.set(id, impact)
  }
  const flagged = [...materializeInRounds(head, first, log, stampedWithHead(rule, doubt))]
  for (const [id, flags] of byAsset(flagged)) {
    const before = base.get(id)
    if (before !== undefined && !impacts.has(id)) impacts.set(id, following(before, flags))
  }
  return impacts
}

function byAsset(flagged: readonly Flagged[]): ReadonlyMap<string, [Flagged, ...Flagged[]]> {
  const found = new Map<string, [Flagged, ...Flagged[]]>()
  for (const flag of flagged) {
    const id = keyId(flag.asset.key)
    const known = found.get(id)
    if (known === undefined) found.set(id, [flag])
    else known.push(flag)
  }
  return found
}

type Look = {
  readonly missing: readonly Runnable[]
  readonly stale: readonly { readonly runnable: Runnable; readonly causes: StaleCauses }[]
  readonly fresh: number
}

function lookAt(asset: Asset, graph: AssetGraph, log: EventLog): Look {
  const all = runnables(asset)
  const missing = all.filter(({ partition }) => isMissing(asset, partition, log))
  const stale = all.flatMap((runnable) => {
    const causes = staleCauses(asset, runnable.partition, graph, log)
    return isStale(causes) ? [{ runnable, causes }] : []
  })
  return { missing, stale, fresh: all.length - missing.length - stale.length }
}

function isStale({ code, added, removed, data }: StaleCauses): boolean {
  return code || added.length + removed.length + data.length > 0
}

/** CODE and DEPENDENCIES fire as soon as the code location reloads; an asset that never ran is MISSING. */
function onDeploy(
  base: Asset | null,
  asset: Asset,
  { missing, stale, fresh }: Look,
): AssetImpact | null {
  const before = base?.external ? null : base
  const { partitions } = asset
  const common = {
    key: asset.key,
    models: asset.models,
    codeVersion: { base: before?.codeVersion ?? null, head: asset.codeVersion },
    wave: 0,
    waitsFor: [],
    confidence: 'certain',
  } as const
  if (stale.length > 0) {
    const scope = fresh === 0 ? 'every' : 'mapped'
    const which = affected(partitions, scope, stale.length, before?.partitions ?? null)
    const causes = stale.map((each) => each.causes)
    return { ...common, status: 'unsynced', ...together(causes), partitions: which }
  }
  // Some that are missing are news of those, not of the asset; a definition without any is none at all.
  const isNew = fresh === 0 && (missing.length > 0 || before === null)
  // What nothing materializes on either side was there before, and as little materialized.
  if (!isNew || (before?.neverMaterialized === true && asset.neverMaterialized)) return null
  const all = affected(partitions, 'every', missing.length, partitions)
  const parents = { added: [], removed: [] }
  return { ...common, status: 'new', reasons: [], parents, partitions: all }
}

/** The causes of an asset are those of its partitions. */
function together(causes: readonly StaleCauses[]): Pick<AssetImpact, 'reasons' | 'parents'> {
  const [added, removed] = [keysIn(causes, 'added'), keysIn(causes, 'removed')]
  const reasons: Reason[] = []
  if (causes.some(({ code }) => code)) reasons.push('code')
  if (added.length + removed.length > 0) reasons.push('dependencies')
  if (causes.some(({ data }) => data.length > 0)) reasons.push('data')
  return { reasons, parents: { added, removed } }
}

/**
 * @param looked how many of those that were looked at are affected
 * @param before the partitions that were there before
 */
function affected(
  partitions: Partitions | null,
  scope: AffectedPartitions['scope'],
  looked: number,
  before: Partitions | null,
): AffectedPartitions | null {
  if (partitions === null) return null
  const { complete, count, digest } = partitions
  if (count === null || complete) return { scope, count: count === null ? null : looked }
  return { scope, count: scope === 'every' && before?.digest === digest ? count : null }
}

function keysIn(causes: readonly StaleCauses[], kind: 'added' | 'removed'): readonly AssetKey[] {
  const found = new Map(causes.flatMap((each) => each[kind]).map((key) => [keyId(key), key]))
  return [...found.values()].sort(compareKeys)
}

function following(before: Asset, flags: readonly [Flagged, ...Flagged[]]): AssetImpact {
  const [{ asset, wave }] = flags
  const parents = flags.filter((each) => each.wave === wave).flatMap((each) => each.parents)
  const waitsFor = new Map(parents.map((key) => [keyId(key), key]))
  const flagged = new Set<PartitionKey>(flags.map(({ partition }) => partition))
  return {
    key: asset.key,
    models: asset.models,
    status: 'afterUpstream',
    reasons: ['data'],
    codeVersion: { base: before.codeVersion, head: asset.codeVersion },
    parents: { added: [], removed: [] },
    partitions: affected(asset.partitions, 'mapped', flagged.size, null),
    wave,
    waitsFor: [...waitsFor.values()].sort(compareKeys),
    confidence: 'expected',
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
    partitions: affected(
      asset.partitions,
      'every',
      asset.partitions?.keys.length ?? 0,
      asset.partitions,
    ),
    wave: 0,
    waitsFor: [],
    confidence: 'certain',
  }
}
