import { describe, expect, test } from 'vitest'
import { custom } from '../../src/dagster/integrations/custom.ts'
import { dagsterSqlmesh } from '../../src/dagster/integrations/dagsterSqlmesh.ts'
import { dgSqlmesh } from '../../src/dagster/integrations/dgSqlmesh.ts'
import { detectIntegration } from '../../src/dagster/integrations/registry.ts'
import { model, schemeOf } from '../helpers/models.ts'

describe('dg-sqlmesh', () => {
  const scheme = schemeOf(dgSqlmesh)

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
  const scheme = schemeOf(dagsterSqlmesh)
  expect(scheme.dependencyKey('"c-1"."s p"."é.x"', null)).toEqual(['c-1', 's p', 'é.x'])
  expect(scheme.dependencyKey('"t"', null)).toEqual(['', '', 't'])
  expect(scheme.modelKey(model('m', { fqn: '"a"."b"."c"."d"' }))).toEqual(['a', 'b', 'c', 'd'])
})

test('a template fills segments of models and of tables alike', () => {
  const scheme = schemeOf(custom('lake/{schema}/{name}_v'))
  expect(scheme.modelKey(model('m'))).toEqual(['lake', 'shop', 'm_v'])
  expect(scheme.dependencyKey('"db"."raw"."t"', null)).toEqual(['lake', 'raw', 't_v'])
  expect(scheme.dependencyKey('"x"', model('m', { schema: 's' }))).toEqual(['lake', 's', 'm_v'])
  expect(scheme.declaredExternalsAreAssets).toBe(false)
})

const installed = (dg: string | null, oso: string | null) => ({
  'dg-sqlmesh': dg,
  'dagster-sqlmesh': oso,
})

/** What is detected, in short. */
function detected(
  asked: { integration: string; assetKey?: string },
  versions: Readonly<Record<string, string | null>>,
  imported: readonly string[] | null = null,
) {
  const found = detectIntegration({ assetKey: null, ...asked }, versions, imported)
  return { ...found, integration: found.integration.name }
}

describe('auto', () => {
  const integration = 'auto'
  test.each([
    ['1.10.1', null, { integration: 'dg-sqlmesh', version: '1.10.1', assumed: false }],
    [null, '0.22.0', { integration: 'dagster-sqlmesh', version: '0.22.0', assumed: false }],
    [null, null, { integration: 'dg-sqlmesh', version: null, assumed: true }],
  ])('dg-sqlmesh %s, dagster-sqlmesh %s', (dg, oso, expected) => {
    expect(detected({ integration }, installed(dg, oso))).toEqual(expected)
  })

  test('which of two that are installed, only the user can say', () => {
    expect(() => detected({ integration }, installed('1.10.1', '0.22.0'))).toThrow(
      expect.objectContaining({
        code: 'config',
        message: 'Both dg-sqlmesh and dagster-sqlmesh are installed.',
        hint: expect.stringContaining('`integration`'),
      }),
    )
  })

  test.each([
    [['dg_sqlmesh'], { integration: 'dg-sqlmesh', version: '1.10.1', assumed: false }],
    [['dagster_sqlmesh'], { integration: 'dagster-sqlmesh', version: '0.22.0', assumed: false }],
    [['dg_sqlmesh', 'dagster_sqlmesh'], { integration: 'custom', version: null, assumed: false }],
    [['dagster_sqlmesh', 'dg_sqlmesh'], { integration: 'custom', version: null, assumed: false }],
    [[], { integration: 'custom', version: null, assumed: false }],
  ] as const)('definitions that import %j, with both installed', (imported, expected) => {
    expect(detected({ integration }, installed('1.10.1', '0.22.0'), imported)).toEqual(expected)
  })
})

test('an integration that is named is not looked for', () => {
  const named = (integration: string) =>
    detected({ integration }, installed('1.10.1', '0.22.0'), ['dg_sqlmesh'])
  const known = { assumed: false }
  expect(named('dg-sqlmesh')).toEqual({ integration: 'dg-sqlmesh', version: '1.10.1', ...known })
  expect(named('dagster-sqlmesh')).toMatchObject({ version: '0.22.0', ...known })
  expect(named('custom')).toEqual({ integration: 'custom', version: null, ...known })
})

test('only definitions know the keys of what is of the user’s own making', () => {
  expect(custom(null).keys).toBeNull()
  const asked = { integration: 'custom', assetKey: 'x/{name}' }
  const { keys } = detectIntegration(asked, {}, null).integration
  expect(keys?.modelKey(model('m'))).toEqual(['x', 'm'])
})

test.each([
  ['0.1.1', true],
  ['1.0.1', false],
  ['10.0', false],
  [null, false],
])('dg-sqlmesh %s hands data hashes over and runs model by model: %s', (version, early) => {
  expect(dgSqlmesh.setsCodeVersions(version)).toBe(early)
  expect(dgSqlmesh.runsInOneStep(version)).toBe(!early)
})
