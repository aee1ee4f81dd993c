import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { launchCommands } from '../../src/report/launchCommands.ts'
import type { Presentation } from '../../src/report/presentation.ts'
import { arrangeRows } from '../../src/report/rows.ts'
import { stepsAfterMerge } from '../../src/report/words/afterMerge.ts'
import { PLAIN } from '../../src/report/words/textStyle.ts'
import { PRESENTATIONS } from '../fixtures/presentations.ts'
import { dagsterPython } from '../helpers/python.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const run = promisify(execFile)

type Keys = readonly (readonly string[])[]

let python = ''

beforeAll(async () => {
  python = await dagsterPython('1.13.27')
})

/** The selections in commands, as a shell hands them on. */
async function selectionsIn(commands: readonly string[]): Promise<string[]> {
  const script = commands
    .map((command) => command.replace(/^dg launch --assets/, 'show'))
    .join('\n')
  const { stdout } = await run('sh', ['-c', `show() { printf '%s\\0' "$@"; }\n${script}`])
  return stdout.split('\0').slice(0, -1)
}

async function selectedByDagster(
  cases: readonly { keys: Keys; selections: readonly string[] }[],
): Promise<Keys[]> {
  const script = join(import.meta.dirname, 'select_assets.py')
  const child = run(python, [script], { maxBuffer: 64 * 1024 * 1024 })
  child.child.stdin?.end(JSON.stringify(cases))
  return JSON.parse((await child).stdout) as Keys[]
}

const sorted = (keys: Keys) => keys.map((key) => JSON.stringify(key)).sort()

const segment = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      'a',
      'b',
      'c',
      '_',
      '-',
      '.',
      ' ',
      'é',
      '日',
      '🙂',
      '/',
      '(',
      ')',
      '+',
      '[',
      '$',
    ),
    fc.constantFrom(
      "'",
      '"',
      '\\',
      ',',
      '*',
      ':',
      '|',
      '^',
      '?',
      '\n',
      ' or ',
      ' and ',
      'not ',
      '#',
    ),
  ),
  maxLength: 5,
})

test('a command selects exactly its assets, and no key is forgotten', async () => {
  const lists = fc.uniqueArray(fc.array(segment, { minLength: 1, maxLength: 3 }), {
    maxLength: 12,
    // Dagster compares keys by their text.
    selector: (key) => key.join('/'),
  })
  const decoys = [['a'], ['b', 'c'], ['ab'], ['a', 'b', 'c'], ['or'], ['not']]
  const samples = fc.sample(lists, { numRuns: 150, seed: 7 })
  const cases = await Promise.all(
    samples.map(async (list) => {
      const { commands, unnameable } = launchCommands(list)
      const known = new Set(list.map((key) => key.join('/')))
      const keys = [...list, ...decoys.filter((key) => !known.has(key.join('/')))]
      const named = list.filter((key) => !unnameable.includes(key))
      return { keys, selections: await selectionsIn(commands), named }
    }),
  )
  const selected = await selectedByDagster(cases)
  expect(cases.flatMap(({ named }) => named).length).toBeGreaterThan(200)
  cases.forEach(({ named }, index) => {
    expect(sorted(selected[index] as Keys)).toEqual(sorted(named))
  })
})

test('a key with a stand-in for its catalog is in no command', () => {
  const [named, unknown] = [
    ['db', 's', 'a'],
    ['UNKNOWN_CATALOG', 'S', 'B'],
  ]
  const { commands, unnameable } = launchCommands([named, unknown])
  expect(commands).toEqual([`dg launch --assets 'key:"db/s/a"'`])
  expect(unnameable).toEqual([unknown])
})

test('a long list takes several commands', async () => {
  const keys = Array.from({ length: 95 }, (_, index) => ['warehouse', 'marts', `model_${index}`])
  const { commands } = launchCommands(keys)
  expect(commands).toHaveLength(3)
  const selections = await selectionsIn(commands)
  expect(Math.max(...commands.map((command) => command.length))).toBeLessThan(8000)
  const [selected] = await selectedByDagster([{ keys, selections }])
  expect(sorted(selected as Keys)).toEqual(sorted(keys))
})

/** What `dg launch` calls with its option `--assets` (dagster-dg-cli 1.13). */
const MATERIALIZE = '-m dagster asset materialize -f definitions.py --select'

const DEFINITIONS = `
from dagster import AssetKey, Definitions, asset


def define(key):
    @asset(key=AssetKey(key))
    def materialized():
        with open("materialized.txt", "a") as file:
            file.write("/".join(key) + "\\n")

    return materialized


keys = ["fct_orders", "fct_orders_daily", "dim_customers"]
defs = Definitions(assets=[define(["warehouse", "core", key]) for key in keys])
`

test('Dagster itself materializes what the command names', async () => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'definitions.py'), DEFINITIONS)
  const [command = ''] = launchCommands([
    ['warehouse', 'core', 'fct_orders'],
    ['warehouse', 'core', 'dim_customers'],
  ]).commands
  const pasted = command.replace('dg launch --assets', `"${python}" ${MATERIALIZE}`)
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder.path, DAGSTER_DISABLE_TELEMETRY: '1' }
  await run('sh', ['-c', pasted], { cwd: folder.path, env })
  const materialized = await readFile(join(folder.path, 'materialized.txt'), 'utf8')
  expect(materialized.trim().split('\n').sort()).toEqual([
    'warehouse/core/dim_customers',
    'warehouse/core/fct_orders',
  ])
})

const steps = (name: string) => {
  const presentation = PRESENTATIONS[name] as Presentation
  return stepsAfterMerge(presentation, arrangeRows(presentation.report), PLAIN)
}

test('after the merge: everything that becomes unsynced or is new, and nothing else', () => {
  const commands = steps('impact').flatMap((step) => step.commands)
  const named = [...commands.join().matchAll(/key:"([^"]+)"/g)].map((match) => match[1])
  const wanted = (PRESENTATIONS['impact'] as Presentation).report.assets
    .filter(({ status }) => status !== 'removed')
    .map(({ key }) => key.join('/'))
  expect(named.sort()).toEqual(wanted.sort())
})

test('after the merge: too many to paste are not half a list', () => {
  expect(steps('two-thousand').flatMap((step) => step.commands)).toEqual([])
  expect(steps('two-thousand').at(-1)?.text).toMatch(/2,000 assets.*JSON report/)
})
