import { describe, expect, test } from 'vitest'
import { aboutAddedPartitions, aboutCauses, aboutPins } from '../../src/report/notices.ts'
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

describe('what the commits pin', () => {
  const pin = (sqlmesh: string | null, sqlglot: string | null = null) => ({ sqlmesh, sqlglot })
  const loaded = manifest([])

  /** Codes and the part of the message that differs. */
  function said(origin: 'given' | 'installed' | 'found', base: string | null, head: string | null) {
    const notices = aboutPins(
      { origin, pins: { base: pin(base), head: pin(head) } },
      loaded,
      loaded,
    )
    return notices.map(({ level, code, message }) => `${level} ${code}: ${message}`)
  }

  test('is nothing to say where it was loaded with that, or pins nothing', () => {
    expect(said('found', '0.236.4', '0.236.4')).toEqual([])
    expect(said('found', null, null)).toEqual([])
  })

  test('is said once where both were loaded with something else', () => {
    expect(said('found', '0.200.0', '0.200.0')).toEqual([
      'info pin-not-installed: Both commits pin sqlmesh 0.200.0, but the load used 0.236.4, whose code versions may be others.',
    ])
  })

  test('is said of the side that it holds for', () => {
    expect(said('installed', '0.200.0', '0.236.4')[0]).toContain('The base commit pins')
    expect(said('installed', null, '0.200.0')[0]).toContain('The head commit pins')
  })

  test('is a warning where it differs and one Python, which was given, loaded both', () => {
    expect(said('given', '0.200.0', '0.236.4')).toEqual([
      expect.stringMatching(
        /^warning versions-differ: Base and head pin SQLMesh 0.200.0 and 0.236.4,/,
      ),
    ])
  })
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
