import type { Asset, AssetGraph, PartitionReading, Partitions } from '../../src/dagster/asset.ts'
import { type AssetKey, compareKeys, keyId } from '../../src/dagster/assetKeys.ts'
import type { DataVersionRule } from '../../src/dagster/dataVersions.ts'
import { partitionsOf } from '../../src/dagster/partitions.ts'
import type { Case, JudgedAsset, Mapping, Partitioning, Probed } from './judge.ts'

/** One asset of a scenario. Keys are written `a/b`. */
export type Definition = {
  readonly code?: string | null
  readonly parents?: readonly string[]
  readonly kind?: JudgedAsset['kind']
  readonly partitions?: Partitioning | null
  /** By parent. */
  readonly mappings?: Readonly<Record<string, Mapping>>
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
  /** The dynamic partitions of the instance, by name, of which our rules know nothing. */
  readonly dynamic?: Readonly<Record<string, readonly string[]>>
  /** Some mapping is open, so that we may say `possible` where Dagster, who has an instance, is certain. */
  readonly open?: true
}

/** What becomes of the data versions of which our rule does not know whether they move. */
export type World = 'moves' | 'stays'

export const keyOf = (name: string): AssetKey => name.split('/')

/**
 * The graphs as our rules take them; parents that are not defined are stubs.
 *
 * @param probed what our probe says of the definitions; without it partitions are of the simple kinds
 */
export function graphOf(definitions: Definitions, probed: Probed | null = null): AssetGraph {
  const graph = new Map<string, Asset>()
  for (const [name, definition] of Object.entries(definitions)) {
    const { kind = 'materialized' } = definition
    const key = keyOf(name)
    graph.set(keyId(key), {
      key,
      models: isBare(definition) || definition.modelless ? [] : [name],
      codeVersion: definition.code ?? null,
      parents: (definition.parents ?? []).map(keyOf).sort(compareKeys),
      external: isBare(definition),
      neverMaterialized: kind !== 'materialized',
      ...(probed === null ? simplePartitions(name, definition, definitions) : { partitions: null }),
      virtual: kind === 'virtual',
    })
  }
  for (const name of Object.values(definitions).flatMap(({ parents = [] }) => parents)) {
    const id = keyId(keyOf(name))
    if (!graph.has(id)) graph.set(id, { ...STUB, key: keyOf(name) })
  }
  if (probed === null) return graph
  const told = partitionsOf(probed.assets, probed)
  return new Map([...graph].map(([id, asset]) => [id, { ...asset, ...told.get(id) }]))
}

const STUB = {
  models: [],
  codeVersion: null,
  parents: [],
  external: true,
  neverMaterialized: true,
  partitions: null,
} as const

/** Whether our rules can play it without Dagster: partitions are static or two days, mappings the default. */
export function isSimple({ base, head }: Scenario): boolean {
  return [...Object.values(base), ...Object.values(head)].every(
    ({ partitions = null, mappings }) =>
      Object.keys(mappings ?? {}).length === 0 && isSimpleKind(partitions),
  )
}

export function hasPartitions({ base, head }: Scenario): boolean {
  const all = [...Object.values(base), ...Object.values(head)]
  return all.some(({ partitions }) => Boolean(partitions))
}

function isSimpleKind(
  partitions: Partitioning | null,
): partitions is readonly string[] | 'daily' | null {
  return partitions === null || partitions === 'daily' || Array.isArray(partitions)
}

function simpleKeys({ partitions = null }: Definition): readonly string[] | null {
  if (!isSimpleKind(partitions)) throw new Error(`Dagster has to say what ${partitions} are`)
  return partitions === 'daily' ? ['2024-01-01', '2024-01-02'] : partitions
}

function simplePartitions(
  name: string,
  definition: Definition,
  definitions: Definitions,
): Pick<Asset, 'partitions' | 'reads'> {
  const keys = simpleKeys(definition)
  const reads = (definition.parents ?? []).flatMap((parent) => {
    const above = definitions[parent]
    const keysAbove = above === undefined ? null : simpleKeys(above)
    if (above === undefined || keysAbove === null) return []
    const tracked = keys !== null || above.partitions !== 'daily'
    const rows = new Map(
      (keys ?? [null]).map((key) => [key, readBy(key, name === parent, keysAbove)]),
    )
    return [
      [keyId(keyOf(parent)), { resolved: true, tracked, rows } satisfies PartitionReading] as const,
    ]
  })
  const partitions: Partitions | null =
    keys === null ? null : { keys, complete: true, count: keys.length, digest: keys.join() }
  return { partitions, reads: new Map(reads) }
}

/** Dagster's default: the same partition, all of them for an asset without, the one before of its own. */
function readBy(
  key: string | null,
  itself: boolean,
  keys: readonly string[],
): readonly string[] | null {
  if (key === null) return keys.length >= 100 ? null : keys
  const place = keys.indexOf(key) - (itself ? 1 : 0)
  return keys[place] === undefined ? [] : [keys[place]]
}

/** Nothing but a spec defines it, so that it is external. */
export function isBare({ kind }: Definition): boolean {
  return kind === 'external' || kind === 'virtual'
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
  const { base, head, dynamic = {} } = scenario
  return {
    dynamic,
    probe: world === 'moves' && hasPartitions(scenario),
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
    mappings: Object.entries(each.mappings ?? {}).map(([parent, mapping]) => ({
      parent: keyOf(parent),
      mapping,
    })),
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
