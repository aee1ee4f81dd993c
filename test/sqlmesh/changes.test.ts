import { describe, expect, test } from 'vitest'
import { compareManifests, findHashCollisions } from '../../src/sqlmesh/changes.ts'
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

  test('a macro of which nothing more is known', () => {
    const macro = { kind: 'macro', name: '@m', file: 'macros/m.py', canonical: 'x' } as const
    const changed = part({ ...macro, digest: '2', canonical: 'y', file: 'macros/n.py' })
    expect(causes([part({ ...macro, digest: '1' })], [changed])).toEqual([
      'macro: @m (macros/n.py)',
    ])
    const edited = part({ ...macro, digest: '2', canonical: 'y' })
    expect(causes([part({ ...macro, digest: '1' })], [edited])).toEqual(['macro: @m (macros/m.py)'])
    const bare = { ...macro, canonical: null }
    const moved = part({ ...bare, digest: '2', file: 'macros/n.py' })
    expect(causes([part({ ...bare, digest: '1' })], [moved])).toEqual(['macro: @m (macros/n.py)'])
    const fromElsewhere = part({ ...macro, digest: '1', file: null })
    expect(causes([fromElsewhere], [part({ ...macro, digest: '2' })])).toEqual([
      'macro: @m moved from elsewhere (macros/m.py)',
    ])
  })

  test('a value that only one side may show is not shown', () => {
    const variable = (digest: string, value: string | null) =>
      part({ kind: 'variables', name: '@v', file: null, digest, value })
    expect(causes([variable('1', null)], [variable('2', 'b')])).toEqual(['variables: @v (null)'])
    expect(causes([variable('1', 'a')], [variable('2', null)])).toEqual(['variables: @v (null)'])
    expect(causes([variable('1', 'a')], [variable('2', 'a')])).toEqual(['variables: @v (null)'])
    expect(causes([], [variable('2', null)])).toEqual(['variables: @v added (null)'])
  })

  test('another kind stands for its settings, which come and go with it', () => {
    const kind = (name: string, digest: string, value: string) =>
      part({ kind: 'kind', name, file: null, digest, value })
    const stamp = part({ kind: 'properties', name: 'stamp', file: null })
    const base = [kind('kind', '1', 'FULL'), kind('batch_size', '1', '1')]
    expect(causes(base, [kind('kind', '2', 'VIEW'), kind('lookback', '2', '7'), stamp])).toEqual([
      'kind: kind: FULL → VIEW (null)',
      'properties: stamp added (null)',
    ])
    expect(causes(base, [base[0] as Part, kind('batch_size', '2', '2')])).toEqual([
      'kind: batch_size: 1 → 2 (null)',
    ])
  })

  test('the order of columns, and what else there is', () => {
    const query = (
      digest: string,
      projections: string[] | null,
      clauses: object = { SELECT: digest },
    ) => part({ digest, projections, clauses: { ...clauses } })
    expect(causes([query('1', ['x', 'y'])], [query('2', ['y', 'x'])])).toEqual([
      'columns: order of columns (models/a.sql)',
    ])
    expect(causes([query('1', ['x'])], [query('2', ['x'])])).toEqual([
      'query: SELECT changed (models/a.sql)',
    ])
    expect(causes([query('1', ['x'])], [query('2', null)])).toEqual([
      'query: SELECT changed (models/a.sql)',
    ])
    const both = query('2', ['x', 'y'], { SELECT: '2', WHERE: 'w' })
    expect(causes([query('1', ['x'], { SELECT: '1', HAVING: 'h' })], [both])).toEqual([
      'columns: +y (models/a.sql)',
      'query: HAVING removed, WHERE added (models/a.sql)',
    ])
  })

  test('the order of clauses, where nothing else says it', () => {
    const query = (digest: string, clauses: object) => part({ digest, clauses: { ...clauses } })
    const base = { 'JOIN a': '1', 'JOIN b': '1', 'order of JOINs': 'a b' }
    const turned = { ...base, 'order of JOINs': 'b a' }
    const more = { ...turned, 'JOIN c': '1' }
    const detail = (head: object) => causes([query('1', base)], [query('2', head)])
    expect(detail(turned)).toEqual(['query: order of JOINs changed (models/a.sql)'])
    expect(detail(more)).toEqual(['query: JOIN c added (models/a.sql)'])
  })

  test('what two parts say alike is said once', () => {
    const macros = ['1', '2'].map((digest) => part({ kind: 'macro', name: '@m', digest }))
    expect(causes([], macros)).toEqual(['macro: @m added (models/a.sql)'])
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

  test('its clauses say so where a macro moved too', () => {
    const query = (digest: string, clauses: Record<string, string> | null) =>
      part({ digest, canonical: digest, clauses })
    const one = change([query('1', { FROM: 'f' })], [query('2', { FROM: 'f' })])
    expect(one).toMatchObject({
      formattingOnly: true,
      causes: [{ kind: 'formatting', detail: 'text of the query', file: 'models/a.sql' }],
    })
    for (const clauses of [{ FROM: 'g' }, null]) {
      expect(change([query('1', { FROM: 'f' })], [query('2', clauses)])?.formattingOnly).toBe(false)
      expect(change([query('1', clauses)], [query('2', { FROM: 'f' })])?.formattingOnly).toBe(false)
    }
    const nothing = { canonical: null, clauses: null }
    expect(
      change([part({ ...nothing, digest: '1' })], [part({ ...nothing, digest: '2' })]),
    ).toMatchObject({ formattingOnly: false })
  })

  test('is claimed for statements, too', () => {
    const statement = (digest: string) =>
      part({ kind: 'statements', name: 'pre-statement 1', digest, canonical: 'same' })
    expect(change([statement('1')], [statement('2')])?.formattingOnly).toBe(true)
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

describe('hashes that collide', () => {
  const one = (dataHash: string | null, ingredients: string | null, sqlmesh = '0.236.4') =>
    manifest([model('a', { dataHash, ingredients })], { sqlmesh })

  test.each<[string, ReturnType<typeof one>, ReturnType<typeof one>, boolean]>([
    ['another text with the same hash', one('1', 'x'), one('1', 'y'), true],
    ['the same text', one('1', 'x'), one('1', 'x'), false],
    ['another hash', one('1', 'x'), one('2', 'y'), false],
    ['no hash', one(null, 'x'), one(null, 'y'), false],
    ['an empty hash', one('', 'x'), one('', 'y'), false],
    ['texts that are not known of base', one('1', null), one('1', 'y'), false],
    ['texts that are not known of head', one('1', 'x'), one('1', null), false],
    ['another SQLMesh', one('1', 'x', '0.230.0'), one('1', 'y'), false],
    ['a new model', manifest([]), one('1', 'y'), false],
  ])('%s: %#', (_, base, head, collides) => {
    expect(findHashCollisions(base, head)).toEqual(collides ? [fqn('a')] : [])
  })
})
