import { describe, expect, test } from 'vitest'
import { keyId } from '../../src/dagster/assetKeys.ts'
import { definedGraph } from '../../src/dagster/definedGraph.ts'
import type { DefinedAsset, Definitions } from '../../src/dagster/definitions.ts'
import { assetGraphs } from '../../src/dagster/graphs.ts'
import { dagsterSqlmesh } from '../../src/dagster/integrations/dagsterSqlmesh.ts'
import { dgSqlmesh } from '../../src/dagster/integrations/dgSqlmesh.ts'
import { compareAssetGraphs } from '../../src/dagster/staleness.ts'
import type { Model } from '../../src/sqlmesh/manifest.ts'
import { fqn, manifest, model, schemeOf } from '../helpers/models.ts'

function asset(key: string, differences: Partial<DefinedAsset> = {}): DefinedAsset {
  return {
    key: key.split('/'),
    codeVersion: null,
    parents: [],
    group: 'default',
    kinds: [],
    tableName: null,
    reads: [],
    partitions: null,
    external: false,
    virtual: false,
    ...differences,
  }
}

const definitions = (...assets: DefinedAsset[]): Definitions => ({
  versions: { python: '3.11.7', dagster: '1.13.27' },
  file: 'definitions.py',
  imported: [],
  assets,
  partitions: [],
  mappings: [],
  notices: [],
})

/** The model that an asset is linked to. */
function linked(it: DefinedAsset, models: readonly Model[], scheme = schemeOf(dgSqlmesh)) {
  const graph = definedGraph(definitions(it), manifest(models), scheme)
  return graph.get(keyId(it.key))?.models[0] ?? null
}

describe('the model behind an asset', () => {
  const a = model('a')
  test.each<[string, DefinedAsset, readonly Model[], string | null]>([
    ['its table', asset('x/y', { tableName: 'db.shop.a' }), [a], fqn('a')],
    ['its key', asset('db/shop/a'), [a], fqn('a')],
    [
      'its key in the words of the integration',
      asset('my_db/shop/a'),
      [model('a', { catalog: 'my-db' })],
      fqn('a'),
    ],
    ['the end of its key', asset('sqlmesh/shop/a'), [a], fqn('a')],
    ['its data hash', asset('orders', { codeVersion: 'hash of a' }), [a], fqn('a')],
    ['nothing', asset('orders'), [a], null],
    [
      'the end of its key, if it is of another kind',
      asset('dbt/shop/a', { kinds: ['dbt'] }),
      [a],
      null,
    ],
    [
      'the end of its key, if that is the end of two models',
      asset('sqlmesh/shop/a'),
      [a, model('a', { catalog: 'other', fqn: '"other"."shop"."a"' })],
      null,
    ],
    ['its key, as a stub', asset('db/shop/a', { external: true }), [a], null],
    [
      'its table, which another tool loads',
      asset('dlt/a', { tableName: 'db.shop.a', kinds: ['dlt'] }),
      [model('a', { external: true })],
      null,
    ],
  ])('is found by %s', (_, it, models, expected) => {
    expect(linked(it, models)).toBe(expected)
  })

  test('belongs to the asset with the surest link alone', () => {
    const graph = definedGraph(
      definitions(asset('db/shop/a'), asset('copy/shop/a')),
      manifest([model('a')]),
      null,
    )
    expect([...graph.values()].map(({ models }) => models)).toEqual([[fqn('a')], []])
  })
})

test('a declared external model that is an asset is never materialized', () => {
  const it = asset('db/shop/raw', { kinds: ['sqlmesh', 'duckdb'] })
  const models = [model('raw', { external: true })]
  const graph = definedGraph(definitions(it), manifest(models), schemeOf(dagsterSqlmesh))
  expect(graph.get(keyId(it.key))).toMatchObject({ neverMaterialized: true, external: false })
})

