import { describe, expect, test } from 'vitest'
import { custom } from '../../src/dagster/integrations/custom.ts'
import { dgSqlmesh } from '../../src/dagster/integrations/dgSqlmesh.ts'
import {
  howToName,
  isIncomplete,
  isUnknownCatalog,
  missingCatalogs,
  refuseUnknown,
} from '../../src/dagster/unknownCatalogs.ts'
import type { Manifest } from '../../src/sqlmesh/manifest.ts'
import { manifest, model, schemeOf } from '../helpers/models.ts'

const scheme = schemeOf(dgSqlmesh)
const warehouse = { gateway: 'local', connection: 'snowflake' }
const other = { gateway: 'other', connection: 'bigquery' }
/** As Snowflake writes it. */
const unnamed = model('a', { catalog: 'UNKNOWN_CATALOG', fqn: '"UNKNOWN_CATALOG"."shop"."a"' })

const withUnknown = (
  models: Manifest['models'],
  unknownCatalogs: Manifest['unknownCatalogs'] = [warehouse],
): Manifest => ({ ...manifest(models), defaultCatalog: 'unknown_catalog', unknownCatalogs })

test.each([
  [['unknown_catalog', 's', 't'], true],
  [['UNKNOWN_CATALOG', 'S', 'T'], true],
  [['external', 'unknown_catalog', 's', 't'], true],
  [['lake_unknown_catalog', 't'], true],
  [['', 's', 't'], false],
  [['db', 's', 't'], false],
])('the key %j lacks its catalog: %s', (key, incomplete) => {
  expect(isIncomplete(key)).toBe(incomplete)
})

test('a catalog is the stand-in in any case', () => {
  expect(['unknown_catalog', 'UNKNOWN_CATALOG', 'db', ''].map(isUnknownCatalog)).toEqual([
    true,
    true,
    false,
    false,
  ])
})

describe('gateways whose catalog is missing in keys', () => {
  test('the selected one, where it is', () => {
    const loaded = withUnknown([unnamed], [other, warehouse])
    expect(missingCatalogs(loaded, scheme)).toEqual([warehouse])
  })

  test('others, where a model is of one', () => {
    const loaded = withUnknown([unnamed], [other])
    expect(missingCatalogs(loaded, scheme)).toEqual([other])
  })

  test('where only what is read has it', () => {
    const loaded = withUnknown([model('m', { dependsOn: ['"unknown_catalog"."raw"."t"'] })])
    expect(missingCatalogs(loaded, scheme)).toEqual([warehouse])
  })

  test('none where all names have a catalog of their own', () => {
    expect(missingCatalogs(withUnknown([model('m')]), scheme)).toEqual([])
  })

  test('none where keys leave catalogs out', () => {
    const short = schemeOf(custom('{schema}/{name}'))
    expect(missingCatalogs(withUnknown([unnamed]), short)).toEqual([])
    const long = schemeOf(custom('lake_{catalog}/{name}'))
    expect(missingCatalogs(withUnknown([unnamed]), long)).toEqual([warehouse])
  })

  test('none without a project, or where definitions give the keys', () => {
    expect(missingCatalogs(null, scheme)).toEqual([])
    expect(missingCatalogs(withUnknown([unnamed]), null)).toEqual([])
  })
})

describe('one commit’s catalog is known', () => {
  const known = manifest([model('a')])

  test.each([
    ['base', withUnknown([unnamed]), known],
    ['head', known, withUnknown([unnamed])],
  ] as const)('not that of %s: nobody can tell whether keys change', (side, base, head) => {
    expect(() => refuseUnknown(base, head, scheme)).toThrowError(
      expect.objectContaining({
        code: 'config',
        side,
        message: expect.stringContaining('`db` in the other commit'),
        hint: expect.stringContaining('`SQLMESH__GATEWAYS__LOCAL__CONNECTION__DATABASE`'),
      }),
    )
  })

  test.each<[string, Manifest | null, Manifest | null]>([
    ['both are known', known, known],
    ['neither is', withUnknown([unnamed]), withUnknown([unnamed])],
    ['one commit has no project', null, withUnknown([unnamed])],
    ['nothing was loaded of one', manifest([]), withUnknown([unnamed])],
    ['the other engine has none', { ...known, defaultCatalog: null }, withUnknown([unnamed])],
    ['no name lacks one', withUnknown([model('a')]), known],
  ])('%s', (_, base, head) => {
    expect(() => refuseUnknown(base, head, scheme)).not.toThrow()
  })
})

describe('a table without a catalog', () => {
  const reads = (fqn: string) =>
    model('b', {
      catalog: 'unknown_catalog',
      fqn: '"unknown_catalog"."shop"."b"',
      dependsOn: [fqn],
    })
  const table = '"unknown_catalog"."shop"."a"'

  test('that may be a model named with it: nobody can tell who reads that', () => {
    const loaded = withUnknown([model('a', { name: 'db.shop.a' }), reads(table)])
    expect(() => refuseUnknown(loaded, loaded, scheme)).toThrowError(
      expect.objectContaining({ code: 'config', message: expect.stringContaining('db.shop.a') }),
    )
  })

  test.each([
    ['that is a model without one', model('a', { catalog: 'unknown_catalog', fqn: table })],
    ['that is called otherwise', model('c')],
    ['that is called as an external one', model('a', { external: true })],
  ])('%s', (_, other) => {
    const loaded = withUnknown([other, model('a', { external: true }), reads(table)])
    expect(() => refuseUnknown(loaded, loaded, scheme)).not.toThrow()
  })
})

test.each([
  ['bigquery', 'PROJECT'],
  ['databricks', 'CATALOG'],
  ['mssql', 'DATABASE'],
])('%s: the setting that names it', (connection, field) => {
  const text = howToName([{ gateway: 'prod', connection }])
  expect(text).toContain(`\`SQLMESH__GATEWAYS__PROD__CONNECTION__${field}\``)
})
