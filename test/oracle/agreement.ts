import { compareKeys, keyId } from '../../src/dagster/assetKeys.ts'
import { type AssetImpact, compareAssetGraphs } from '../../src/dagster/staleness.ts'
import {
  type AssetView,
  isStatic,
  type Partitioning,
  type Probed,
  type StaleCause,
  type Verdict,
  type View,
} from './judge.ts'
import { type Definition, graphOf, isBare, keyOf, ruleOf, type Scenario } from './scenario.ts'

/** What an impact says of Dagster: everything but what it carries along for the report. */
export type Row = Pick<
  AssetImpact,
  'key' | 'status' | 'reasons' | 'parents' | 'partitions' | 'wave' | 'waitsFor' | 'confidence'
>

/** Our rows, and those that Dagster's verdicts amount to; equal if we are right. */
export type Agreement = { readonly ours: readonly Row[]; readonly dagsters: readonly Row[] }

/**
 * @param verdicts Dagster's, with every version of doubt moving, and with all of them staying
 * @throws if Dagster says something that no row can stand for
 */
export function confront(
  scenario: Scenario,
  verdicts: { readonly moves: Verdict; readonly stays: Verdict },
): Agreement {
  const ours = ourRows(scenario, verdicts.moves.probed)
  const names = Object.keys(scenario.head)
  const rows = names.flatMap((name) => rowOf(name, scenario, verdicts) ?? [])
  const gone = Object.keys(scenario.base).filter(
    (name) => isInternal(scenario.base[name]) && !isInternal(scenario.head[name]),
  )
  const removed = gone.map((name) => {
    const partitions = scenario.base[name]?.partitions ?? null
    const number = ours.find(({ key }) => keyId(key) === keyId(keyOf(name)))?.partitions?.count
    return row(name, { status: 'removed', ...every(partitions, number ?? 0) })
  })
  const dagsters = [...rows, ...removed].sort(byKey)
  return { ours, dagsters: scenario.open ? dagsters.map((each) => unsure(each, ours)) : dagsters }
}

/** What we call possible because we have no instance, Dagster, who has one, calls certain. */
function unsure(dagsters: Row, ours: readonly Row[]): Row {
  const { confidence } = ours.find(({ key }) => keyId(key) === keyId(dagsters.key)) ?? dagsters
  return confidence === 'possible' ? { ...dagsters, confidence } : dagsters
}

/** What we say of a scenario, sorted by key. */
export function ourRows(
  { base, head, ...rest }: Scenario,
  probed: { readonly base: Probed; readonly head: Probed } | null = null,
): readonly Row[] {
  const graphs = [graphOf(base, probed?.base), graphOf(head, probed?.head)] as const
  return compareAssetGraphs(...graphs, ruleOf({ base, head, ...rest }))
    .map(toRow)
    .sort(byKey)
}

function toRow(impact: AssetImpact): Row {
  const { key, status, reasons, parents, partitions, wave, waitsFor, confidence } = impact
  const sorted = [...reasons].sort()
  return { key, status, reasons: sorted, parents, partitions, wave, waitsFor, confidence }
}

const byKey = (a: Row, b: Row) => compareKeys(a.key, b.key)

function isInternal(definition: Definition | undefined): boolean {
  return definition !== undefined && !isBare(definition)
}

function row(name: string, rest: Partial<Row> & Pick<Row, 'status'>): Row {
  return {
    key: keyOf(name),
    reasons: [],
    parents: { added: [], removed: [] },
    partitions: null,
    wave: 0,
    waitsFor: [],
    confidence: 'certain',
    ...rest,
  }
}

/** The row that Dagster's statuses of one asset of head amount to; null for none. */
function rowOf(
  name: string,
  scenario: Scenario,
  { moves, stays }: { moves: Verdict; stays: Verdict },
): Row | null {
  const after = scenario.head[name] as Definition
  const before = scenario.base[name]
  const seen = views(moves, name)
  const { partitions = null } = after
  if (!isInternal(after) || partitions !== null) requireFresh(name, seen)
  if (!isInternal(after)) return null
  const onDeploy = partsOf(seen[0] as AssetView, partitions)
  const stale = onDeploy.filter(isStale)
  const missing = onDeploy.filter(({ status }) => status === 'MISSING')
  if (stale.length > 0) {
    const scope = stale.length + missing.length === onDeploy.length ? 'every' : 'mapped'
    return unsynced(name, stale, affected(partitions, scope, stale.length))
  }
  if (missing.length === onDeploy.length && (missing.length > 0 || !isInternal(before))) {
    const never = before?.kind === 'neverMaterialized' && after.kind === 'neverMaterialized'
    return never ? null : row(name, { status: 'new', ...every(partitions, missing.length) })
  }
  return (
    following(name, views(stays, name), partitions, 'expected') ??
    following(name, seen, partitions, 'possible')
  )
}

