import fc from 'fast-check'
import type { LiveAsset } from '../../src/dagster/live/liveAsset.ts'
import type { FileDiff } from '../../src/git/textDiff.ts'
import type { Notice, Report, ReportAsset } from '../../src/report/model.ts'
import { FAIL_ON, type FailOn, judge } from '../../src/report/policy.ts'
import type { Presentation } from '../../src/report/presentation.ts'
import type { Cause, CauseKind } from '../../src/sqlmesh/changes.ts'
import { LONG } from '../helpers/long.ts'

/** Cases of each property: a few, always the same, in every run; many, in a long one. */
export function cases(few: number): { numRuns: number; seed?: number } {
  return LONG ? { numRuns: Math.max(few, 100_000) } : { numRuns: few, seed: 7 }
}

/** Text made to break out: what markdown, HTML, GitHub, mermaid and terminals read as more than text. */
export const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('`', '|', '\\', '\n', '\r', '<', '>', '[', ']', '(', ')', '@', '#', '*', '_'),
    fc.constantFrom('~', '!', '&', '"', "'", ';', ':', '=', '-', '+', '.', ' ', '\t', '$', '%'),
    fc.constantFrom(
      '\u202e',
      '\u2066',
      '\u200b',
      '\u200d',
      '\ud800',
      '\udc00',
      '\u0000',
      '\u001b[31m',
    ),
    fc.constantFrom('-->', '```', '~~~', '<img src=x>', '![x](https://evil.test/x.png)', '<!--'),
    fc.constantFrom('@team', '#12', 'GH-12', 'acme/data#3', 'deadbeefcafe', '1435552476', '&#64;a'),
    fc.constantFrom(
      'https://evil.test',
      'www.evil.test',
      'a@evil.test',
      '[x](//evil.test)',
      ':tada:',
    ),
    fc.constantFrom(
      '</details>',
      '<details>',
      '</sub>',
      '<b>',
      '| --- | --- |',
      '\n# x\n',
      '\n> [!NOTE]',
    ),
    fc.constantFrom(
      '{',
      '}',
      'end',
      'classDef',
      '"]',
      '%%{init',
      'click n0',
      '日本',
      '🙂',
      'é',
      'a',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
  ),
  maxLength: 12,
})

/** Now and then far too long. */
const text = fc.oneof(
  { weight: 150, arbitrary: hostile },
  { weight: 1, arbitrary: hostile.map((part) => part.repeat(200)) },
)

const key = fc.array(text, { minLength: 1, maxLength: 3 })
const ALWAYS = [
  'key',
  'model',
  'status',
  'reasons',
  'codeVersion',
  'parents',
  'causes',
  'formattingOnly',
  'modelKind',
  'path',
  'partitions',
  'wave',
  'waitsFor',
  'confidence',
] satisfies (keyof ReportAsset)[]

const maybe = fc.option(text, { nil: null })
const kinds: readonly CauseKind[] = ['query', 'columns', 'kind', 'macro', 'seed', 'formatting']
const moreKinds = ['sqlmesh-upgrade', 'unknown', 'variables', 'constructor', '__proto__']

const cause: fc.Arbitrary<Cause> = fc.record({
  kind: fc.constantFrom(...([...kinds, ...moreKinds] as CauseKind[])),
  detail: fc.oneof(
    text,
    text.map((name) => `${name} added: ${name}`),
  ),
  file: maybe,
})

/** As large as what reads them lets through. */
const number = fc.oneof(fc.nat(5000), fc.constant(Number.MAX_SAFE_INTEGER))
const seconds = fc.oneof(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.nat(5000))
const instant = fc.oneof(
  text,
  fc.constant('2026-11-23T09:12:44.123Z'),
  fc.constant('2026-11-20T01:00:00Z'),
)
/** What a running Dagster may say of an asset, in such texts, numbers and times. */
export const liveAssets = (
  maybe: fc.Arbitrary<string | null>,
  number: fc.Arbitrary<number>,
  seconds: fc.Arbitrary<number>,
  instant: fc.Arbitrary<string>,
): fc.Arbitrary<LiveAsset> =>
  fc.record({
    asOf: instant,
    status: fc.constantFrom('synced', 'unsynced', 'neverMaterialized', 'absent', null),
    reasons: fc.subarray(['code', 'dependencies', 'data'] as const),
    codeVersion: maybe,
    running: fc.boolean(),
    lastRunFailed: fc.boolean(),
    lastMaterialization: fc.option(
      fc.record({
        at: instant,
        runId: maybe,
        step: maybe,
        seconds: fc.option(seconds, { nil: null }),
        sharedWith: fc.option(number, { nil: null }),
      }),
      { nil: null },
    ),
    partitions: fc.option(
      fc.record({
        total: number,
        materialized: number,
        failed: number,
        running: number,
        unsynced: fc.option(number, { nil: null }),
      }),
      { nil: null },
    ),
    url: maybe,
  })
const live = liveAssets(maybe, number, seconds, instant)

