import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { inertLine, printedGroup } from '../../src/github/log.ts'
import { captureTail } from '../../src/interpreter/processGroup.ts'
import { sanitizeOutput } from '../../src/platform/sanitizeOutput.ts'
import { recordResult } from '../helpers/results.ts'
import { COMMANDS, commandsIn } from '../helpers/runnerCommands.ts'

/* Nothing that a load prints becomes a command: not by its place, its form, or how it arrives. */

const token = '0a1b2c3d-0000-4000-8000-000000000000'

const forms = [
  (name: string) => `::${name}::0`,
  (name: string) => `::${name.toUpperCase()} name=unsynced-count,file=a::0`,
  (name: string) => `##[${name}]0`,
  (name: string) => `##[${name} name=unsynced-count;]0`,
]

const places: Readonly<Record<string, (command: string) => string>> = {
  'at the start': (command) => command,
  'after blanks': (command) => `   ${command}`,
  'after a tab': (command) => `\t${command}`,
  'after white space of all kinds': (command) => `\u00a0\u2003\u3000\u000b\u000c\u0085${command}`,
  'in a line': (command) => `loading … ${command} 12 %`,
  'after a carriage return': (command) => `10 %\r${command}`,
  'before a carriage return': (command) => `${command}\r`,
  'after colours': (command) => `\u001b[31m\u001b[0m${command}`,
  'split by colours': (command) =>
    `${command[0]}\u001b[1m${command[1]}\u001b[0m${command.slice(2)}`,
  'split by what is not seen': (command) => `${command[0]}\u200b${command.slice(1)}`,
  'after a line separator': (command) => `x\u2028${command}\u2029${command}`,
  'after more of the same': (command) => `:${command}#${command}`,
  'after our own start': (command) => `::stop-commands::x\n${command}`,
  'as if resumed': (command) => `::${token.toUpperCase()} ::\n##[${token}x]\n${command}`,
}

const streams = ['stdout', 'stderr'] as const
let lines = 0

const printing = (stream: 'stdout' | 'stderr', text: string) => ({
  stdout: '',
  stderr: '',
  [stream]: text,
})

/** What the runner finds in the lines themselves, were it not told to stop. */
const inside = (text: string) => commandsIn(text.split('\n').slice(2, -2).join('\n'))

test.each(COMMANDS)('%s', (name) => {
  for (const form of forms) {
    for (const [place, put] of Object.entries(places)) {
      for (const stream of streams) {
        const log = printedGroup('t', printing(stream, put(form(name))), token).join('\n')
        expect(
          commandsIn(log).map((command) => command.name),
          place,
        ).toEqual(['group', 'endgroup'])
        expect(inside(log), place).toEqual([])
        expect(commandsIn(inertLine(put(form(name)))), place).toEqual([])
        lines += 1
      }
    }
  }
})

test('between its tokens the runner is not listening at all', () => {
  const group = printedGroup('t', printing('stdout', 'x'), token)
  const with_ = [...group.slice(0, 2), '::set-output name=a::1', ...group.slice(2)]
  expect(commandsIn(with_.join('\n')).map(({ name }) => name)).toEqual(['group', 'endgroup'])
})

const pieces = fc.oneof(
  fc.constantFrom(
    '::',
    ':',
    '##[',
    '#',
    '[',
    ']',
    '\r',
    '\n',
    '\u001b[',
    'm',
    ' ',
    '\u200b',
    token,
  ),
  fc.constantFrom(...COMMANDS),
  fc.string({ unit: 'binary', maxLength: 3 }),
)
const printed = fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join(''))
const settings = { seed: 20260105, numRuns: 3000 }

test('any text, in any chunks, on both streams', async () => {
  const chunked = fc.tuple(printed, fc.array(fc.nat(40), { maxLength: 10 }))
  await fc.assert(
    fc.asyncProperty(chunked, chunked, async (out, err) => {
      const both = { stdout: await arrive(...out), stderr: await arrive(...err) }
      const log = printedGroup(out[0], both, token).join('\n')
      expect(commandsIn(log).map(({ name }) => name)).toEqual(['group', 'endgroup'])
      expect(inside(log)).toEqual([])
    }),
    settings,
  )
})

/** Writes the bytes of a text in chunks of these lengths, and gives what is kept of them. */
async function arrive(text: string, lengths: readonly number[]): Promise<string> {
  const stream = new PassThrough()
  const kept = captureTail(stream)
  let bytes = Buffer.from(text)
  for (const length of lengths) {
    stream.write(bytes.subarray(0, length))
    bytes = bytes.subarray(length)
  }
  stream.end(bytes)
  await new Promise((resolve) => stream.once('end', resolve))
  return kept()
}

test('what a terminal would obey is shown', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const line of sanitizeOutput(text)) expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    }),
    settings,
  )
  expect(sanitizeOutput('\u001b[2J\u001b]0;title\u0007a\tb\u0008\r\u202ec\n\n')).toEqual([
    'a b\\u{8}',
    '\\u{202e}c',
  ])
})

afterAll(() => recordResult('log', { lines, texts: settings.numRuns }))
