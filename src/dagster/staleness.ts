import { type Asset, type AssetGraph, parentsFirst } from './assetGraph.ts'
import { type AssetKey, compareKeys, keyId } from './assetKeys.ts'
import { type DataVersionRule, stampedWithBase, stampedWithHead } from './dataVersions.ts'
import { canRun, type EventLog, materialize } from './materializations.ts'
import { materializeInRounds } from './rounds.ts'
import { isMissing, staleCauses } from './staleCauses.ts'

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
  /** 0 on deploy; n once the nth round of materializing everything that is not fresh has run. */
  readonly wave: number
  /** Of `afterUpstream`: the parents whose materialization in the round before flags it. */
  readonly waitsFor: readonly AssetKey[]
  /** `possible` if that depends on a data version of which it is not known whether it moves. */
  readonly confidence: 'certain' | 'expected' | 'possible'
}

const STATUS_ORDER: readonly Status[] = ['unsynced', 'afterUpstream', 'new', 'removed']

/**
 * What Dagster will show once head is deployed, for assets materialized with base: plays through
 * what `CachingStaleStatusResolver` (dagster/_core/definitions/data_version.py) would say on deploy,
 * and after each round in which everything that is not fresh materializes.
 *
 * Partitioned assets have no status of their own, so they are listed only if new or removed; see
 * `comparePartitions`. Their children follow them like others.
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
  if (rule.kind === 'snapshot') {
    // What follows even if no version of doubt moves is certain to; its wave is then the latest.
    const expected = play(base, head, rule, 'stays')
    for (const [id, impact] of impacts) impacts.set(id, expected.get(id) ?? possible(impact))
  }
  for (const [id, asset] of base) {
    if (!asset.external && definedIn(head, id) === null) impacts.set(id, removed(asset))
  }
  return sorted(impacts.values())
}

/**
 * Partitioned assets whose partitions are Unsynced (`unsynced`) or never materialized (`new`) once
 * head is deployed. Dagster shows that for each partition, but not for the asset.
 *
 * @returns sorted by status, then by key; none that `compareAssetGraphs` lists
 */
export function comparePartitions(base: AssetGraph, head: AssetGraph): readonly AssetImpact[] {
  const log = materializeAll(base, { kind: 'dagster' })
  const partitioned = [...head.values()].filter(({ key }) =>
    hidesInPartitions(base, head, keyId(key)),
  )
  return sorted(partitioned.flatMap((asset) => onDeploy(base, head, asset, log) ?? []))
}

function sorted(impacts: Iterable<AssetImpact>): readonly AssetImpact[] {
  return [...impacts].sort(
    (a, b) =>
      STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status) || compareKeys(a.key, b.key),
  )
}

function possible(impact: AssetImpact): AssetImpact {
  return { ...impact, confidence: 'possible' }
}

function definedIn(graph: AssetGraph, id: string): Asset | null {
  const asset = graph.get(id)
  return asset === undefined || asset.external ? null : asset
}

function materializeAll(base: AssetGraph, rule: DataVersionRule): EventLog {
  const log: EventLog = new Map()
  for (const id of parentsFirst(base)) {
    const asset = base.get(id)
    if (asset === undefined || !canRun(asset)) continue
    materialize(asset, base, log, 0, stampedWithBase(rule))
  }
  return log
}

/** Deploys head, then materializes in rounds until everything is fresh. */
function play(
  base: AssetGraph,
  head: AssetGraph,
  rule: DataVersionRule,
  unknown: 'moves' | 'stays',
): Map<string, AssetImpact> {
  const log = materializeAll(base, rule)
  const onReload = [...head.values()].flatMap((asset) => onDeploy(base, head, asset, log) ?? [])
  const shown = onReload.filter(({ key }) => !hidesInPartitions(base, head, keyId(key)))
  const impacts = new Map(shown.map((impact) => [keyId(impact.key), impact]))
  const first = onReload.map(({ key }) => keyId(key))
  const stamped = stampedWithHead(rule, unknown)
  for (const { wave, asset, parents } of materializeInRounds(head, first, log, stamped)) {
    const id = keyId(asset.key)
    const before = base.get(id)
    if (impacts.has(id) || asset.partitioned || before === undefined) continue
    impacts.set(id, following(before, asset, parents, wave))
  }
  return impacts
}

/** Only a partitioned asset's coming is news of the asset itself. */
function hidesInPartitions(base: AssetGraph, head: AssetGraph, id: string): boolean {
  return head.get(id)?.partitioned === true && definedIn(base, id) !== null
}

/** CODE and DEPENDENCIES fire as soon as the code location reloads; an asset that never ran is MISSING. */
function onDeploy(
  base: AssetGraph,
  head: AssetGraph,
  asset: Asset,
  log: EventLog,
): AssetImpact | null {
  if (asset.external) return null
  const id = keyId(asset.key)
  const before = definedIn(base, id)
  const common = {
    key: asset.key,
    models: asset.models,
    codeVersion: { base: before?.codeVersion ?? null, head: asset.codeVersion },
    wave: 0,
    waitsFor: [],
    confidence: 'certain',
  } as const
  if (isMissing(asset, log)) {
    // What nothing materializes on either side was there before, and as little materialized.
    if (before?.neverMaterialized === true && asset.neverMaterialized) return null
    return { ...common, status: 'new', reasons: [], parents: { added: [], removed: [] } }
  }
  const { code, added, removed, data } = staleCauses(asset, head, log)
  const reasons: Reason[] = []
  if (code) reasons.push('code')
  if (added.length + removed.length > 0) reasons.push('dependencies')
  if (data.length > 0) reasons.push('data')
  if (reasons.length === 0) return null
  return { ...common, status: 'unsynced', reasons, parents: { added, removed } }
}

function following(
  before: Asset,
  asset: Asset,
  waitsFor: readonly AssetKey[],
  wave: number,
): AssetImpact {
  return {
    key: asset.key,
    models: asset.models,
    status: 'afterUpstream',
    reasons: ['data'],
    codeVersion: { base: before.codeVersion, head: asset.codeVersion },
    parents: { added: [], removed: [] },
    wave,
    waitsFor: [...waitsFor].sort(compareKeys),
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
    wave: 0,
    waitsFor: [],
    confidence: 'certain',
  }
}
