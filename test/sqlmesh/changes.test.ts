import { describe, expect, test } from 'vitest'
import { compareManifests } from '../../src/sqlmesh/changes.ts'
import type { Part } from '../../src/sqlmesh/manifest.ts'
import { fqn, manifest, model, part } from '../helpers/models.ts'

/** `kind: detail (file)` of each cause of one model whose parts go from `base` to `head`. */
function causes(base: Part[], head: Part[]): string[] {
  const change = compareManifests(
    manifest([model('a', { dataHash: '1', parts: base })]),
    manifest([model('a', { dataHash: '2', parts: head })]),
  ).get(fqn('a'))
  return change?.causes.map(({ kind, detail, file }) => `${kind}: ${detail} (${file})`) ?? []
}

test('an equal data hash is no change, whatever its parts say', () => {
  const base = manifest([model('a', { parts: [part({ digest: '1' })] })])
  const head = manifest([model('a', { parts: [part({ digest: '2' })] })])
  expect(compareManifests(base, head).size).toBe(0)
})

test('a hash that comes or goes is a change', () => {
  const none = manifest([model('a', { dataHash: null })])
  const some = manifest([model('a', { dataHash: '1' })])
  expect(compareManifests(none, some).size).toBe(1)
  expect(compareManifests(some, none).size).toBe(1)
})

describe('causes', () => {
  test('a clause of the query', () => {
    const base = part({ digest: '1', clauses: { FROM: 'f', WHERE: 'w' } })
    const head = part({ digest: '2', clauses: { FROM: 'f', 'JOIN b': 'j', WHERE: 'v' } })
    expect(causes([base], [head])).toEqual(['query: JOIN b added, WHERE changed (models/a.sql)'])
  })

  test('columns that come and go are a kind of their own', () => {
    const base = part({ digest: '1', clauses: { SELECT: '1' }, projections: ['x', 'y'] })
    const head = part({ digest: '2', clauses: { SELECT: '2' }, projections: ['x', 'z'] })
    expect(causes([base], [head])).toEqual(['columns: +z, -y (models/a.sql)'])
  })

  test('a query of which nothing more is known', () => {
    expect(causes([part({ digest: '1' })], [part({ digest: '2' })])).toEqual([
      'query: query text (models/a.sql)',
    ])
  })

  test('a setting shows both values', () => {
    const setting = { kind: 'interval-unit', name: 'interval_unit', file: null } as const
    const base = part({ ...setting, digest: '1', value: 'day' })
    const head = part({ ...setting, digest: '2', value: 'hour' })
    expect(causes([base], [head])).toEqual(['interval-unit: interval_unit: day → hour (null)'])
  })

  test('parts that are added and removed', () => {
    const macro = part({ kind: 'macro', name: '@m', file: 'macros/m.py' })
    const index = part({ kind: 'properties', name: 'stamp', file: null, value: 'v2' })
    expect(causes([macro], [index])).toEqual([
      'properties: stamp added: v2 (null)',
      'macro: @m removed (macros/m.py)',
    ])
  })

  test('a macro that only moved to another file', () => {
    const macro = { kind: 'macro', name: '@m', canonical: 'same' } as const
    const base = part({ ...macro, digest: '1', file: 'macros/a.py' })
    const head = part({ ...macro, digest: '2', file: 'macros/b.py' })
    expect(causes([base], [head])).toEqual(['macro: @m moved from macros/a.py (macros/b.py)'])
  })

  test('what no part explains is unknown, not dropped', () => {
    expect(causes([], [])).toEqual(['unknown: no known part of the model moved (models/a.sql)'])
  })
})

describe('formatting only', () => {
  const change = (base: Part[], head: Part[]) =>
    compareManifests(
      manifest([model('a', { dataHash: '1', parts: base })]),
      manifest([model('a', { dataHash: '2', parts: head })]),
    ).get(fqn('a'))

  const text = (digest: string) => part({ digest, canonical: 'same' })

  test('the text moved, what it means did not', () => {
    expect(change([text('1')], [text('2')])).toMatchObject({
      formattingOnly: true,
      causes: [{ kind: 'formatting' }],
    })
  })

  test('is not claimed next to a real change, and not listed there', () => {
    const stamp = part({ kind: 'properties', name: 'stamp', digest: '3' })
    expect(change([text('1')], [text('2'), stamp])).toMatchObject({
      formattingOnly: false,
      causes: [{ kind: 'properties' }],
    })
  })

  test('is not claimed for a macro whose file moved: SQLMesh rebuilds its users', () => {
    const macro = (digest: string) =>
      part({ kind: 'macro', name: '@m', digest, canonical: 'same', file: `${digest}.py` })
    expect(change([macro('1')], [macro('2')])).toMatchObject({ formattingOnly: false })
  })
})
