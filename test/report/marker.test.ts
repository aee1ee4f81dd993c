import { describe, expect, test } from 'vitest'
import { rowDigests } from '../../src/report/fingerprint.ts'
import { type Marker, readMarker, withMarker } from '../../src/report/marker.ts'
import {
  decodeMemory,
  encodeMemory,
  type Memory,
  MOST_CHARACTERS,
  remember,
} from '../../src/report/memory.ts'
import { olderComment } from '../helpers/olderComment.ts'
import { asset } from '../helpers/reports.ts'

const FINGERPRINT = '7f3a9c0d12ab4e5f60718293a4b5c6d7'
const rows = (count: number, name = 'row') =>
  rowDigests(Array.from({ length: count }, (_, index) => asset(`${name}${index}`)))

const memory: Memory = {
  since: '2026-01-05T09:00:00Z',
  before: [{ fingerprint: '', since: null }],
  labelled: true,
  rows: rows(2),
  accepted: {
    fingerprint: FINGERPRINT,
    by: 'jdoe',
    at: '2026-01-05T09:00:01Z',
    event: 12,
    rows: null,
  },
  good: { head: 'a'.repeat(40), unsynced: 0 },
  impact: { head: 'b'.repeat(40), unsynced: 9 },
}
const accepting = (rows: string | null) => ({ ...memory.accepted, rows }) as Memory['accepted']

const marker = (differences: Partial<Marker> = {}): Marker => ({
  key: 'warehouse',
  run: { id: 10, attempt: 1 },
  fingerprint: '',
  finding: '0123456789abcdef'.repeat(2),
  body: 'fedcba9876543210'.repeat(2),
  memory,
  ...differences,
})

test('a marker reads as it was written, with a key that would end the comment', () => {
  const written = marker({ key: 'a--> b/ü, c', fingerprint: FINGERPRINT })
  const comment = withMarker(written, 'text')
  expect(readMarker(comment)).toEqual({ ...written, older: false })
  expect(comment.match(/--/g)).toHaveLength(2)
})

// base64url has hyphens for these, two in a row where the letter is the first of three bytes.
test.each(['', 'a', 'ab'])('no memory ends the HTML comment: %jc\uff41~>', (start) => {
  const accepted = { ...memory.accepted, by: `${start}c\uff41~>` } as Memory['accepted']
  const comment = withMarker(marker({ memory: { ...memory, accepted } }), 'text')
  expect(comment.match(/--/g)).toHaveLength(2)
  expect(readMarker(comment)?.key).toBe('warehouse')
})

test('nor do rows, whose digests have hyphens too', () => {
  const hyphens = '-'.repeat(rows(1).length)
  const comment = withMarker(marker({ memory: { ...memory, rows: hyphens } }), 'text')
  expect(comment.match(/--/g)).toHaveLength(2)
  expect(readMarker(comment)?.memory?.rows).toBe(hyphens)
})

test.each([
  ['not on line 1', `\n${withMarker(marker(), 'text')}`],
  ['quoted', `> ${withMarker(marker(), 'text')}`],
  ['indented', ` ${withMarker(marker(), 'text')}`],
  ['with more after it on its line', withMarker(marker(), 'text').replace(' -->', ' --> x')],
  ['with a key that does not decode', withMarker(marker(), 'text').replace('key=', 'key=%ff')],
  ['with too short a fingerprint', withMarker(marker({ fingerprint: '7f3a9c0d12ab' }), 'text')],
])('a marker %s is none', (_, comment) => {
  expect(readMarker(comment)).toBeNull()
})

test('the digest of a row is as hard to meet as a fingerprint', () => {
  expect(rows(1)).toMatch(/^[\w-]{22}$/)
  expect(new Set(rows(100).match(/.{22}/g))).toHaveLength(100)
})

test('a marker of an older release is known for one, and its rows name nothing', () => {
  const accepted = { fingerprint: '7f3a9c0d12ab', by: 'jdoe', at: '2026-01-05T09:00:01Z' }
  expect(readMarker(olderComment({ key: 'a-b, c', accepted, event: 12 }))).toMatchObject({
    older: true,
    key: 'a-b, c',
    fingerprint: '7f3a9c0d12ab',
    memory: { rows: null, accepted: { ...accepted, event: 12, rows: null } },
  })
})

