import { expect, test } from 'vitest'
import { type Command, commandsIn } from './runnerCommands.ts'

const found = (text: string) =>
  commandsIn(text).map(({ name, properties, data }: Command) =>
    [name, ...[...properties].map(([key, value]) => `${key}=${value}`), data].join('|'),
  )

test.each([
  ['::set-output name=a::1', ['set-output|name=a|1']],
  ['::SET-OUTPUT name=a::1', ['set-output|name=a|1']],
  ['  \t::debug::x', ['debug|x']],
  ['\u00a0\u3000::debug::x', ['debug|x']],
  ['\ufeff::debug::x', []],
  ['\u200b::debug::x', []],
  ['text ::debug::x', []],
  ['::debug:x', []],
  ['::nonsense::x', []],
  ['::', []],
  ['::::', []],
  ['::debug::', ['debug|']],
  [
    '::error file=a%2Cb,line=3,title=A%3A::one%0Atwo %25',
    ['error|file=a,b|line=3|title=A:|one\ntwo %'],
  ],
  ['::error file=a,::x', ['error|file=a|x']],
  ['::add-mask::%250A', ['add-mask|%0A']],
  ['##[set-output name=a;]1', ['set-output|name=a|1']],
  ['text ##[set-output name=a]1', ['set-output|name=a|1']],
  ['##[Warning a=b%3Bc%5D]x', ['warning|a=b;c]|x']],
  ['##[debug', []],
  ['##[nonsense]x', []],
  ['# #[debug]x', []],
  ['##\u200b[debug]x', []],
  ['::nonsense::##[debug]x', ['debug|x']],
  ['::debug::a\r::debug::b\r\n::debug::c', ['debug|a', 'debug|b', 'debug|c']],
  ['::debug::a\u2028::debug::b', ['debug|a\u2028::debug::b']],
])('%j', (text, expected) => {
  expect(found(text)).toEqual(expected)
})

test.each([
  [
    'nothing between the tokens is a command',
    '::stop-commands::t\n::debug::x\n##[debug]y\n::t::\n::debug::z',
    ['debug|z'],
  ],
  ['the token is taken in any case', '::stop-commands::ToKen\n::tOKEN::\n::debug::z', ['debug|z']],
  [
    'also in the other grammar',
    '##[stop-commands]t\n::debug::x\nmore ##[t]\n::debug::z',
    ['debug|z'],
  ],
  ['a token is good once', '::stop-commands::t\n::t::\n::t::\n::debug::z', ['debug|z']],
  ['without the token nothing is read any more', '::stop-commands::t\n::u::\n::debug::x', []],
])('%s', (_, text, expected) => {
  expect(found(text)).toEqual(expected)
})

test.each(['', 'debug', 'pause-logging', 'Set-Output'])('the token %j is refused', (token) => {
  expect(() => commandsIn(`::stop-commands::${token}`)).toThrow(/Invalid stop token/)
})