const asset: fc.Arbitrary<ReportAsset> = fc.record(
  {
    key,
    model: maybe,
    status: fc.constantFrom('unsynced', 'unsynced', 'afterUpstream', 'new', 'removed'),
    reasons: fc.subarray(['code', 'dependencies', 'data'] as const),
    codeVersion: fc.record({ base: maybe, head: maybe }),
    parents: fc.record({
      added: fc.array(key, { maxLength: 2 }),
      removed: fc.array(key, { maxLength: 2 }),
    }),
    causes: fc.array(cause, { maxLength: 4 }),
    formattingOnly: fc.boolean(),
    modelKind: fc.option(
      fc.oneof(text, fc.constantFrom('FULL', 'VIEW', 'INCREMENTAL_BY_TIME_RANGE')),
      {
        nil: null,
      },
    ),
    path: maybe,
    partitions: fc.option(
      fc.record({
        scope: fc.constantFrom('every', 'mapped'),
        count: fc.option(number, { nil: null }),
      }),
      { nil: null },
    ),
    wave: fc.nat(3),
    waitsFor: fc.array(key, { maxLength: 2 }),
    confidence: fc.constantFrom('certain', 'expected', 'possible'),
    live,
  },
  // Not every run asks a running Dagster.
  { requiredKeys: ALWAYS },
)

/** Assets of which some wait for, or come to depend on, others of the list. */
const assets = fc
  .tuple(
    fc.array(asset, { maxLength: 8 }),
    fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 6 }),
  )
  .map(([list, edges]) =>
    list.map((row, index) => {
      const parents = edges
        .filter(([, to]) => to === index)
        .flatMap(([from]) => list[from]?.key ?? [])
      const keys = edges
        .filter(([, to]) => to === index)
        .flatMap(([from]) => (list[from] ? [list[from].key] : []))
      return parents.length === 0
        ? row
        : { ...row, waitsFor: keys, parents: { added: keys, removed: [] } }
    }),
  )

const notice: fc.Arbitrary<Notice> = fc.record({
  level: fc.constantFrom('info', 'warning'),
  code: fc.constantFrom('x', 'project-absent', 'sqlmesh-upgrade', 'base-failed'),
  message: text,
})

const commit = fc.record({ sha: maybe, ref: maybe })

const subject = fc.record({
  base: commit,
  head: commit,
  project: text,
  sqlmesh: fc.record({ base: maybe, head: maybe }),
  integration: fc.record({
    name: fc.option(fc.oneof(text, fc.constant('dg-sqlmesh')), { nil: null }),
    version: maybe,
    wired: fc.constantFrom('yes', 'no', 'unknown'),
  }),
})

const error = fc.record({
  side: fc.constantFrom('base', 'head', null),
  code: fc.constantFrom('load-failed', 'timeout', 'toString'),
  message: text,
  hint: maybe,
  file: maybe,
})

const diff: fc.Arbitrary<FileDiff> = fc.record({
  path: text,
  from: maybe,
  hunks: fc.array(
    fc.record({
      start: fc.nat(99),
      header: fc.constant('@@ -1,2 +1,2 @@'),
      lines: fc.array(
        fc.tuple(fc.constantFrom('+', '-', ' '), text).map((parts) => parts.join('')),
      ),
    }),
    { maxLength: 2 },
  ),
})

const count = (list: readonly ReportAsset[], status: string) =>
  list.filter((row) => row.status === status).length

/** A report as bad as one can be that still is one, with all that is shown besides it. */
export const hostilePresentation: fc.Arbitrary<Presentation> = fc
  .record({
    subject,
    assets,
    fingerprint: text,
    notices: fc.array(notice, { maxLength: 5 }),
    error: fc.option(error, { nil: null, freq: 5 }),
    failOn: fc.subarray(FAIL_ON.filter((rule): rule is FailOn => rule !== 'none')),
    acceptLabel: text,
    acceptance: fc.option(
      fc.record({
        state: fc.constantFrom('accepted', 'void'),
        means: fc.constantFrom('label', 'trailer'),
        by: text,
        at: fc.oneof(text, fc.constant('2026-11-23T09:12:44Z')),
        fingerprint: text,
        newAssets: fc.array(key, { maxLength: 12 }),
      }),
      { nil: null },
    ),
    previous: fc.option(fc.record({ head: text, unsynced: fc.nat(2000) }), { nil: null }),
    diffs: fc.array(diff, { maxLength: 2 }),
    linked: fc.boolean(),
  })
  .map(({ subject, assets, fingerprint, notices, error, diffs, linked, ...rest }) => {
    const verdict = error === null ? judge(assets, rest.failOn) : null
    const report: Report = {
      schemaVersion: 1,
      result: 'unsynced',
      conclusion: verdict?.conclusion ?? 'failure',
      fingerprint,
      ...subject,
      counts:
        error === null
          ? {
              base: assets.length,
              head: assets.length + 1234,
              unsynced: count(assets, 'unsynced'),
              afterUpstream: count(assets, 'afterUpstream'),
              new: count(assets, 'new'),
              removed: count(assets, 'removed'),
              formattingOnly: assets.filter((row) => row.formattingOnly).length,
            }
          : null,
      assets: error === null ? assets : [],
      notices,
      error,
    }
    // Some of the diffs are of the assets' own files.
    const paths = assets.map((row) => row.path ?? '')
    const shown = diffs.map((diff, index) => ({ ...diff, path: paths[index] ?? diff.path }))
    return {
      report,
      verdict,
      ...rest,
      sources: {
        diffs: new Map(shown.map((diff) => [diff.path, diff])),
        modelLines: new Map(),
        forwardOnly: new Set(assets.slice(0, 1).map((row) => row.model ?? '')),
      },
      links: linked ? LINKS : null,
    }
  })

const OURS = 'https://github.com/acme/data'

const LINKS: NonNullable<Presentation['links']> = {
  repository: OURS,
  run: `${OURS}/actions/runs/1`,
  head: '9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c',
  base: '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d',
  dagster: 'https://acme.dagster.cloud/prod',
}