describe('memory', () => {
  const [json = ''] = encodeMemory(memory).split('~')

  test.each([
    ['not base64url', '!!!'],
    ['not JSON', Buffer.from('[').toString('base64url')],
    ['an object', Buffer.from('{"__proto__":1}').toString('base64url')],
    ['too long', 'A'.repeat(MOST_CHARACTERS + 1)],
    ['of another shape', Buffer.from(JSON.stringify([1, 2])).toString('base64url')],
    ['with a hostile name', encodeMemory({ ...memory, since: 'now' as never })],
    ['without its rows', json],
    ['with a row too few', `${json}~${rows(1)}`],
    ['with rows of other letters', `${json}~${rows(2).replace(/.$/, '~')}`],
    ['with more after its rows', `${json}~${rows(2)}~`],
  ])('that is %s is forgotten, and the comment is still ours', (_, text) => {
    expect(decodeMemory(text)).toBeNull()
    const comment = withMarker(marker(), 'text').replace(
      /memory=\S*/,
      `memory=${text.replaceAll('!', '_').replaceAll('-', '.')}`,
    )
    expect(readMarker(comment)).toMatchObject({ key: 'warehouse', memory: null })
  })

  test.each<[string, string | null, string | null]>([
    ['none known', null, null],
    ['none', '', ''],
    ['those that were accepted', rows(3), rows(3)],
    ['others than were accepted', rows(3), rows(4, 'other')],
    ['accepted ones alone', null, rows(4)],
    ['shown ones alone', rows(4), null],
  ])('rows: %s', (_, shown, accepted) => {
    const whole = { ...memory, rows: shown, accepted: accepting(accepted) }
    expect(decodeMemory(encodeMemory(whole))).toEqual(whole)
  })

  test('rows that were accepted and are still shown are written once', () => {
    const once = { ...memory, rows: rows(230), accepted: accepting(rows(230)) }
    expect(decodeMemory(encodeMemory(once))).toEqual(once)
  })

  test('too many rows are forgotten before anything else', () => {
    const long = rows(1000)
    const accepted = accepting(rows(1))
    const both = decodeMemory(encodeMemory({ ...memory, rows: long, accepted }))
    expect(both).toEqual({ ...memory, rows: null, accepted })
    const none = decodeMemory(encodeMemory({ ...memory, accepted: accepting(long) }))
    expect(none).toEqual({ ...memory, rows: null })
  })

  test('what is shown keeps its time, and what was shown before is remembered', () => {
    const now = { rows: null, labelled: false, accepted: null, past: null }
    const [first, second] = ['a'.repeat(32), 'b'.repeat(32)]
    const shown = { ...memory, fingerprint: first }
    expect(remember(shown, { ...now, fingerprint: first }).since).toBe(memory.since)
    const next = remember(shown, { ...now, fingerprint: second })
    expect(next).toMatchObject({ since: null, accepted: memory.accepted, good: memory.good })
    expect(next.before[0]).toMatchObject({ fingerprint: first, since: memory.since })
  })

  test('a comparison is the last good one, and the last impact if it had any', () => {
    const now = { fingerprint: '', rows: '', labelled: false, accepted: null }
    const clean = { head: 'c'.repeat(40), unsynced: 0 }
    const after = remember({ ...memory, fingerprint: '' }, { ...now, past: clean })
    expect(after).toMatchObject({ good: clean, impact: memory.impact })
    const worse = { head: 'd'.repeat(40), unsynced: 3 }
    expect(remember(null, { ...now, past: worse })).toMatchObject({ good: worse, impact: worse })
  })
})

test('the longest marker leaves room for the longest document', () => {
  const long = {
    ...memory,
    before: Array.from({ length: 9 }, () => ({ fingerprint: FINGERPRINT, since: memory.since })),
    rows: rows(5000),
    accepted: { ...accepting(rows(200)), by: '\u{1f600}'.repeat(50) } as Memory['accepted'],
  }
  const key = `${'\uffff'.repeat(200)} ${'f'.repeat(32)}`
  const run = { id: 1e15 - 1, attempt: 999_999 }
  const comment = withMarker(marker({ key, run, fingerprint: FINGERPRINT, memory: long }), '')
  expect(readMarker(comment)).toMatchObject({ key, memory: { rows: null } })
  // GitHub takes 65,536 characters, and a document has up to 56,000.
  expect(comment.length).toBeLessThan(9000)
})
