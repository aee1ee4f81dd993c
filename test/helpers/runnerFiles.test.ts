import { expect, test } from 'vitest'
import { inputVariables } from './actionFile.ts'
import { parseAnnotations, parseOutputs } from './runnerFiles.ts'

test('outputs are lines or blocks, and the last one wins', () => {
  const text = 'a=1\nb<<END\nx=1\n\ny\nEND\na=2=3\nempty<<E\nE\n'
  expect(parseOutputs(text)).toEqual({ a: '2=3', b: 'x=1\n\ny', empty: '' })
})

test('an output block without its end is an error, as on the runner', () => {
  expect(() => parseOutputs('a<<END\nx\n')).toThrow(/delimiter/)
  expect(() => parseOutputs('nonsense\n')).toThrow(/Invalid format/)
})

test('annotations are read with their properties', () => {
  const text = 'log\n::error file=a%2Cb.sql,line=3,title=A%3A b::one%0Atwo %25\n::notice::plain\n'
  expect(parseAnnotations(text)).toEqual([
    { level: 'error', message: 'one\ntwo %', title: 'A: b', file: 'a,b.sql', line: 3 },
    { level: 'notice', message: 'plain', title: null, file: null, line: null },
  ])
})

test('inputs get the defaults of action.yml, and unknown ones are refused', () => {
  expect(inputVariables({ 'fail-on': 'unsynced' }, 'secret')).toMatchObject({
    'INPUT_FAIL-ON': 'unsynced',
    'INPUT_GITHUB-TOKEN': 'secret',
    INPUT_PROJECT: '.',
    INPUT_GATEWAY: '',
  })
  expect(() => inputVariables({ nonsense: '' }, '')).toThrow(/nonsense/)
})
