import { type AssetKey, keyId } from '../assetKeys.ts'
import { type Asker, askerOf, type Budget, Unanswered } from './askDagster.ts'
import type { DagsterServer } from './dagsterServer.ts'
import { isDagsterPlus } from './dagsterServer.ts'
import { describeAsset, type SeenAsset } from './describeLive.ts'
import { fieldsText, type Lacking } from './graphqlFields.ts'
import {
  assetsAnswer,
  type LatestAnswer,
  type NodeAnswer,
  type PartitionsAnswer,
  partitionsAnswer,
  type RunAnswer,
  runsAnswer,
} from './liveAnswers.ts'
import type { LiveAsset, WantedAsset } from './liveAsset.ts'
import { ASSET_FIELDS, PARTITION_FIELDS, RUN_FIELDS } from './questions.ts'

/** What a running Dagster said. */
export type Live = {
  /** By `keyId`; assets that were not told of are not in it. */
  readonly assets: ReadonlyMap<string, LiveAsset>
  /** Why some or all are missing; null if none are. */
  readonly trouble: LiveTrouble | null
}

export type LiveTrouble = {
  /** What was asked for and not had: `the state of 200 of 340 assets`. */
  readonly asked: string
  readonly answered: string
  readonly advice: string
}

const TOTAL_MS = 20_000
const KEYS_A_QUESTION = 100
const RUNS_A_QUESTION = 10
const MOST_RUNS = 60
const PARTITIONED_A_QUESTION = 10
const MOST_PARTITIONED = 50
/** Dagster looks at each partition's own history. */
const MOST_PARTITIONS = 400
const AT_ONCE = 4

/**
 * Asks a running Dagster about assets, within 20 s in all. Nothing that goes wrong is thrown.
 *
 * @param wanted the most important first
 * @param totalMs for tests
 */
export async function readLive(
  wanted: readonly WantedAsset[],
  server: DagsterServer,
  totalMs = TOTAL_MS,
): Promise<Live> {
  if (wanted.length === 0) return { assets: new Map(), trouble: null }
  if (server.token === null && isDagsterPlus(server.url)) return untold(wanted)
  const asOf = new Date()
  const budget: Budget = { started: performance.now(), totalMs }
  const ask = askerOf(server, budget)
  const first = await inParallel(chunks(wanted, KEYS_A_QUESTION), (some) => askAssets(ask, some))
  const seen = first.results.flat()
  const [runs, partitions] = await Promise.all([
    inParallel(chunks(runsOf(seen), RUNS_A_QUESTION), (ids) => askRuns(ask, ids)),
    inParallel(chunks(partitionedOf(seen), PARTITIONED_A_QUESTION), (some) =>
      askPartitions(ask, some),
    ),
  ])
  const more = {
    runs: new Map(runs.results.flat()),
    partitions: new Map(partitions.results.flat()),
  }
  const assets = new Map(
    seen.map((one) => [keyId(one.wanted.key), describeAsset(one, more, server.url, asOf)]),
  )
  return { assets, trouble: troubleOf(wanted.length, seen.length, [first, runs, partitions]) }
}

function stateOf(count: number): string {
  return count === 1 ? 'the state of 1 asset' : `the state of ${count} assets`
}

function untold(wanted: readonly WantedAsset[]): Live {
  const trouble = {
    asked: stateOf(wanted.length),
    answered: 'it was not asked, because the input `dagster-token` is empty',
    advice:
      'Dagster+ answers nobody without one. Pull requests from forks and from Dependabot get no secrets.',
  }
  return { assets: new Map(), trouble }
}

async function askAssets(
  ask: Asker,
  wanted: readonly WantedAsset[],
): Promise<readonly SeenAsset[]> {
  const write = (lacking: Lacking) =>
    `query Assets($keys: [AssetKeyInput!]!) { ${fieldsText(ASSET_FIELDS, lacking)} }`
  const keys = wanted.map(({ key }) => ({ path: key }))
  const { assetNodes, assetsLatestInfo } = await ask(write, { keys }, assetsAnswer)
  const nodes = new Map<string, NodeAnswer>(assetNodes.map((one) => [idOf(one), one]))
  const latest = new Map<string, LatestAnswer>(assetsLatestInfo.map((one) => [idOf(one), one]))
  return wanted.map((one) => {
    const id = keyId(one.key)
    return { wanted: one, node: nodes.get(id) ?? null, latest: latest.get(id) ?? null }
  })
}

