import { expect, test } from 'vitest'
import { annotationsOf } from '../../src/report/annotations.ts'
import type { Presentation } from '../../src/report/presentation.ts'
import { edited } from '../fixtures/assets.ts'
import { compared, PRESENTATIONS } from '../fixtures/presentations.ts'

const of = (name: string) => annotationsOf([PRESENTATIONS[name] as Presentation])

test('on the line where the model starts, dearest first, with what follows', () => {
  const [first, second] = of('impact')
  expect(first).toEqual({
    level: 'notice',
    title: 'warehouse/core/fct_orders',
    message:
      'Will become unsynced (incremental by time range): columns: +refunded; query: JOIN refunds added; dependencies: +warehouse/staging/refunds.',
    file: 'warehouse/models/core/fct_orders.sql',
    line: 3,
  })
  expect(second).toMatchObject({ title: 'warehouse/marts/daily_revenue', line: 1 })
  expect(
    of('impact')
      .map(({ message }) => message)
      .join('\n'),
  ).toContain('2 assets will follow.')
})

test('a policy that says no makes warnings, and says why', () => {
  expect(of('action-needed').map(({ level }) => level)).toEqual([
    ...Array<string>(9).fill('warning'),
    'error',
  ])
  expect(of('action-needed').at(-1)?.message).toContain('fail-on: incremental')
  expect(new Set(of('accepted').map(({ level }) => level))).toEqual(new Set(['notice']))
})

test('nine at most, whatever the number of projects, so that one is left for a warning', () => {
  const many = compared(edited(30))
  expect(annotationsOf([many, many])).toHaveLength(9)
})

test('an error is one annotation, on its file', () => {
  expect(of('error-head')).toMatchObject([
    { level: 'error', file: 'warehouse/models/core/fct_orders.sql', line: null },
  ])
})
