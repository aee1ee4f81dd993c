import { describe, expect, test } from 'vitest'
import {
  ambiguousIntegration,
  compareKeys,
  detectIntegration,
  isEarlyDgSqlmesh,
  keyScheme,
  schemeOf,
  splitFqn,
} from '../../src/dagster/assetKeys.ts'
import { manifest, model } from '../helpers/models.ts'

describe('dg-sqlmesh', () => {
  const scheme = keyScheme('dg-sqlmesh', null)

  test.each([
    ['Main-db', 'a.b', 'é x', ['Main_db', 'a_b', '__x']],
    ['"q"', "it's", 't', ['q', 'its', 't']],
    ['', 's', 't', ['', 's', 't']],
    ['c', 's', '😀', ['c', 's', '_']],
  ])('key of %s.%s.%s', (catalog, schema, view, key) => {
    expect(scheme.modelKey(model('m', { catalog, schema, view }))).toEqual(key)
  })

  test.each([
    ['"db"."raw"."orders"', ['external', 'db', 'raw', 'orders']],
    ['"raw"."orders"', ['external', 'raw', 'orders']],
    // The package's own example project left this in its code.
    ['"jaffle_db"."external"."t"', ['sling', 't']],
    ['"main"."external"."t"', ['sling', 't']],
    ['"main"."raw"."t"', ['external', 'main', 'raw', 't']],
    ['"lake"."external"."t"', ['external', 'lake', 'external', 't']],
  ])('external table %s', (name, key) => {
    expect(scheme.dependencyKey(name, null)).toEqual(key)
    expect(scheme.dependencyKey(name, model('m', { external: true }))).toEqual(key)
  })

  test('a model without a catalog is read under a key that is not its own', () => {
    const read = model('t', { catalog: '', schema: 's', fqn: '"s"."t"' })
    expect(scheme.modelKey(read)).toEqual(['', 's', 't'])
    expect(scheme.dependencyKey(read.fqn, read)).toEqual(['s', 't'])
  })
})

test('dagster-sqlmesh leaves names as they are', () => {
  const scheme = keyScheme('dagster-sqlmesh', null)
  expect(scheme.dependencyKey('"c-1"."s p"."é.x"', null)).toEqual(['c-1', 's p', 'é.x'])
  expect(scheme.dependencyKey('"t"', null)).toEqual(['', '', 't'])
  expect(scheme.modelKey(model('m', { fqn: '"a"."b"."c"."d"' }))).toEqual(['a', 'b', 'c', 'd'])
})

test('a template fills segments of models and of tables alike', () => {
  const scheme = keyScheme('custom', 'lake/{schema}/{name}_v')
  expect(scheme.modelKey(model('m'))).toEqual(['lake', 'shop', 'm_v'])
  expect(scheme.dependencyKey('"db"."raw"."t"', null)).toEqual(['lake', 'raw', 't_v'])
  expect(scheme.dependencyKey('"x"', model('m', { schema: 's' }))).toEqual(['lake', 's', 'm_v'])
  expect(scheme.declaredExternalsAreAssets).toBe(false)
})

describe('auto', () => {
  const versions = (dg: string | null, oso: string | null) =>
    manifest([], { dgSqlmesh: dg, dagsterSqlmesh: oso }).versions

  test.each([
    ['1.10.1', null, { name: 'dg-sqlmesh', version: '1.10.1', assumed: false }],
    [null, '0.22.0', { name: 'dagster-sqlmesh', version: '0.22.0', assumed: false }],
    [null, null, { name: 'dg-sqlmesh', version: null, assumed: true }],
    ['1.10.1', '0.22.0', null],
  ])('dg-sqlmesh %s, dagster-sqlmesh %s', (dg, oso, expected) => {
    expect(detectIntegration('auto', versions(dg, oso))).toEqual(expected)
  })

  test.each([
    [['dg_sqlmesh'], { name: 'dg-sqlmesh', version: '1.10.1', assumed: false }],
    [['dagster_sqlmesh'], { name: 'dagster-sqlmesh', version: '0.22.0', assumed: false }],
    [['dg_sqlmesh', 'dagster_sqlmesh'], { name: 'custom', version: null, assumed: false }],
    [['dagster_sqlmesh', 'dg_sqlmesh'], { name: 'custom', version: null, assumed: false }],
    [[], { name: 'custom', version: null, assumed: false }],
  ] as const)('definitions that import %j, with both installed', (imported, expected) => {
    expect(detectIntegration('auto', versions('1.10.1', '0.22.0'), imported)).toEqual(expected)
  })
})

test('an integration that is named is not looked for', () => {
  const { versions } = manifest([], { dgSqlmesh: '1.10.1', dagsterSqlmesh: '0.22.0' })
  const named = (name: 'dg-sqlmesh' | 'dagster-sqlmesh' | 'custom') =>
    detectIntegration(name, versions, ['dg_sqlmesh'])
  expect(named('dg-sqlmesh')).toEqual({ name: 'dg-sqlmesh', version: '1.10.1', assumed: false })
  expect(named('dagster-sqlmesh')).toMatchObject({ version: '0.22.0', assumed: false })
  expect(named('custom')).toEqual({ name: 'custom', version: null, assumed: false })
  expect(ambiguousIntegration()).toMatchObject({
    code: 'config',
    hint: expect.stringContaining('`integration`'),
  })
})

test('only definitions know the keys of what is of the user’s own making', () => {
  const scheme = (name: 'dg-sqlmesh' | 'custom', template: string | null) =>
    schemeOf({ name, version: null, assumed: false }, template)?.name ?? null
  expect(scheme('custom', null)).toBeNull()
  expect(scheme('custom', '{name}')).toBe('custom')
  expect(scheme('dg-sqlmesh', null)).toBe('dg-sqlmesh')
})

test.each([
  ['dg-sqlmesh', '0.1.1', true],
  ['dg-sqlmesh', '1.0.1', false],
  ['dg-sqlmesh', '10.0', false],
  ['dg-sqlmesh', null, false],
  ['dagster-sqlmesh', '0.22.0', false],
])('%s %s is early: %s', (name, version, early) => {
  expect(isEarlyDgSqlmesh({ name, version })).toBe(early)
})

test('an fqn is split at the dots between its quotes', () => {
  expect(splitFqn('"a.b"."c ""d"""."e"')).toEqual(['a.b', 'c "d"', 'e'])
})

test('keys are ordered by segment, shorter first', () => {
  const keys = [['b'], ['a', 'b'], ['a'], ['a', 'a', 'z']]
  expect(keys.sort(compareKeys)).toEqual([['a'], ['a', 'a', 'z'], ['a', 'b'], ['b']])
})
