import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../helpers/actionFile.ts'
import { exampleProblems, workflowProblems } from './rules.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const inFolder = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.yml'))
    .map((file) => `${folder}/${file}`)

const examples = inFolder('examples/workflows')
const own = inFolder('.github/workflows')
const { version } = JSON.parse(read('package.json'))

test.each(examples)('%s can be pasted', (file) => {
  expect(exampleProblems(read(file), version)).toEqual([])
})

test.each(own)('%s gives away nothing', (file) => {
  expect(workflowProblems(read(file))).toEqual([])
})

test('an action has one pin everywhere', () => {
  const pins = [...examples, ...own].flatMap((file) =>
    [...read(file).matchAll(/uses: ([\w-]+\/[\w-]+)\S*(@.+)$/gm)].map(([, name, pin]) => ({
      name,
      pin,
    })),
  )
  const byName = Map.groupBy(pins, ({ name }) => name)
  const several = [...byName].filter(([, uses]) => new Set(uses.map(({ pin }) => pin)).size > 1)
  expect(byName.size).toBeGreaterThan(5)
  expect(several.map(([name]) => name)).toEqual([])
})

/** One edit of a workflow, and what the rules say of it. */
test.each<[string, string, string | RegExp, string, string]>([
  [
    'minimal',
    'a tag',
    /@[0-9a-f]{40} # v7\.0\.1/,
    '@v7',
    'not pinned: - uses: actions/checkout@v7',
  ],
  ['minimal', 'no version', / # v7\.0\.0$/m, '', 'not pinned'],
  ['minimal', 'another release', '@v0.1.0', '@v0.0.9', 'it does not use v'],
  ['minimal', 'permissions for all', 'permissions: {}', 'permissions: read-all', 'itself has'],
  ['minimal', 'a write', 'contents: read', 'contents: write', 'does not need contents: write'],
  ['minimal', 'credentials', 'persist-credentials: false', 'lfs: false', 'keeps its credentials'],
  ['minimal', 'no reason', /(fetch-depth: 2) #.*/, '$1', 'does not tell why'],
  ['minimal', 'a filter', 'pull_request:', 'pull_request:\n    paths: [models/**]', 'paths filter'],
  ['minimal', 'a trigger', 'pull_request:', 'pull_request_target:', 'pull_request_target'],
  ['minimal', 'a condition', 'runs-on:', 'if: github.actor != 0\n    runs-on:', 'be skipped'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's, not JavaScript's.
  ['minimal', 'an expression', 'pip install', 'echo ${{ github.head_ref }}', 'has an expression'],
  ['minimal', 'an old run', 'cancel-in-progress: true', 'queue: max', 'does not cancel'],
  ['minimal', 'one group', /-\$\{\{ github\.event\S* \}\}/, '', 'share one run'],
  ['minimal', 'a typo', 'project:', 'projects:', 'there is no input projects'],
  ['pip', 'a typo', /report-html/g, 'report_html', 'no steps.unsynced.outputs.report_html'],
  ['fork-compute', 'a write', 'contents: read', 'pull-requests: write', 'does not need pull'],
  ['fork-report', 'code', '- uses: actions/d', '- run: make\n      - uses: actions/d', 'runs code'],
  ['fork-report', 'no key', /comment-key: .*/, 'comment: always', 'would write its comment'],
  ['dagster', 'a secret', 'mode: report', 'mode: check', 'report: it runs code next to a secret'],
  ['scheduled-drift', 'a write', 'contents: read', 'pull-requests: write', 'does not need pull'],
])('%s.yml with %s is found out', (name, _, from, to, expected) => {
  const text = read(`examples/workflows/${name}.yml`)
  const edited = text.replace(from, to)
  expect(edited).not.toBe(text)
  expect(exampleProblems(edited, version).join('\n')).toContain(expected)
})
