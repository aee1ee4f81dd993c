import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Failure, type FailureCode } from '../../src/platform/failure.ts'
import {
  MOST_BYTES,
  MOST_OF_ASSET,
  MOST_TEXT,
  MOST_VALUES,
  type Report,
  type ReportAsset,
} from '../../src/report/model.ts'
import { parseReport } from '../../src/report/readReport.ts'
import { comparisonReport, errorReport } from '../../src/report/report.ts'
import { whyOf, whyText } from '../../src/report/words/causes.ts'
import { PLAIN } from '../../src/report/words/textStyle.ts'
import { keepBounds, reportJson } from '../../src/report/writeReport.ts'
import { CAUSE_KINDS } from '../../src/sqlmesh/changes.ts'
import { asset, BASE, HEAD, reportOf } from '../helpers/reports.ts'
import { cases, hostile, liveAssets } from './hostile.ts'

/** Now and then longer than a report holds. */
const text = fc.oneof(
  { weight: 20, arbitrary: hostile },
  { weight: 1, arbitrary: hostile.map((part) => part.repeat(2500)) },
  { weight: 1, arbitrary: hostile.map((part) => `+${part}, `.repeat(1500)) },
)
const maybe = fc.option(text, { nil: null })
const path = fc.constantFrom('models/a.sql', 'a b/ü/🙂.sql', null)
const outside = fc.oneof(path, fc.constantFrom('/etc/passwd', 'a/../../b', '', 'a//b'))
const number = fc.oneof(fc.nat(5000), fc.constant(Number.MAX_SAFE_INTEGER))
const count = fc.option(number, { nil: null })
const instant = fc.date({ min: new Date(0), noInvalidDate: true, max: new Date(4e12) })
const time = instant.map((date) => date.toISOString())
const key = fc.array(text, { maxLength: 3 })
const keys = fc.array(key, { maxLength: 2 })
const sides = fc.record({ base: maybe, head: maybe })
const reasons = fc.subarray(['code', 'dependencies', 'data'] as const)

const live = liveAssets(maybe, number, fc.nat(1e9), time)

const row = {
  key,
  model: maybe,
  status: fc.constantFrom('unsynced', 'unsynced', 'afterUpstream', 'new', 'removed'),
  reasons,
  codeVersion: sides,
  parents: fc.record({ added: keys, removed: keys }),
  causes: fc.array(
    fc.record({ kind: fc.constantFrom(...CAUSE_KINDS), detail: text, file: outside }),
    { maxLength: 4 },
  ),
  formattingOnly: fc.boolean(),
  modelKind: fc.oneof(maybe, fc.constantFrom('FULL', 'VIEW')),
  path: outside,
  partitions: fc.option(fc.record({ scope: fc.constantFrom('every', 'mapped'), count }), {
    nil: null,
  }),
  wave: fc.nat(99),
  waitsFor: keys,
  confidence: fc.constantFrom('certain', 'expected', 'possible'),
} as const
const assets = fc.uniqueArray<ReportAsset, string>(
  fc.oneof(fc.record(row), fc.record({ ...row, live })),
  { maxLength: 6, selector: ({ key }) => JSON.stringify(key) },
)

const commit = fc.record({ sha: fc.constantFrom(BASE, HEAD, null), ref: maybe })
const known = fc.record({
  subject: fc.record({
    base: commit,
    head: commit,
    project: text,
    sqlmesh: sides,
    integration: fc.record({
      name: maybe,
      version: fc.oneof(maybe, fc.constant('1.10.1.dev3+g12ab')),
      wired: fc.constantFrom('yes', 'no', 'unknown'),
    }),
  }),
  notices: fc.array(
    fc.record({ level: fc.constantFrom('info', 'warning'), code: text, message: text }),
    { maxLength: 4 },
  ),
})

const compared = fc
  .tuple(known, assets, fc.record({ base: count, head: count }))
  .map(([known, assets, models]): Report => comparisonReport(known, assets, models, 'success'))
const codes: readonly FailureCode[] = ['load-failed', 'install-failed', 'internal']
const failed = fc
  .tuple(known, fc.constantFrom(...codes), text, text, outside)
  .map(([known, code, message, hint, file]): Report => {
    return errorReport(known, new Failure(code, message, { side: 'head', hint, file }))
  })

test('whatever a report holds is read as it was written', () => {
  const property = fc.property(fc.oneof(compared, failed), (report) => {
    const json = reportJson(report)
    const read = parseReport(json, 'report.json')
    expect(read).toEqual(keepBounds(report))
    expect(reportJson(read)).toBe(json)
  })
  fc.assert(property, cases(100))
})

test('what is within the bounds is written as it is', () => {
  const report = reportOf([asset('a'), asset('b', { status: 'new', reasons: [] })])
  expect(keepBounds(report)).toEqual(report)
  expect(reportJson(report)).toBe(`${JSON.stringify(report, null, 2)}\n`)
})

