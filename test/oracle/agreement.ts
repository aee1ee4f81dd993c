import { compareKeys, keyId } from '../../src/dagster/assetKeys.ts'
import {
  type AssetImpact,
  compareAssetGraphs,
  comparePartitions,
} from '../../src/dagster/staleness.ts'
import type { AssetView, StaleCause, Verdict, View } from './judge.ts'
import { type Definition, graphOf, isBare, keyOf, ruleOf, type Scenario } from './scenario.ts'

/** What an impact says of Dagster: everything but what it carries along for the report. */
export type Row = Pick<
  AssetImpact,
  'key' | 'status' | 'reasons' | 'parents' | 'wave' | 'waitsFor' | 'confidence'
>

/** Our rows, and those that Dagster's verdicts amount to; equal if we are right. */
export type Agreement = {
  readonly ours: readonly Row[]
  readonly dagsters: readonly Row[]
  /** The same of single partitions, for which Dagster has a status on the partition only. */
  readonly ourPartitions: readonly Row[]
  readonly dagstersPartitions: readonly Row[]
}

/**
 * @param verdicts Dagster's, with every version of doubt moving, and with all of them staying
 * @throws if Dagster says something that no row can stand for
 */
export function confront(
  scenario: Scenario,
  verdicts: { readonly moves: Verdict; readonly stays: Verdict },
): Agreement {
  const { assets: ours, partitions: ourPartitions } = ourRows(scenario)
  const names = Object.keys(scenario.head)
  const rows = names.flatMap((name) => rowOf(name, scenario, verdicts) ?? [])
  const gone = Object.keys(scenario.base).filter(
    (name) => isInternal(scenario.base[name]) && !isInternal(scenario.head[name]),
  )
  const partitions = names.flatMap((name) => partitionRowOf(name, scenario, verdicts.moves) ?? [])
  return {
    ours,
    dagsters: [...rows, ...gone.map((name) => row(name, { status: 'removed' }))].sort(byKey),
    ourPartitions,
    dagstersPartitions: partitions.sort(byKey),
  }
}

/** What we say of a scenario, sorted by key. */
export function ourRows(scenario: Scenario) {
  const [base, head] = [graphOf(scenario.base), graphOf(scenario.head)]
  return {
    assets: compareAssetGraphs(base, head, ruleOf(scenario)).map(toRow).sort(byKey),
    partitions: comparePartitions(base, head).map(toRow).sort(byKey),
  }
}

function toRow(impact: AssetImpact): Row {
  const { key, status, reasons, parents, wave, waitsFor, confidence } = impact
  return { key, status, reasons: [...reasons].sort(), parents, wave, waitsFor, confidence }
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
  const onDeploy = seen[0] as AssetView
  if (!isInternal(after) || after.partitions) {
    const loud = seen.find(({ status }) => status !== 'FRESH')
    if (loud) throw new Error(`Dagster gives ${name} the status ${loud.status}`)
    return after.partitions && !isInternal(before) ? row(name, { status: 'new' }) : null
  }
  switch (onDeploy.status) {
    case 'MISSING': {
      const never = before?.kind === 'neverMaterialized' && after.kind === 'neverMaterialized'
      return never ? null : row(name, { status: 'new' })
    }
    case 'STALE':
      return unsynced(name, onDeploy)
    case 'FRESH': {
      const surely = views(stays, name)
      if (surely.some(isStale)) return following(name, surely, 'expected')
      return seen.some(isStale) ? following(name, seen, 'possible') : null
    }
  }
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

function unsynced(name: string, { causes }: View): Row {
  const about = (reason: RegExp) =>
    keysOf(causes.filter((cause) => reason.test(cause.reason)).map(({ dependency }) => dependency))
  return row(name, {
    status: 'unsynced',
    reasons: [...new Set(causes.map(({ category }) => REASONS[category]))].sort(),
    parents: { added: about(/^has a new dependency$/), removed: about(/^removed dependency$/) },
  })
}

function following(
  name: string,
  seen: readonly AssetView[],
  confidence: 'expected' | 'possible',
): Row {
  const wave = seen.findIndex(isStale)
  const { causes } = seen[wave] as AssetView
  const others = causes.filter(({ category }) => category !== 'DATA')
  if (others.length > 0) throw new Error(`${name} is stale for ${JSON.stringify(others)} by itself`)
  const waitsFor = keysOf(causes.map(({ key }) => key))
  return row(name, { status: 'afterUpstream', reasons: ['data'], wave, waitsFor, confidence })
}

/** Sorted, and each once: partitioned parents are a cause for each partition. */
function keysOf(keys: readonly (StaleCause['dependency'] | null)[]): readonly string[][] {
  const found = new Map(keys.map((key) => [keyId(key ?? []), [...(key ?? [])]]))
  return [...found.values()].sort(compareKeys)
}

/** The row that an asset's partitions amount to, all of which must say the same. */
function partitionRowOf(name: string, scenario: Scenario, verdict: Verdict): Row | null {
  const [view] = views(verdict, name)
  if (view === undefined || view.partitions.length === 0) return null
  if (!isInternal(scenario.head[name]) || !isInternal(scenario.base[name])) return null
  const rows = view.partitions.map((partition) =>
    partition.status === 'FRESH'
      ? null
      : partition.status === 'MISSING'
        ? row(name, { status: 'new' })
        : unsynced(name, partition),
  )
  const distinct = new Set(rows.map((each) => JSON.stringify(each)))
  if (distinct.size > 1) throw new Error(`The partitions of ${name} differ: ${[...distinct]}`)
  return rows[0] ?? null
}

/** As the hand-written expectations are. */
export function lineOf({ key, status, reasons, parents, wave, waitsFor, confidence }: Row): string {
  const names = (keys: Row['waitsFor']) => keys.map((each) => each.join('/'))
  return [
    key.join('/'),
    status,
    reasons.join(','),
    ...(wave > 0 ? [wave, names(waitsFor).join(',')] : []),
    ...names(parents.added).map((name) => `+${name}`),
    ...names(parents.removed).map((name) => `-${name}`),
    confidence === 'possible' ? confidence : '',
  ]
    .filter((word) => word !== '')
    .join(' ')
}
