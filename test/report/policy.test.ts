import { expect, test } from 'vitest'
import type { ReportAsset } from '../../src/report/model.ts'
import type { FailOn } from '../../src/report/policy.ts'
import { brokenRules, conclude, judge } from '../../src/report/policy.ts'

test('an error is red, whatever the policy says and whoever accepts it', () => {
  const error = { side: null, code: 'git', message: '', hint: null, file: null } as const
  for (const verdict of [null, { conclusion: 'success' }, { conclusion: 'failure' }] as const) {
    for (const acceptance of [null, { state: 'accepted' }, { state: 'void' }] as const) {
      expect(conclude({ error }, verdict, acceptance)).toBe('failure')
    }
  }
  expect(conclude({ error: null }, null, { state: 'accepted' })).toBe('failure')
})

const RULES: readonly FailOn[] = [
  'unsynced',
  'incremental',
  'formatting',
  'dependencies',
  'removed',
]

/** A row with what rules look at. */
const row = (asset: Partial<ReportAsset>): ReportAsset => ({
  key: ['a'],
  model: null,
  status: 'unsynced',
  reasons: ['code'],
  codeVersion: { base: null, head: null },
  parents: { added: [], removed: [] },
  causes: [],
  formattingOnly: false,
  modelKind: 'FULL',
  path: null,
  partitions: null,
  wave: 0,
  waitsFor: [],
  confidence: 'certain',
  ...asset,
})

const all = { modelKind: 'INCREMENTAL_BY_UNIQUE_KEY', formattingOnly: true } as const
const everything = row({ ...all, reasons: ['code', 'dependencies'] })

test.each<[string, ReportAsset, readonly FailOn[]]>([
  ['code alone', row({}), ['unsynced']],
  [
    'a kind that keeps history',
    row({ modelKind: 'SCD_TYPE_2_BY_TIME' }),
    ['unsynced', 'incremental'],
  ],
  ['a kind whose name only ends so', row({ modelKind: 'NOT_INCREMENTAL_' }), ['unsynced']],
  ['no model', row({ modelKind: null }), ['unsynced']],
  ['words alone', row({ formattingOnly: true }), ['unsynced', 'formatting']],
  ['parents', row({ reasons: ['dependencies'] }), ['unsynced', 'dependencies']],
  ['all of it', everything, ['unsynced', 'incremental', 'formatting', 'dependencies']],
  ['what follows', { ...everything, status: 'afterUpstream' }, []],
  ['what is new', { ...everything, status: 'new' }, []],
  ['what is removed', { ...everything, status: 'removed' }, ['removed']],
])('rules that match %s', (_, asset, rules) => {
  expect(brokenRules(asset, RULES)).toEqual(rules)
  expect(brokenRules(asset, [])).toEqual([])
  const verdict = judge([asset], RULES)
  expect(verdict.matched.map(({ rule }) => rule)).toEqual(rules)
  expect(verdict.conclusion).toBe(rules.length > 0 ? 'failure' : 'success')
  expect(verdict.assets).toBe(rules.length > 0 ? 1 : 0)
})

test('each rule counts its assets, and each asset counts once', () => {
  const assets = [row({}), everything, row({ status: 'new' })]
  expect(judge(assets, ['incremental', 'removed', 'unsynced'])).toEqual({
    conclusion: 'failure',
    matched: [
      { rule: 'incremental', assets: 1 },
      { rule: 'unsynced', assets: 2 },
    ],
    assets: 2,
  })
})
