import { describe, expect, test } from 'vitest'
import { lineageSection } from '../../src/report/markdown/lineage.ts'
import type { ReportAsset } from '../../src/report/model.ts'
import { keyText } from '../../src/report/presentation.ts'
import { arrangeRows } from '../../src/report/rows.ts'
import { dependenciesText, whyOf, whyText } from '../../src/report/words/causes.ts'
import { firstFew, PLAIN } from '../../src/report/words/textStyle.ts'
import { asset, cause, follower } from '../fixtures/assets.ts'
import { compared } from '../fixtures/presentations.ts'

const reportOf = (...assets: readonly ReportAsset[]) => compared(assets).report
const names = (rows: readonly ReportAsset[]) => rows.map(({ key }) => keyText(key.slice(1)))

describe('order', () => {
  test('what costs most comes first, then what most follows from, then by key', () => {
    const report = reportOf(
      asset('a/view', { modelKind: 'VIEW' }),
      asset('a/embedded', { modelKind: 'EMBEDDED' }),
      asset('a/seed', { modelKind: 'SEED' }),
      asset('a/full'),
      asset('a/full_with_followers'),
      asset('a/custom', { modelKind: 'CUSTOM' }),
      asset('a/no_model', { modelKind: null, model: null }),
      asset('z/scd', { modelKind: 'SCD_TYPE_2_BY_COLUMN' }),
      asset('z/incremental', { modelKind: 'INCREMENTAL_UNMANAGED' }),
      follower('b/follows', ['a/full_with_followers']),
    )
    expect(names(arrangeRows(report).changed)).toEqual([
      'z/incremental',
      'z/scd',
      'a/full_with_followers',
      'a/custom',
      'a/full',
      'a/no_model',
      'a/seed',
      'a/embedded',
      'a/view',
    ])
  })

  test('an upgrade alone and a change are told apart, also where both happen', () => {
    const upgrade = cause('sqlmesh-upgrade', 'SQLMesh 1 → 2')
    const both = asset('a/both', { causes: [upgrade, cause('macro', '@x')] })
    const alone = asset('a/alone', { causes: [upgrade] })
    const added = [['warehouse', 'a', 'new']]
    const parents = asset('a/parents', {
      causes: [upgrade],
      reasons: ['code', 'dependencies'],
      parents: { added, removed: [] },
    })
    const rows = arrangeRows(reportOf(both, alone, parents))
    expect(names(rows.changed)).toEqual(['a/both', 'a/parents'])
    expect(names(rows.upgraded)).toEqual(['a/alone'])
  })
})

describe('knock-on', () => {
  const counts = (...assets: readonly ReportAsset[]) => {
    const report = reportOf(...assets)
    const { knockOn } = arrangeRows(report)
    return Object.fromEntries(report.assets.map((row) => [names([row])[0], knockOn(row)]))
  }

  test('each follower counts once, over all hops', () => {
    const diamond = [
      asset('a/top'),
      follower('a/left', ['a/top']),
      follower('a/right', ['a/top', 'a/elsewhere']),
      follower('a/bottom', ['a/left', 'a/right'], { wave: 2 }),
    ]
    expect(counts(...diamond)).toEqual({ 'a/top': 3, 'a/left': 1, 'a/right': 1, 'a/bottom': 0 })
  })

  test('a circle, which Dagster refuses, ends', () => {
    const circle = [asset('a/in'), follower('a/x', ['a/in', 'a/y']), follower('a/y', ['a/x'])]
    expect(counts(...circle)).toEqual({ 'a/in': 2, 'a/x': 1, 'a/y': 1 })
  })
})

describe('why', () => {
  const why = (row: Partial<ReportAsset>) =>
    whyOf(asset('a/b', row)).map((line) => `${whyText(line, PLAIN)} [${line.file ?? ''}]`)

  test('causes of one kind and file share a line', () => {
    const columns = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => cause('seed', name, 's.csv'))
    expect(why({ causes: columns })).toEqual(['seed: a, b, c, d, e and 2 more [s.csv]'])
    expect(why({ causes: [cause('macro', '@a', 'm.py'), cause('macro', '@b', 'm.py')] })).toEqual([
      'macro: @a, @b [m.py]',
    ])
  })

  test.each([
    [cause('kind', 'kind: VIEW → FULL'), 'kind: VIEW → FULL'],
    [cause('interval-unit', 'interval_unit: day → hour'), 'interval unit: day → hour'],
    [cause('columns', '+a, -b'), 'columns: +a, -b'],
    [cause('query', 'JOIN a added, CTE b changed'), 'query: JOIN a added, CTE b changed'],
    [cause('query', 'query text'), 'query: query text'],
    [cause('properties', 'p.x added: f(a, b)'), 'properties: p.x added: f(a, b)'],
    [cause('variables', '@n: 3 → 2'), 'variables: @n: 3 → 2'],
    [cause('formatting', 'text of the query'), 'formatting only'],
    [cause('unknown', 'no known part moved'), 'unknown: no known part moved'],
  ])('%o', (one, text) => {
    expect(why({ causes: [one] })).toEqual([`${text} []`])
  })

  test('the model’s own file is not named again', () => {
    expect(why({ path: 'm.sql', causes: [cause('macro', '@a', 'm.sql')] })).toEqual([
      'macro: @a []',
    ])
  })

  test('parents that come and go', () => {
    const parents = { added: [['w', 'a']], removed: [['w', 'b']] }
    expect(dependenciesText(asset('a/b', { parents }), PLAIN)).toBe('dependencies: +w/a, -w/b')
    expect(dependenciesText(asset('a/b'), PLAIN)).toBeNull()
  })

  test('lists', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map((list) => firstFew(list, 2))).toEqual([
      '',
      'a',
      'a and b',
      'a, b and 1 more',
    ])
  })
})

describe('lineage', () => {
  const chain = (length: number) =>
    Array.from({ length }, (_, index) =>
      index === 0 ? asset('a/m0') : follower(`a/m${index}`, [`a/m${index - 1}`]),
    )

  test('forty assets are drawn, forty-one are not, and it is said why', () => {
    expect(lineageSection(reportOf(...chain(40)))).toContain('n38 --> n39')
    expect(lineageSection(reportOf(...chain(41)))).toMatch(/^The lineage is not drawn: 41 assets/)
  })

  test('nothing that leads anywhere, nothing to draw', () => {
    expect(lineageSection(reportOf(asset('a/b'), asset('a/c')))).toBeNull()
  })

  test('names that end alike are told apart, and cannot break the drawing', () => {
    const odd = asset('x/end"];', {})
    const section = lineageSection(
      reportOf(odd, follower('y/end"];', ['x/end"];']), follower('z/plain', ['x/end"];'])),
    )
    expect(section).toContain('n0["warehouse/x/end#34;#93;#59; · on deploy"]')
    expect(section).toContain('["plain · after upstream"]')
  })
})