/** Dagster has no status of its own for these. @throws Error where it has one */
function requireFresh(name: string, seen: readonly AssetView[]): void {
  const loud = seen.find(({ status }) => status !== 'FRESH')
  if (loud) throw new Error(`Dagster gives ${name} the status ${loud.status}`)
}

/** What Dagster has a status of: each partition, or the asset itself. */
function partsOf(
  view: AssetView,
  partitions: Partitioning | null,
): readonly (View & { readonly partition: string | null })[] {
  return partitions === null ? [{ ...view, partition: null }] : view.partitions
}

/** Of what neither time nor an instance adds to, partitions are counted. */
function affected(
  partitions: Partitioning | null,
  scope: 'every' | 'mapped',
  number: number,
): Pick<Row, 'partitions'> {
  if (partitions === null) return { partitions: null }
  return { partitions: { scope, count: isClosed(partitions) ? number : null } }
}

const every = (partitions: Partitioning | null, number: number) =>
  affected(partitions, 'every', number)

function isClosed(partitions: Partitioning): boolean {
  if (partitions === 'daily' || isStatic(partitions)) return true
  if ('dimensions' in partitions) return Object.values(partitions.dimensions).every(isClosed)
  return 'end' in partitions
}

/** One asset's view in every state of a verdict. */
function views(verdict: Verdict, name: string): readonly AssetView[] {
  const id = keyId(keyOf(name))
  return verdict.states.map(({ assets }) => {
    const view = assets.find(({ key }) => keyId(key) === id)
    if (view === undefined) throw new Error(`Dagster says nothing of ${name}`)
    return view
  })
}

const isStale = (view: View) => view.status === 'STALE'

const REASONS = { CODE: 'code', DEPENDENCIES: 'dependencies', DATA: 'data' } as const

function unsynced(name: string, stale: readonly View[], partitions: Pick<Row, 'partitions'>): Row {
  const causes = stale.flatMap((view) => view.causes)
  const about = (reason: RegExp) =>
    keysOf(causes.filter((cause) => reason.test(cause.reason)).map(({ dependency }) => dependency))
  return row(name, {
    ...partitions,
    status: 'unsynced',
    reasons: [...new Set(causes.map(({ category }) => REASONS[category]))].sort(),
    parents: { added: about(/^has a new dependency$/), removed: about(/^removed dependency$/) },
  })
}

function following(
  name: string,
  seen: readonly AssetView[],
  partitions: Partitioning | null,
  confidence: 'expected' | 'possible',
): Row | null {
  const stale = seen.map((view) => partsOf(view, partitions).filter(isStale))
  const wave = stale.findIndex((parts) => parts.length > 0)
  const first = stale[wave]
  if (first === undefined) return null
  const causes = first.flatMap((view) => view.causes)
  const others = causes.filter(({ category }) => category !== 'DATA')
  if (others.length > 0) throw new Error(`${name} is stale for ${JSON.stringify(others)} by itself`)
  const waitsFor = keysOf(causes.map(({ key }) => key))
  const number = new Set(stale.flat().map(({ partition }) => partition)).size
  const which = affected(partitions, 'mapped', number)
  const common = { status: 'afterUpstream', reasons: ['data'], wave, waitsFor, confidence } as const
  return row(name, { ...common, ...which })
}

/** Sorted, and each once: partitioned parents are a cause for each partition. */
function keysOf(keys: readonly (StaleCause['dependency'] | null)[]): readonly string[][] {
  const found = new Map(keys.map((key) => [keyId(key ?? []), [...(key ?? [])]]))
  return [...found.values()].sort(compareKeys)
}

/** As the hand-written expectations are. */
export function lineOf(row: Row): string {
  const { key, status, reasons, parents, partitions, wave, waitsFor, confidence } = row
  const names = (keys: Row['waitsFor']) => keys.map((each) => each.join('/'))
  return [
    key.join('/'),
    status,
    reasons.join(','),
    ...(wave > 0 ? [wave, names(waitsFor).join(',')] : []),
    ...names(parents.added).map((name) => `+${name}`),
    ...names(parents.removed).map((name) => `-${name}`),
    ...(partitions === null ? [] : [partitions.scope, partitions.count ?? '?']),
    confidence === 'possible' ? confidence : '',
  ]
    .filter((word) => word !== '')
    .join(' ')
}
