import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Asset, AssetGraph } from '../../src/dagster/assetGraph.ts'
import { keyId } from '../../src/dagster/assetKeys.ts'
import type { DataVersionRule } from '../../src/dagster/dataVersions.ts'
import { compareAssetGraphs } from '../../src/dagster/staleness.ts'

type Definition = { code: string | null; parents?: string[] }

/** `{ b: { code: '1', parents: ['a'] } }` as a graph; parents that are not defined become stubs. */
function graph(definitions: Readonly<Record<string, Definition>>): AssetGraph {
  const assets = new Map<string, Asset>()
  const put = (name: string, asset: Partial<Asset>) =>
    assets.set(keyId([name]), {
      key: [name],
      models: [name],
      codeVersion: null,
      parents: [],
      external: false,
      neverMaterialized: false,
      ...asset,
    })
  for (const [name, { code, parents = [] }] of Object.entries(definitions)) {
    put(name, { codeVersion: code, parents: parents.map((parent) => [parent]) })
  }
  for (const parent of Object.values(definitions).flatMap(({ parents = [] }) => parents)) {
    if (!assets.has(keyId([parent]))) put(parent, { external: true, neverMaterialized: true })
  }
  return assets
}

const DAGSTER: DataVersionRule = { kind: 'dagster' }
const snapshot = (...reused: string[]): DataVersionRule => ({
  kind: 'snapshot',
  reused: (asset) => reused.includes(asset.key[0] as string),
})

/** `name status reasons wave` of every impact. */
function impacts(base: AssetGraph, head: AssetGraph, rule: DataVersionRule = DAGSTER): string[] {
  return compareAssetGraphs(base, head, rule).map((impact) =>
    [impact.key[0], impact.status, impact.reasons.join('+') || '-', impact.wave].join(' '),
  )
}

const chain = (code: string | null) =>
  graph({ a: { code }, b: { code: '1', parents: ['a'] }, c: { code: '1', parents: ['b'] } })

// Each of these is Dagster's own verdict for the same graphs (CachingStaleStatusResolver).
describe('on deploy', () => {
  test.each<[string, AssetGraph, AssetGraph, string[]]>([
    ['nothing changes', chain('1'), chain('1'), []],
    [
      'none to a code version fires',
      graph({ a: { code: null } }),
      graph({ a: { code: '1' } }),
      ['a unsynced code 0'],
    ],
    [
      'a code version to none does not',
      graph({ a: { code: '1' } }),
      graph({ a: { code: null } }),
      [],
    ],
    [
      'a dependency is added, even without code versions',
      graph({ a: { code: null }, b: { code: null } }),
      graph({ a: { code: null }, b: { code: null, parents: ['a'] } }),
      ['b unsynced dependencies 0'],
    ],
    [
      'the order of dependencies does not matter',
      graph({ c: { code: '1', parents: ['a', 'b'] } }),
      graph({ c: { code: '1', parents: ['b', 'a'] } }),
      [],
    ],
    ['a new asset', graph({}), graph({ a: { code: '1' } }), ['a new - 0']],
    ['a removed asset', graph({ a: { code: '1' } }), graph({}), ['a removed - 0']],
    [
      'a removed parent that the child still reads becomes a stub',
      graph({ a: { code: '1' }, b: { code: '1', parents: ['a'] } }),
      graph({ b: { code: '1', parents: ['a'] } }),
      ['a removed - 0'],
    ],
    [
      'a renamed parent',
      graph({ p: { code: '1' }, c: { code: '1', parents: ['p'] } }),
      graph({ q: { code: '1' }, c: { code: '2', parents: ['q'] } }),
      ['c unsynced code+dependencies 0', 'q new - 0', 'p removed - 0'],
    ],
  ])('%s', (_, base, head, expected) => {
    expect(impacts(base, head)).toEqual(expected)
  })
})

describe('after upstream', () => {
  test('one hop a wave', () => {
    const base = graph({
      a: { code: '1' },
      b: { code: '1', parents: ['a'] },
      c: { code: '1', parents: ['b'] },
    })
    expect(impacts(base, chain('2'))).toEqual([
      'a unsynced code 0',
      'b afterUpstream data 1',
      'c afterUpstream data 2',
    ])
  })

  test('a stub that becomes an asset moves its children once it has run', () => {
    const base = graph({ b: { code: '1', parents: ['a'] } })
    const head = graph({ a: { code: '1' }, b: { code: '1', parents: ['a'] } })
    expect(impacts(base, head)).toEqual(['b afterUpstream data 1', 'a new - 0'])
  })

  test('swapped external parents are all INITIAL: the data version stays', () => {
    const child = { code: '1', parents: ['b'] }
    const base = graph({ b: { code: '1', parents: ['x'] }, c: child })
    const head = graph({ b: { code: '1', parents: ['y'] }, c: child })
    expect(impacts(base, head)).toEqual(['b unsynced dependencies 0'])
  })

  test('without a code version every run makes a new data version', () => {
    const base = graph({ b: { code: null, parents: ['x'] }, c: { code: '1', parents: ['b'] } })
    const head = graph({ b: { code: null, parents: ['y'] }, c: { code: '1', parents: ['b'] } })
    expect(impacts(base, head)).toEqual(['b unsynced dependencies 0', 'c afterUpstream data 1'])
  })

  test('a reused snapshot version moves nothing', () => {
    expect(impacts(chain('1'), chain('2'), snapshot('a'))).toEqual(['a unsynced code 0'])
  })

  test('with snapshot versions only the first hop is expected', () => {
    const found = compareAssetGraphs(chain('1'), chain('2'), snapshot())
    expect(found.map((impact) => impact.confidence)).toEqual(['certain', 'expected', 'possible'])
  })

  test('waits for every parent that moves', () => {
    const at = (code: string) =>
      graph({ l: { code }, m: { code }, z: { code: '1', parents: ['m', 'l'] } })
    const last = compareAssetGraphs(at('1'), at('2'), DAGSTER).at(-1)
    expect(last).toMatchObject({ key: ['z'], waitsFor: [['l'], ['m']], wave: 1 })
  })
})

/** Graphs without cycles: an asset reads only those before it. */
const anyGraph = fc
  .array(fc.tuple(fc.constantFrom('1', '2', null), fc.array(fc.nat(7), { maxLength: 3 })), {
    maxLength: 8,
  })
  .map((rows) =>
    graph(
      Object.fromEntries(
        rows.map(([code, reads], index) => [
          `n${index}`,
          { code, parents: [...new Set(reads.filter((read) => read < index))].map((n) => `n${n}`) },
        ]),
      ),
    ),
  )

describe('in general', () => {
  test('equal graphs have no impact', () => {
    fc.assert(fc.property(anyGraph, (same) => impacts(same, same).length === 0))
  })

  test('each asset appears once, and only an upstream move makes another follow', () => {
    fc.assert(
      fc.property(anyGraph, anyGraph, (base, head) => {
        const found = compareAssetGraphs(base, head, DAGSTER)
        const ids = found.map((impact) => keyId(impact.key))
        expect(new Set(ids).size).toBe(ids.length)
        for (const impact of found) {
          const follows = impact.status === 'afterUpstream'
          expect(impact.waitsFor.length > 0).toBe(follows)
          expect(impact.wave > 0).toBe(follows)
          for (const parent of impact.waitsFor) expect(ids).toContain(keyId(parent))
        }
      }),
    )
  })
})