test('which partitions are read comes from the definitions', () => {
  const days = asset('days', { partitions: 0 })
  const view = asset('view', { external: true, virtual: true })
  const parents = [['days'], ['view']]
  const whole = asset('whole', { parents, reads: [0, null] })
  const later = asset('later', { parents: [['days']], reads: [1], partitions: 0 })
  const partitions = { keys: ['mon', 'tue'], complete: true, count: 2, digest: 'd' }
  const graph = definedGraph(
    {
      ...definitions(days, later, view, whole),
      partitions: [partitions],
      mappings: [
        { resolved: true, tracked: false, rows: [null], of: [0] },
        { resolved: true, tracked: true, rows: [[], [0, -1]], of: [0, 1] },
      ],
    },
    null,
    null,
  )
  const of = (key: string) => graph.get(keyId([key]))
  expect(of('days')).toMatchObject({ partitions, reads: new Map() })
  expect(of('view')).toMatchObject({ partitions: null, virtual: true, external: true })
  const all = { resolved: true, tracked: false, rows: new Map([[null, null]]) }
  expect(of('whole')?.reads).toEqual(new Map([[keyId(['days']), all]]))
  const rows = new Map([
    ['mon', []],
    ['tue', ['mon', null]],
  ])
  expect(of('later')?.reads?.get(keyId(['days']))).toEqual({ resolved: true, tracked: true, rows })
})

describe('wiring', () => {
  const hash = (view: string) => ({ codeVersion: `hash of ${view}` })
  const wired = (...assets: DefinedAsset[]) => {
    const side = {
      manifest: manifest([model('a'), model('b'), model('raw', { external: true })]),
      definitions: definitions(...assets),
    }
    return assetGraphs(side, side, null).wired
  }
  const raw = asset('db/shop/raw', { kinds: ['sqlmesh'] })

  test.each<[string, DefinedAsset[], string]>([
    ['yes', [asset('db/shop/a', hash('a')), asset('db/shop/b', hash('b'))], 'yes'],
    ['no', [asset('db/shop/a'), asset('db/shop/b', { codeVersion: '' })], 'no'],
    ['in part', [asset('db/shop/a', hash('a')), asset('db/shop/b')], 'unknown'],
    ['otherwise', [asset('db/shop/a', { codeVersion: '7' })], 'unknown'],
    ['no asset of SQLMesh', [asset('else', { codeVersion: '7' })], 'unknown'],
    ['what is never materialized does not count', [asset('db/shop/a', hash('a')), raw], 'yes'],
    ['other assets do not count', [asset('db/shop/a', hash('a')), asset('else')], 'yes'],
  ])('%s', (_, assets, expected) => {
    expect(wired(...assets)).toBe(expected)
  })

  const side = (dataHash: string, codeVersion: string | null, extra: DefinedAsset[] = []) => ({
    manifest: manifest([model('a', { dataHash })]),
    definitions: definitions(asset('db/shop/a', { codeVersion }), ...extra),
  })
  const impacts = (base: ReturnType<typeof side>, head: ReturnType<typeof side>) => {
    const graphs = assetGraphs(base, head, null)
    const found = compareAssetGraphs(graphs.base, graphs.head, { kind: 'dagster' })
    return found.map(({ key, status, codeVersion }) => [key.join('/'), status, codeVersion])
  }

  test('what changes is listed although no code version reaches Dagster', () => {
    expect(impacts(side('1', null), side('2', null))).toEqual([
      ['db/shop/a', 'unsynced', { base: '1', head: '2' }],
    ])
  })

  test('the first code versions unsync what stays', () => {
    expect(impacts(side('1', null), side('1', '1'))).toEqual([
      ['db/shop/a', 'unsynced', { base: null, head: '1' }],
    ])
  })

  test('code versions of the user’s own decide, whatever the data hash does', () => {
    expect(impacts(side('1', 'v1'), side('2', 'v1'))).toEqual([])
    expect(impacts(side('1', 'v1'), side('1', 'v2'))).toHaveLength(1)
  })

  test('assets that SQLMesh does not know are compared, too', () => {
    const other = (codeVersion: string) => [asset('ml/scores', { codeVersion })]
    expect(impacts(side('1', '1', other('1')), side('1', '1', other('2')))).toEqual([
      ['ml/scores', 'unsynced', { base: '1', head: '2' }],
    ])
  })
})
