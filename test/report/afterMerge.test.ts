import { expect, test } from 'vitest'
import type { ReportAsset } from '../../src/report/model.ts'
import { FIRST_CODE_VERSION, SET_BY_DEFINITIONS } from '../../src/report/report.ts'
import { arrangeRows } from '../../src/report/rows.ts'
import { stepsAfterMerge } from '../../src/report/words/afterMerge.ts'
import { PLAIN } from '../../src/report/words/textStyle.ts'
import { asset, outcomeOf, reportOf } from '../helpers/reports.ts'

function steps(...rows: readonly ReportAsset[]): readonly string[] {
  const presentation = {
    ...outcomeOf(reportOf(rows)),
    failOn: [],
    acceptLabel: '',
    acceptance: null,
    previous: null,
    links: null,
  }
  const { report } = presentation
  return stepsAfterMerge(presentation, arrangeRows(report), PLAIN).map(({ text }) => text)
}

const unknown = (detail: string) =>
  asset('a', { causes: [{ kind: 'unknown', detail, file: null }] })
const parents = { added: [['x']], removed: [] }
const dependencies = { reasons: ['dependencies' as const], causes: [], parents }

test.each<[string, ReportAsset, boolean]>([
  ['a model that changed', asset('a'), true],
  ['a model that is new', asset('a', { status: 'new', causes: [] }), true],
  ['a change that nothing explains', unknown('no known part of the model explains it'), true],
  ['a first code version', unknown(FIRST_CODE_VERSION), false],
  ['a code version of the definitions’ own', unknown(SET_BY_DEFINITIONS), false],
  ['other dependencies', asset('a', dependencies), false],
  ['an asset without a model', asset('a', { status: 'new', model: null, causes: [] }), false],
  ['an asset that is gone', asset('a', { status: 'removed', causes: [] }), false],
])('SQLMesh’s plan comes first where it has something to apply: %s', (_, row, first) => {
  expect(steps(row)[0]?.startsWith('Apply the SQLMesh plan first')).toBe(first)
})
