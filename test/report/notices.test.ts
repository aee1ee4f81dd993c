import { expect, test } from 'vitest'
import { aboutAddedPartitions, aboutCatalogs, aboutCauses } from '../../src/report/words/notices.ts'
import { compareManifests } from '../../src/sqlmesh/changes.ts'
import { manifest, model } from '../helpers/models.ts'

test.each([
  [[], null],
  [[['a', 'b']], '`a/b` gets partitions that base does not have: Dagster shows them as never'],
  [[['a'], ['b'], ['c'], ['d']], '`a`, `b`, `c` and 1 more get partitions that base does not have'],
])('partitions that are added: %j', (keys, expected) => {
  const [notice, ...others] = aboutAddedPartitions(keys)
  expect(others).toEqual([])
  if (expected === null) expect(notice).toBeUndefined()
  else expect(notice?.message).toContain(expected)
})

test('a catalog that neither commit knows is said once, with what gives it', () => {
  const warehouse = { gateway: 'prod', connection: 'bigquery' }
  const [notice, ...others] = aboutCatalogs([warehouse, warehouse])
  expect(others).toEqual([])
  expect(notice).toMatchObject({ level: 'warning', code: 'catalog-unknown' })
  expect(notice?.message).toContain('the gateway `prod` (bigquery) is')
  expect(notice?.message.match(/SQLMESH__GATEWAYS__PROD__CONNECTION__PROJECT/g)).toHaveLength(1)
  expect(aboutCatalogs([])).toEqual([])
})

test('an upgrade is a warning only where it moves something by itself', () => {
  const detail = 'SQLMesh 0.212.0 → 0.236.4'
  const base = manifest([model('a', { dataHash: '1' }), model('b', { dataHash: '1' })])
  const head = manifest([model('a', { dataHash: '2' }), model('b', { dataHash: '2' })])
  const levels = [base, head].map((rebased) => {
    const upgrade = { detail, rebased, changedFiles: new Set<string>() }
    return aboutCauses(compareManifests(base, head, upgrade), upgrade).map(
      ({ level, code }) => `${level} ${code}`,
    )
  })
  expect(levels).toEqual([
    ['warning unknown-cause', 'info sqlmesh-upgrade'],
    ['warning sqlmesh-upgrade'],
  ])
})
