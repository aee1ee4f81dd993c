import { expect, test } from 'vitest'
import { timeText } from '../../src/report/words/times.ts'

test.each([
  ['GitHub', '2026-11-23T09:12:44Z', '2026-11-23 09:12 UTC'],
  ['GitHub without seconds', '2026-11-23T09:12Z', '2026-11-23 09:12 UTC'],
  ['Dagster', '2026-11-25T05:40:00.123Z', '2026-11-25 05:40 UTC'],
  ['Gitea', '2026-11-23T00:12:44+02:00', '2026-11-22 22:12 UTC'],
])('%s: %s is a time', (_, time, text) => {
  expect(timeText(time)).toBe(text)
})

test.each([
  '',
  'yesterday',
  '2026-11-23',
  '2026-13-40T09:12:44Z',
  '2026-11-23T09:12:44',
  '1764062400',
])('%j is none', (time) => {
  expect(timeText(time)).toBeNull()
})
