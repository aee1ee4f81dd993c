import { expect, test } from 'vitest'
import { keyId } from '../../src/dagster/assetKeys.ts'
import type { LiveAsset } from '../../src/dagster/live/liveAsset.ts'
import type { Live } from '../../src/dagster/live/readLive.ts'
import { renderComment } from '../../src/report/markdown/commentBody.ts'
import type { Report, ReportAsset } from '../../src/report/model.ts'
import { NO_SOURCES, type Presentation } from '../../src/report/presentation.ts'
import { parseReport } from '../../src/report/readReport.ts'
import { liveWanted, withLive } from '../../src/report/withLive.ts'
import { liveSentence, liveText } from '../../src/report/words/liveText.ts'
import { durationText } from '../../src/report/words/times.ts'
import { asset, HEAD, reportOf } from '../helpers/reports.ts'

const SERVER = { url: 'https://acme.dagster.cloud/prod', token: 'x' }
const AS_OF = '2026-11-25T05:40:00.000Z'

function live(differences: Partial<LiveAsset> = {}): LiveAsset {
  return {
    asOf: AS_OF,
    status: 'synced',
    reasons: [],
    codeVersion: '1',
    running: false,
    lastRunFailed: false,
    lastMaterialization: null,
    partitions: null,
    url: 'https://acme.dagster.cloud/prod/assets/x',
    ...differences,
  }
}

const last = (at: string, seconds: number | null, step = 'a', runId = 'r') => ({
  lastMaterialization: { at, seconds, step, runId, sharedWith: 0 },
})

/** What Dagster says of the assets of a report, in their order. */
function told(assets: readonly ReportAsset[], states: readonly LiveAsset[]): Live {
  const known = states.map((state, index) => [keyId(assets[index]?.key ?? []), state] as const)
  return { assets: new Map(known), trouble: null }
}

const codesOf = ({ notices }: Report) => notices.map(({ code }) => code)

test('a duration and an age are told in the unit that matters', () => {
  const seconds = [0, 0.4, 1, 89, 90, 3599, 3600, 7800, 360_000]
  expect(seconds.map(durationText)).toEqual([
    ...['under 1 s', 'under 1 s', '1 s', '89 s', '2 min', '1 h', '1 h', '2 h 10 min', '100 h'],
  ])
  const ages = ['2026-11-25T05:41:00Z', '2026-11-25T05:20:00Z', '2026-11-25T02:10:00Z']
  const older = ['2026-11-23T05:40:00Z', 'nonsense']
  expect(
    [...ages, ...older].map((at) => liveText(asset('x', { live: live(last(at, null)) }))),
  ).toEqual([
    'last materialized just now',
    'last materialized 20 min ago',
    'last materialized 3 h ago',
    'last materialized 2 days ago',
    'last materialized just now',
  ])
})

test('each run or step counts once in what it takes', () => {
  const at = '2026-11-25T02:10:00Z'
  const rows = [
    asset('a', { live: live(last(at, 3600)) }),
    asset('b', { live: live(last(at, 3600)) }),
    asset('c', { live: live({ ...last(at, 4200, 'c'), status: 'unsynced' }) }),
    asset('d', { live: live({ status: 'neverMaterialized' }) }),
    asset('e', { live: live(last(at, 9999, 'e')), status: 'removed' }),
  ]
  expect(liveSentence(reportOf(rows))).toBe(
    'In Dagster at 2026-11-25 05:40 UTC: 1 already unsynced, 1 never materialized. Materializing them took ≈ 2 h 10 min by last runs, known of 3 of 4.',
  )
  expect(liveSentence(reportOf([asset('a')]))).toBe('')
})

test('assets that Dagster does not know, or knows without a code version, are a warning', () => {
  const rows = ['a', 'b', 'c'].map((name) => asset(name))
  const absent = live({ status: 'absent', codeVersion: null })
  const unknown = withLive(reportOf(rows), told(rows, [absent, live(), live()]), SERVER)
  expect(unknown.notices).toMatchObject([{ code: 'dagster-absent', level: 'warning' }])
  expect(unknown.notices[0]?.message).toContain('1 of the 3 listed assets: `warehouse/marts/a`')

  const bare = live({ codeVersion: null })
  const unwired = withLive(reportOf(rows), told(rows, [bare, bare, bare]), SERVER)
  expect(codesOf(unwired)).toEqual(['dagster-not-wired'])
  const elsewhere = withLive(reportOf(rows), told(rows, [live({ codeVersion: '9' })]), SERVER)
  expect(codesOf(elsewhere)).toEqual(['dagster-other-code'])
  const fine = withLive(reportOf(rows), told(rows, [live(), live(), live()]), SERVER)
  expect(codesOf(fine)).toEqual([])

  const added = [asset('a', { status: 'new', codeVersion: { base: null, head: '2' } })]
  expect(codesOf(withLive(reportOf(added), told(added, [absent]), SERVER))).toEqual([])
})

