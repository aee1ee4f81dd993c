import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { root } from '../helpers/actionFile.ts'
import { defences } from './defences.ts'

const all = Object.values(defences).flat()
const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** The file without the defence. */
const without = ({ file, take, put }: (typeof all)[number]) => read(file).replace(take, () => put)

// `npm run sabotage` takes each away and sees its test go red.
test.each(all.map((one) => [one.name, one] as const))(
  '%s: stands where it is said to, and so does its test',
  (_, one) => {
    expect(read(one.file).split(one.take)).toHaveLength(2)
    expect(one.put).not.toBe(one.take)
    // A table of cases may lie in a file beside the test.
    const beside = readdirSync(join(root, dirname(one.test))).filter((name) => name.endsWith('.ts'))
    const texts = beside.map((name) => read(join(dirname(one.test), name)))
    expect(texts.some((text) => text.includes(one.only ?? 'test'))).toBe(true)
    read(one.test)
  },
)

test('what is left without one is a program, which must be red for what it does', () => {
  const broken = all
    .filter(({ file }) => file.endsWith('.ts'))
    .filter((one) => {
      const options = { reportDiagnostics: true, fileName: one.file }
      return ts.transpileModule(without(one), options).diagnostics?.length !== 0
    })
  const python = all.filter(({ file }) => file.endsWith('.py'))
  const check = 'import ast, json, sys\nfor text in json.load(sys.stdin): ast.parse(text)'
  const input = JSON.stringify(python.map(without))
  const { stderr } = spawnSync('python3', ['-c', check], { input, encoding: 'utf8' })

  expect(broken.map(({ name }) => name)).toEqual([])
  expect(stderr).toBe('')
})

test('each has a name of its own', () => {
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
})
