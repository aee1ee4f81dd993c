import type { Asset, AssetGraph } from '../../src/dagster/assetGraph.ts'
import { type AssetKey, compareKeys, keyId } from '../../src/dagster/assetKeys.ts'
import type { DataVersionRule } from '../../src/dagster/dataVersions.ts'
import type { Case, JudgedAsset } from './judge.ts'

/** One asset of a scenario. Keys are written `a/b`. */
export type Definition = {
  readonly code?: string | null
  readonly parents?: readonly string[]
  readonly kind?: JudgedAsset['kind']
  readonly partitions?: JudgedAsset['partitions']
  /** No SQLMesh model is behind it, so no snapshot's version is stamped either. */
  readonly modelless?: boolean
}

export type Definitions = Readonly<Record<string, Definition>>

/** Two commits' assets, and where data versions come from. */
export type Scenario = {
  readonly base: Definitions
  readonly head: Definitions
  /** `reused`: keys whose model keeps its snapshot version. */
  readonly rule: { readonly kind: 'dagster' } | { kind: 'snapshot'; reused: readonly string[] }
}

/** What becomes of the data versions of which our rule does not know whether they move. */
export type World = 'moves' | 'stays'

export const keyOf = (name: string): AssetKey => name.split('/')

/** The graphs as our rules take them; parents that are not defined are stubs. */
export function graphOf(definitions: Definitions): AssetGraph {
  const graph = new Map<string, Asset>()
  for (const [name, definition] of Object.entries(definitions)) {
    const { kind = 'materialized', partitions = null } = definition
    const key = keyOf(name)
    graph.set(keyId(key), {
      key,
      models: isBare(definition) || definition.modelless ? [] : [name],
      codeVersion: definition.code ?? null,
      parents: (definition.parents ?? []).map(keyOf).sort(compareKeys),
      external: isBare(definition),
      neverMaterialized: kind !== 'materialized',
      partitioned: partitions !== null,
      partitionsTracked: !isUntracked(partitions),
      virtual: kind === 'virtual',
    })
  }
  for (const name of Object.values(definitions).flatMap(({ parents = [] }) => parents)) {
    const id = keyId(keyOf(name))
    if (!graph.has(id)) graph.set(id, { ...STUB, key: keyOf(name) })
  }
  return graph
}

const STUB = {
  models: [],
  codeVersion: null,
  parents: [],
  external: true,
  neverMaterialized: true,
  partitioned: false,
} as const

/** Nothing but a spec defines it, so that it is external. */
export function isBare({ kind }: Definition): boolean {
  return kind === 'external' || kind === 'virtual'
}

function isUntracked(partitions: JudgedAsset['partitions']): boolean {
  return partitions === 'daily' || (partitions?.length ?? 0) >= 100
}

export function ruleOf({ rule, base, head }: Scenario): DataVersionRule {
  if (rule.kind === 'dagster') return rule
  const versionOf = (name: string) => {
    if (rule.reused.includes(name)) return 'reused'
    // A data hash that moved makes a new version; of models that merely follow it is open.
    const code = head[name]?.code ?? ''
    return code !== '' && code !== base[name]?.code ? 'new' : 'unknown'
  }
  return { kind: 'snapshot', versionOf: ({ key }) => versionOf(key.join('/')) }
}

/** The scenario as Dagster gets it. */
export function caseOf(scenario: Scenario, world: World, run: Case['run'] = 'report'): Case {
  const { base, head } = scenario
  return {
    base: Object.entries(base).map(([name, each]) => judged(name, each, baseStamp(scenario, name))),
    head: Object.entries(head).map(([name, each]) =>
      judged(name, each, headStamp(scenario, name, world)),
    ),
    run,
  }
}

function judged(name: string, each: Definition, dataVersion: string | null): JudgedAsset {
  return {
    key: keyOf(name),
    codeVersion: each.code ?? null,
    parents: (each.parents ?? []).map(keyOf),
    kind: each.kind ?? 'materialized',
    partitions: each.partitions ?? null,
    dataVersion: each.modelless ? null : dataVersion,
  }
}

const firstVersion = (name: string) => `version 1 of ${name}`

function baseStamp({ rule }: Scenario, name: string): string | null {
  return rule.kind === 'dagster' ? null : firstVersion(name)
}

/**
 * What an integration that stamps `snapshot.version` would do with SQLMesh's answer: a first version
 * for a new model, the old one where SQLMesh reuses it, a new one where the data hash moved, and
 * for the rest whatever SQLMesh's category of the change above says: the two worlds.
 */
function headStamp(scenario: Scenario, name: string, world: World): string | null {
  const { base, head, rule } = scenario
  if (rule.kind === 'dagster') return null
  const before = base[name]
  const ranBefore = before !== undefined && (before.kind ?? 'materialized') === 'materialized'
  if (!ranBefore) return `version 2 of ${name}`
  if (rule.reused.includes(name)) return firstVersion(name)
  const code = head[name]?.code ?? ''
  const moved = code !== '' && code !== (before.code ?? '')
  return moved || world === 'moves' ? `version 2 of ${name}` : firstVersion(name)
}
