import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Asset, AssetGraph } from '../../src/dagster/asset.ts'
import { keyId } from '../../src/dagster/assetKeys.ts'
import type { DataVersionRule } from '../../src/dagster/dataVersions.ts'
import { compareAssetGraphs, withAddedPartitions } from '../../src/dagster/staleness.ts'
import { graphOf as graph } from '../oracle/scenario.ts'

const DAGSTER: DataVersionRule = { kind: 'dagster' }
const snapshot = (...reused: string[]): DataVersionRule => ({
  kind: 'snapshot',
  versionOf: (asset) => (reused.includes(asset.key[0] as string) ? 'reused' : 'unknown'),
})
const categorised = (versions: Readonly<Record<string, 'new' | 'reused'>>): DataVersionRule => ({
  kind: 'snapshot',
  versionOf: (asset) => versions[asset.key[0] as string] ?? 'unknown',
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
    [
      'an empty code version is none',
      graph({ a: { code: '1' }, b: { code: '' } }),
      graph({ a: { code: '' }, b: { code: '1' } }),
      ['b unsynced code 0'],
    ],
    [
      'a declared table becomes a model, and its children follow',
      graph({ a: { kind: 'neverMaterialized' }, b: { code: '1', parents: ['a'] } }),
      graph({ a: { code: '1' }, b: { code: '1', parents: ['a'] } }),
      ['b afterUpstream data 1', 'a new - 0'],
    ],
    [
      'a model becomes a declared table: what it once stamped still counts',
      graph({ a: { code: '1', parents: ['x'] } }),
      graph({ a: { kind: 'neverMaterialized' } }),
      ['a unsynced dependencies 0'],
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

  test('a parent swapped for one with an equal data version moves nothing', () => {
    const child = { code: '1', parents: ['b'] }
    const at = (parent: string) =>
      graph({ p: { code: '1' }, q: { code: '1' }, b: { code: '1', parents: [parent] }, c: child })
    expect(impacts(at('p'), at('q'))).toEqual(['b unsynced dependencies 0'])
  })

  test('a data version that only moves in a later run flags the children only then', () => {
    const at = (code: string, other: string) =>
      graph({
        r: { code },
        q: { code: '1', parents: ['r'] },
        p: { code: '1', parents: ['q', other] },
        c: { code: '1', parents: ['p'] },
      })
    expect(impacts(at('1', 'x'), at('2', 'y'))).toContain('c afterUpstream data 3')
  })

  test('without a code version every run makes a new data version', () => {
    const base = graph({ b: { code: null, parents: ['x'] }, c: { code: '1', parents: ['b'] } })
    const head = graph({ b: { code: null, parents: ['y'] }, c: { code: '1', parents: ['b'] } })
    expect(impacts(base, head)).toEqual(['b unsynced dependencies 0', 'c afterUpstream data 1'])
  })

  test('a reused snapshot version moves nothing', () => {
    expect(impacts(chain('1'), chain('2'), snapshot('a'))).toEqual(['a unsynced code 0'])
  })

  test('a new model gets a first snapshot version, even one that is pinned from then on', () => {
    const base = graph({ b: { code: '1', parents: ['a'] } })
    const head = graph({ a: { code: '1' }, b: { code: '1', parents: ['a'] } })
    expect(impacts(base, head, snapshot('a'))).toEqual(['b afterUpstream data 1', 'a new - 0'])
  })

  test('an asset of which it is certain that it follows is expected, at its certain wave', () => {
    const at = (s: string, code: string) =>
      graph({
        s: { code: '1', parents: [s] },
        m: { code },
        t: { code: '1', parents: ['m'], modelless: true },
        z: { code: '1', parents: ['s', 't'] },
      })
    const found = compareAssetGraphs(at('x', '1'), at('y', '2'), categorised({ m: 'new' }))
    const z = found.find(({ key }) => key[0] === 'z')
    expect(z).toMatchObject({ wave: 2, waitsFor: [['t']], confidence: 'expected' })
  })

  test('where only the first version is known, only the first hop is expected', () => {
    const found = compareAssetGraphs(chain('1'), chain('2'), categorised({ a: 'new' }))
    expect(found.map((impact) => impact.confidence)).toEqual(['certain', 'expected', 'possible'])
  })

  test('where none is known, all that follows is possible', () => {
    const found = compareAssetGraphs(chain('1'), chain('2'), snapshot())
    expect(found.map((impact) => impact.confidence)).toEqual(['certain', 'possible', 'possible'])
  })

  test('with SQLMesh’s categories every hop is expected, as far as versions are new', () => {
    const chained = (rule: DataVersionRule) =>
      compareAssetGraphs(chain('1'), chain('2'), rule).map(
        ({ key, confidence }) => `${key[0]} ${confidence}`,
      )
    expect(chained(categorised({ a: 'new', b: 'new', c: 'reused' }))).toEqual([
      'a certain',
      'b expected',
      'c expected',
    ])
    expect(chained(categorised({ a: 'new', b: 'reused', c: 'reused' }))).toEqual([
      'a certain',
      'b expected',
    ])
    expect(chained(categorised({ a: 'reused' }))).toEqual(['a certain'])
  })

  test('waits for every parent that moves', () => {
    const at = (code: string) =>
      graph({ l: { code }, m: { code }, z: { code: '1', parents: ['m', 'l'] } })
    const last = compareAssetGraphs(at('1'), at('2'), DAGSTER).at(-1)
    expect(last).toMatchObject({ key: ['z'], waitsFor: [['l'], ['m']], wave: 1 })
  })
})

describe('partitioned assets', () => {
  const at = (code: string, partitions: readonly string[] | 'daily') =>
    graph({ a: { code, partitions }, b: { code: '1', parents: ['a'] } })

  test('are unsynced where their partitions are, and their children follow', () => {
    const [base, head] = [at('1', ['p1', 'p2']), at('2', ['p1', 'p2'])]
    expect(impacts(base, head)).toEqual(['a unsynced code 0', 'b afterUpstream data 1'])
    const [a, b] = compareAssetGraphs(base, head, DAGSTER)
    expect(a?.partitions).toEqual({ scope: 'every', count: 2 })
    expect(b?.partitions).toBeNull()
  })

  test('are not looked at from below when they are time windows', () => {
    expect(impacts(at('1', 'daily'), at('2', 'daily'))).toEqual(['a unsynced code 0'])
  })

  test('are listed when they come and go', () => {
    const partitions = ['p1']
    const [base, head] = [graph({ a: { partitions } }), graph({ b: { partitions } })]
    expect(impacts(base, head)).toEqual(['b new - 0', 'a removed - 0'])
  })

  test('get others beside those that they had', () => {
    const having = (partitions: readonly string[]) => graph({ a: { code: '1', partitions } })
    const added = (...both: [readonly string[], readonly string[]]) =>
      withAddedPartitions(having(both[0]), having(both[1]))
    expect(added(['p1'], ['p1', 'p2'])).toEqual([['a']])
    expect(added(['p1', 'p2'], ['p1'])).toEqual([])
    expect(added(['p1'], ['p2']), 'the asset itself is new then').toEqual([])
  })

  /** A definition of which only these are looked at. */
  const looked = (code: string, keys: readonly string[], digest: string) => {
    const partitions = { keys, complete: false, count: 700, digest }
    return new Map([...graph({ a: { code } })].map(([id, it]) => [id, { ...it, partitions }]))
  }
  test('are not taken for missing where it is not known whether base had them', () => {
    const [impact, ...others] = compareAssetGraphs(
      looked('1', ['p1', 'p2'], 'x'),
      looked('2', ['p2', 'p3'], 'y'),
      DAGSTER,
    )
    expect(others).toEqual([])
    expect(impact).toMatchObject({
      status: 'unsynced',
      partitions: { scope: 'every', count: null },
    })
    expect(
      compareAssetGraphs(looked('1', ['p1'], 'x'), looked('1', ['p1', 'p9'], 'y'), DAGSTER),
    ).toEqual([])
  })

  test('are counted without a look at each, where both commits have the same', () => {
    const [impact] = compareAssetGraphs(looked('1', ['p1'], 'x'), looked('2', ['p1'], 'x'), DAGSTER)
    expect(impact?.partitions).toEqual({ scope: 'every', count: 700 })
  })

  test('of a mapping that is not resolved are only possible', () => {
    const unresolved = { resolved: false, tracked: true, rows: new Map() }
    const at = (code: string): AssetGraph => {
      const partitions = ['p1']
      const both = graph({ a: { code, partitions }, b: { code: '1', parents: ['a'], partitions } })
      const reads = new Map([[keyId(['a']), unresolved]])
      const b = both.get(keyId(['b'])) as Asset
      return new Map(both).set(keyId(['b']), { ...b, reads })
    }
    const found = compareAssetGraphs(at('1'), at('2'), DAGSTER)
    expect(found.map(({ confidence }) => confidence)).toEqual(['certain', 'possible'])
  })
})

test('a cycle, which Dagster refuses, ends', () => {
  const at = (code: string | null) =>
    graph({ a: { code, parents: ['b'] }, b: { code: null, parents: ['a'] }, c: { parents: ['c'] } })
  expect(impacts(at(null), at('1'))).toContain('a unsynced code 0')
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
