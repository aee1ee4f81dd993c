import { expect, test } from 'vitest'
import { parseRaw } from '../../src/git/changedFiles.ts'

const [one, two, none] = ['1'.repeat(40), '2'.repeat(40), '0'.repeat(40)]

test('files that come, go and change, whatever their names', () => {
  const output = [
    `:100644 100755 ${one} ${two} M\0models/a b.sql\0`,
    `:000000 100644 ${none} ${one} A\0models/"x"\n\ty.sql\0`,
    `:100644 000000 ${one} ${none} D\0:100644.sql\0`,
    `:100644 120000 ${one} ${two} T\0link\0`,
  ].join('')
  expect(parseRaw(output)).toEqual([
    {
      path: 'models/a b.sql',
      status: 'modified',
      mode: { base: '100644', head: '100755' },
      blob: { base: one, head: two },
    },
    {
      path: 'models/"x"\n\ty.sql',
      status: 'added',
      mode: { base: '000000', head: '100644' },
      blob: { base: none, head: one },
    },
    {
      path: ':100644.sql',
      status: 'deleted',
      mode: { base: '100644', head: '000000' },
      blob: { base: one, head: none },
    },
    expect.objectContaining({ path: 'link', status: 'modified' }),
  ])
})

test('no output is no difference', () => {
  expect(parseRaw('')).toEqual([])
})

test('what git never prints is an error, not an empty list', () => {
  expect(() => parseRaw('fatal: bad object')).toThrow(/unexpected/)
  expect(() => parseRaw('something\0else\0')).toThrow(/unexpected/)
})