function idOf({ assetKey }: { assetKey: { path: readonly string[] } }): string {
  return keyId(assetKey.path)
}

/** Runs that made a latest materialization, those of the first assets first. */
function runsOf(seen: readonly SeenAsset[]): readonly string[] {
  const ids = seen.flatMap(({ latest }) => latest?.latestMaterialization?.runId ?? [])
  return [...new Set(ids)].slice(0, MOST_RUNS)
}

async function askRuns(
  ask: Asker,
  ids: readonly string[],
): Promise<readonly (readonly [string, RunAnswer])[]> {
  const names = ids.map((_, index) => `r${index}`)
  const write = (lacking: Lacking) => {
    const fields = fieldsText(RUN_FIELDS, lacking)
    const parts = names.map(
      (name) => `${name}: runOrError(runId: $${name}) { ... on Run { ${fields} } }`,
    )
    return `query Runs(${names.map((name) => `$${name}: ID!`).join(', ')}) { ${parts.join(' ')} }`
  }
  const variables = Object.fromEntries(ids.map((id, index) => [`r${index}`, id]))
  const answer = await ask(write, variables, runsAnswer)
  return ids.flatMap((id, index) => {
    const run = answer[`r${index}`]
    return run ? [[id, run] as const] : []
  })
}

/** Few enough partitions to ask for the status of each. */
function partitionedOf(seen: readonly SeenAsset[]): readonly AssetKey[] {
  return seen
    .filter(({ node }) => {
      const total = node?.partitionStats?.numPartitions ?? 0
      return total > 0 && total <= MOST_PARTITIONS
    })
    .map(({ wanted }) => wanted.key)
    .slice(0, MOST_PARTITIONED)
}

type Statuses = NonNullable<PartitionsAnswer[string]>[number]['staleStatusByPartition']

async function askPartitions(
  ask: Asker,
  keys: readonly AssetKey[],
): Promise<readonly (readonly [string, Statuses])[]> {
  const names = keys.map((_, index) => `a${index}`)
  const write = (lacking: Lacking) => {
    const fields = fieldsText(PARTITION_FIELDS, lacking)
    const parts = names.map((name) => `${name}: assetNodes(assetKeys: $${name}) { ${fields} }`)
    const types = names.map((name) => `$${name}: [AssetKeyInput!]!`)
    return `query Partitions(${types.join(', ')}) { ${parts.join(' ')} }`
  }
  const variables = Object.fromEntries(keys.map((key, index) => [`a${index}`, [{ path: key }]]))
  const answer = await ask(write, variables, partitionsAnswer)
  return keys.flatMap((key, index) => {
    const statuses = answer[`a${index}`]?.[0]?.staleStatusByPartition
    return statuses === undefined ? [] : [[keyId(key), statuses] as const]
  })
}

type Gathered<T> = { readonly results: readonly T[]; readonly failures: readonly Unanswered[] }

/** A few questions at a time; those after a failure are still asked. */
async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Gathered<Result>> {
  const results: Result[] = []
  const failures: Unanswered[] = []
  const waiting = [...items.keys()]
  const byIndex = new Map<number, Result>()
  const worker = async () => {
    for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
      try {
        byIndex.set(index, await work(items[index] as Item))
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  for (const index of items.keys()) {
    if (byIndex.has(index)) results.push(byIndex.get(index) as Result)
  }
  return { results, failures }
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size))
}

function troubleOf(
  wanted: number,
  seen: number,
  [assets, runs, partitions]: readonly [Gathered<unknown>, Gathered<unknown>, Gathered<unknown>],
): LiveTrouble | null {
  const all = [
    [assets, stateOf(wanted)],
    [runs, 'how long their last runs took'],
    [partitions, 'the status of their partitions'],
  ] as const
  const failed = all.filter(([{ failures }]) => failures.length > 0)
  const first = failed[0]?.[0].failures[0]
  if (first === undefined) return null
  const known = assets.failures.length > 0 && seen > 0 ? `, and only ${seen} are known` : ''
  return {
    asked: failed.map(([, what]) => what).join(' and '),
    answered: `${first.message}${known}`,
    advice: first.advice,
  }
}
