import { describe, expect, test } from 'vitest'
import { type Marker, readMarker, withMarker } from '../../src/report/marker.ts'
import { decodeMemory, encodeMemory, type Memory, remember } from '../../src/report/memory.ts'

const memory: Memory = {
  since: '2026-01-05T09:00:00Z',
  before: [{ fingerprint: '', since: null }],
  labelled: true,
  rows: 'ab-_cdef',
  accepted: {
    fingerprint: '7f3a9c0d12ab',
    by: 'jdoe',
    at: '2026-01-05T09:00:01Z',
    event: 12,
    rows: null,
  },
  good: { head: 'a'.repeat(40), unsynced: 0 },
  impact: { head: 'b'.repeat(40), unsynced: 9 },
}

const marker = (differences: Partial<Marker> = {}): Marker => ({
  key: 'warehouse',
  run: { id: 10, attempt: 1 },
  fingerprint: '',
  finding: '0123456789ab',
  body: '0123456789abcdef',
  memory,
  ...differences,
})

test('a marker reads as it was written, with a key that would end the comment', () => {
  const written = marker({ key: 'a--> b/ü, c', fingerprint: '7f3a9c0d12ab' })
  const comment = withMarker(written, 'text')
  expect(readMarker(comment)).toEqual(written)
  expect(comment.match(/--/g)).toHaveLength(2)
})

// base64url has hyphens for these, two in a row where the letter is the first of three bytes.
test.each(['', 'a', 'ab'])('no memory ends the HTML comment: %jc\uff41~>', (start) => {
  const accepted = { ...memory.accepted, by: `${start}c\uff41~>` } as Memory['accepted']
  const comment = withMarker(marker({ memory: { ...memory, accepted } }), 'text')
  expect(comment.match(/--/g)).toHaveLength(2)
  expect(readMarker(comment)?.key).toBe('warehouse')
})

test.each([
  ['not on line 1', `\n${withMarker(marker(), 'text')}`],
  ['quoted', `> ${withMarker(marker(), 'text')}`],
  ['indented', ` ${withMarker(marker(), 'text')}`],
  ['with more after it on its line', withMarker(marker(), 'text').replace(' -->', ' --> x')],
  ['with a key that does not decode', withMarker(marker(), 'text').replace('key=', 'key=%ff')],
])('a marker %s is none', (_, comment) => {
  expect(readMarker(comment)).toBeNull()
})

describe('memory', () => {
  test.each([
    ['not base64url', '!!!'],
    ['not JSON', Buffer.from('[').toString('base64url')],
    ['an object', Buffer.from('{"__proto__":1}').toString('base64url')],
    ['too long', 'A'.repeat(2049)],
    ['of another shape', Buffer.from(JSON.stringify([1, 2])).toString('base64url')],
    ['with a hostile name', encodeMemory({ ...memory, since: 'now' as never })],
  ])('that is %s is forgotten, and the comment is still ours', (_, text) => {
    expect(decodeMemory(text)).toBeNull()
    const comment = withMarker(marker(), 'text').replace(
      /memory=\S*/,
      `memory=${text.replaceAll('!', '_')}`,
    )
    expect(readMarker(comment)).toMatchObject({ key: 'warehouse', memory: null })
  })

  test('too many rows are forgotten before anything else', () => {
    const long = 'abcd'.repeat(1000)
    const accepted = { ...memory.accepted, rows: 'abcd' } as Memory['accepted']
    const both = decodeMemory(encodeMemory({ ...memory, rows: long, accepted }))
    expect(both).toEqual({ ...memory, rows: null, accepted })
    const none = decodeMemory(
      encodeMemory({ ...memory, accepted: { ...memory.accepted, rows: long } as never }),
    )
    expect(none).toEqual({ ...memory, rows: null })
  })

  test('what is shown keeps its time, and what was shown before is remembered', () => {
    const now = { rows: null, labelled: false, accepted: null, past: null }
    const shown = { ...memory, fingerprint: 'aaaaaaaaaaaa' }
    expect(remember(shown, { ...now, fingerprint: 'aaaaaaaaaaaa' }).since).toBe(memory.since)
    const next = remember(shown, { ...now, fingerprint: 'bbbbbbbbbbbb' })
    expect(next).toMatchObject({ since: null, accepted: memory.accepted, good: memory.good })
    expect(next.before[0]).toMatchObject({ fingerprint: 'aaaaaaaaaaaa', since: memory.since })
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
