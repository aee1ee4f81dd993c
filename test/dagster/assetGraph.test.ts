import { expect, test } from 'vitest'
import type { AssetGraph } from '../../src/dagster/asset.ts'
import { keyId } from '../../src/dagster/assetKeys.ts'
import { assetCount, assetGraphs, ignoreUnstable } from '../../src/dagster/graphs.ts'
import { custom } from '../../src/dagster/integrations/custom.ts'
import { dagsterSqlmesh } from '../../src/dagster/integrations/dagsterSqlmesh.ts'
import { dgSqlmesh } from '../../src/dagster/integrations/dgSqlmesh.ts'
import type { Manifest } from '../../src/sqlmesh/manifest.ts'
import { fqn, manifest, model, schemeOf } from '../helpers/models.ts'

const loaded = (given: Manifest | null) => ({ manifest: given, definitions: null })
const derived = (given: Manifest, scheme = schemeOf(dgSqlmesh)) =>
  assetGraphs(loaded(null), loaded(given), scheme)

/** `key = code version ← parents`, with what is not materialized in brackets. */
function lines(graph: AssetGraph): string[] {
  const name = (key: readonly string[]) => key.join('/')
  return [...graph.values()].map((asset) => {
    const kind = asset.external ? ' (external)' : asset.neverMaterialized ? ' (declared)' : ''
    return `${name(asset.key)} = ${asset.codeVersion} ← ${asset.parents.map(name).join(', ')}${kind}`
  })
}

const external = (view: string) =>
  model(view, { external: true, kind: 'EXTERNAL', dataHash: 'of columns' })

test('a model is an asset whose code version is its data hash', () => {
  const { base, head, wired } = derived(
    manifest([model('b', {}, ['a', 'a', 'unknown']), model('a', { dataHash: '' })]),
  )
  expect(lines(head)).toEqual([
    'db/shop/b = hash of b ← db/shop/a, external/db/shop/unknown',
    'db/shop/a = null ← ',
    'external/db/shop/unknown = null ←  (external)',
  ])
  expect(head.get(keyId(['db', 'shop', 'b']))?.models).toEqual([fqn('b')])
  expect([base.size, wired, assetCount(head)]).toEqual([0, 'unknown', 2])
})

test('a declared table is an asset of dagster-sqlmesh, and only a parent under dg-sqlmesh', () => {
  const given = manifest([model('a', {}, ['t']), external('t')])
  expect(lines(derived(given).head)).toEqual([
    'db/shop/a = hash of a ← external/db/shop/t',
    'external/db/shop/t = null ←  (external)',
  ])
  const { head } = derived(given, schemeOf(dagsterSqlmesh))
  expect(lines(head)).toEqual([
    'db/shop/a = hash of a ← db/shop/t',
    'db/shop/t = of columns ←  (declared)',
  ])
  expect(assetCount(head)).toBe(1)
})

test('models that share a key are one asset, with the hashes and parents of all', () => {
  const scheme = schemeOf(custom('{schema}'))
  const shared = manifest([model('b', {}, ['x']), model('a', { dataHash: null }), model('c')])
  const { base, head, collisions } = assetGraphs(loaded(shared), loaded(shared), scheme)
  const collision = { key: ['shop'], models: [fqn('b'), fqn('a'), fqn('c')] }
  expect(collisions).toEqual([collision, collision])
  expect(lines(head)).toEqual(['shop = hash of b+hash of c ← shop'])
  expect(lines(base)).toEqual(lines(head))
  expect(derived(manifest([model('a'), model('b')])).collisions).toEqual([])
})

test('a model that materializes makes an asset of a key that it shares with a declared table', () => {
  const given = manifest([external('t'), model('u', { fqn: '"db"."shop"."t"' })])
  const { head } = derived(given, schemeOf(dagsterSqlmesh))
  expect(lines(head)).toEqual(['db/shop/t = of columns+hash of u ← '])
})

test('without an integration that is known nothing is derived', () => {
  const both = assetGraphs(loaded(manifest([model('a')])), loaded(manifest([model('a')])), null)
  expect([both.base.size, both.head.size]).toEqual([0, 0])
})

test('what only the load moved keeps the code version of base', () => {
  const scheme = schemeOf(dgSqlmesh)
  const before = manifest([model('a', { dataHash: '1' }), model('b', { dataHash: '1' })])
  const after = manifest([...['a', 'b', 'c'].map((view) => model(view, { dataHash: '2' }))])
  const graphs = assetGraphs(loaded(before), loaded(after), scheme)
  const { base, head } = ignoreUnstable(graphs, new Set([fqn('a'), fqn('c')]))
  expect(lines(head)).toEqual(['db/shop/a = 1 ← ', 'db/shop/b = 2 ← ', 'db/shop/c = 2 ← '])
  expect(base).toBe(graphs.base)
})