describe('what is too long is shortened, and says so', () => {
  const names = (count: number, sign: string) =>
    Array.from({ length: count }, (_, index) => `${sign}column_number_${index}`)
  const cut = (cause: ReportAsset['causes'][number]) => {
    const read = parseReport(reportJson(reportOf([asset('a', { causes: [cause] })])), 'report.json')
    return read.assets[0] as ReportAsset
  }
  const said = (row: ReportAsset) => whyOf(row).map((why) => whyText(why, PLAIN))

  test.each([
    ['columns', names(5000, '+').join(', '), 'columns: +column_number_0'],
    [
      'query',
      names(5000, 'CTE ')
        .map((name) => `${name} added`)
        .join(', '),
      'query: CTE column_number_0 added',
    ],
  ] as const)('a list of %s, by whole names, so that the count stays', (kind, detail, start) => {
    const row = cut({ kind, detail, file: null })
    const [cause] = row.causes
    expect(cause?.detail.length).toBeLessThanOrEqual(MOST_TEXT)
    expect(cause?.detail).toMatch(/, … [34],\d{3} more$/)
    expect(said(row)[0]).toMatch(new RegExp(`^${start.replace('+', '\\+')}.* and 4,995 more$`))
  })

  test('a text, by characters, none of them halved', () => {
    const [cause] = cut({ kind: 'macro', detail: '🙂'.repeat(20_000), file: null }).causes
    expect(cause?.detail).toMatch(/^🙂{9980}… \(20,040 more characters\)$/u)
  })

  test('a word that is none, to one that is', () => {
    const report = reportOf([asset('a', { modelKind: 'MY KIND' })])
    const read = parseReport(reportJson(report), 'report.json')
    expect(read.assets[0]?.modelKind).toBe('MY-KIND')
  })
})

test('20,000 assets with a long cause each are written and read', { timeout: 60_000 }, () => {
  const detail = Array.from({ length: 200 }, (_, index) => `+column_${index}`).join(', ')
  const rows = Array.from({ length: 20_000 }, (_, index) =>
    asset(`asset_${index}`, { causes: [{ kind: 'columns', detail, file: 'models/a.sql' }] }),
  )
  const json = reportJson(reportOf(rows))
  expect(Buffer.byteLength(json)).toBeLessThan(MOST_BYTES)
  const { assets } = parseReport(json, 'report.json')
  expect(assets).toHaveLength(20_000)
  expect(assets[7]?.causes[0]?.detail).toMatch(/^\+column_0, .*, … \d+ more$/)
})

describe('what would take many times its size is refused before', () => {
  const whole = reportJson(reportOf([asset('a')]))
  const withAssets = (text: string) =>
    whole.replace(/"assets": \[[\s\S]*?\n {2}\]/, `"assets": [${text}]`)
  const repeated = (value: string, count: number) => Array(count).fill(value).join(',')
  const many = 'it has more values, or deeper ones, than a report'

  test.each<[string, () => string, string]>([
    ['values', () => withAssets(repeated('0', MOST_VALUES)), many],
    ['depth', () => '['.repeat(1000), many],
    [
      'values of one asset',
      () => withAssets(`[${repeated('0', MOST_OF_ASSET)}]`),
      'assets.0: has too',
    ],
    [
      'values beside the assets',
      () => whole.replace('"notices": []', `"notices": [${repeated('{}', MOST_OF_ASSET)}]`),
      'the document: has too',
    ],
    ['assets that are none', () => withAssets(repeated('{}', 1_000_000)), 'assets.0.key: '],
  ])('%s', (_, text, why) => {
    expect(() => parseReport(text(), 'a.json')).toThrow(why)
  })

  test('brackets and quotes in a text are none', () => {
    const path = '{[,"\\'.repeat(500)
    const report = reportOf([asset(path)])
    expect(parseReport(reportJson(report), 'a.json').assets).toEqual(keepBounds(report).assets)
  })
})

describe('another release’s report', () => {
  const report = reportOf([asset('a')])
  const read = (value: unknown) => parseReport(JSON.stringify(value), 'report.json')

  test('fields that are not known here are left out', () => {
    const more = JSON.parse(JSON.stringify(report), (_, value) =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? { ...value, fromALaterRelease: [1] }
        : value,
    )
    expect(more.assets[0].causes[0]).toHaveProperty('fromALaterRelease')
    expect(read(more)).toEqual(report)
  })

  test('another schema is refused, whatever else is in it', () => {
    expect(() => read({ schemaVersion: 2, rows: [] })).toThrow(
      'report.json is not a report that this version can use: schemaVersion: is not the one that this version of the action reads.',
    )
  })
})