test('what was not told is one notice, and what another job was told is dropped', () => {
  const rows = [asset('a', { live: live() })]
  const trouble = { asked: 'the state of 1 asset', answered: 'HTTP 401', advice: 'Check it.' }
  const report = withLive(reportOf(rows), { assets: new Map(), trouble }, SERVER)
  expect(report.assets[0]).not.toHaveProperty('live')
  expect(report.notices).toEqual([
    {
      level: 'info',
      code: 'dagster-unanswered',
      message:
        'A running Dagster was to tell the state of 1 asset: HTTP 401. Check it. The rows stand without it.',
    },
  ])
})

test.each([
  ['http://dagster.internal', 'x', ['dagster-http']],
  ['http://dagster.internal', null, []],
  ['http://127.0.0.1:3000', 'x', []],
  ['https://dagster.internal', 'x', []],
])('a token over %s (%s)', (url, token, codes) => {
  const rows = [asset('a')]
  const report = withLive(reportOf(rows), told(rows, [live()]), { url, token })
  expect(codesOf(report)).toEqual(codes)
})

test('only the whole run has a time where dg-sqlmesh 1.x does all in its first step', () => {
  const timed = (name: string, version: string | null) =>
    liveWanted({
      ...reportOf([asset('a')]),
      integration: { name, version, wired: 'unknown' },
    }).map(({ timedByRun }) => timedByRun)[0]
  expect(timed('dg-sqlmesh', '1.10.1')).toBe(true)
  expect(timed('dg-sqlmesh', null)).toBe(true)
  expect(timed('dg-sqlmesh', '0.1.1')).toBe(false)
  expect(timed('dagster-sqlmesh', '0.22.0')).toBe(false)
})

function presented(report: Report): Presentation {
  return {
    report,
    verdict: null,
    failOn: [],
    acceptLabel: '',
    acceptance: null,
    previous: null,
    sources: NO_SOURCES,
    links: {
      repository: 'https://github.com/acme/data',
      run: 'https://github.com/acme/data/actions/runs/1',
      head: HEAD,
      base: HEAD,
      dagster: SERVER.url,
    },
  }
}

test('a row links to the asset’s page on the server that was asked, whatever the report says', () => {
  const state = live({ ...last('2026-11-25T02:10:00Z', 720), url: 'https://evil.test/' })
  const { document } = renderComment(presented(reportOf([asset('a b', { live: state })])))
  expect(document).toContain(
    '<br><sub>[Dagster](https://acme.dagster.cloud/prod/assets/warehouse/marts/a%20b): last materialized 3 h ago, took 12 min</sub>',
  )
  expect(document).not.toContain('evil')
})

test('what Dagster says never costs a comment a row', () => {
  const state = live({ ...last('2026-11-25T02:10:00Z', 720), lastRunFailed: true })
  for (const count of [40, 100, 160, 200, 260, 2000]) {
    const rows = Array.from({ length: count }, (_, index) => asset(`table_${index}`))
    const without = renderComment(presented(reportOf(rows)))
    const within = renderComment(presented(reportOf(rows.map((row) => ({ ...row, live: state })))))
    expect(within.tier, `${count} rows`).toBe(without.tier)
    expect(within.document).toContain('In Dagster at 2026-11-25 05:40 UTC')
  }
})

test('a report that tells of Dagster comes back from its file as it was', () => {
  const partitions = { total: 4, materialized: 2, failed: 1, running: 0, unsynced: null }
  const rows = [
    asset('a', { live: live(last('2026-11-25T02:10:00.123Z', 720.5)) }),
    asset('b', { live: live({ partitions, status: null, url: null }) }),
    asset('c'),
  ]
  const report = reportOf(rows)
  expect(parseReport(JSON.stringify(report), 'file')).toEqual(report)
  const forged = JSON.stringify(report).replace(AS_OF, '<b>today</b>')
  expect(() => parseReport(forged, 'file')).toThrow('asOf')
})
