import { execFileSync } from 'node:child_process'
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type CollectPorts, collect } from '../../src/check/collect.ts'
import { parseInputs } from '../../src/inputs/request.ts'
import { MOST_BYTES, type Report } from '../../src/report/model.ts'
import { asset, BASE, brokenReport, HEAD, reportOf } from '../helpers/reports.ts'
import { type TemporaryFolder, temporaryFolder } from '../helpers/temporary.ts'

const report = reportOf([
  asset('orders'),
  asset('daily', {
    status: 'afterUpstream',
    reasons: ['data'],
    waitsFor: [['warehouse', 'marts', 'orders']],
    wave: 1,
    confidence: 'expected',
  }),
])
const MERGE = 'c'.repeat(40)

let folder: TemporaryFolder
let workspace: string

beforeAll(async () => {
  folder = await temporaryFolder()
})
afterAll(() => folder[Symbol.asyncDispose]())

let cases = 0
beforeEach(async () => {
  cases += 1
  workspace = join(folder.path, `case-${cases}`, 'workspace')
  await mkdir(workspace, { recursive: true })
})

async function collected(
  files: readonly string[],
  more: Partial<CollectPorts> = {},
  failOn = 'none',
) {
  return await collect(
    parseInputs({ mode: 'report', reports: files.join('\n'), 'fail-on': failOn }),
    {
      folders: [workspace, join(folder.path, `case-${cases}`)],
      heads: [HEAD],
      mergedHead: null,
      parents: async () => [],
      ...more,
    },
  )
}

/** Collects one file with this content. */
async function collectText(text: string | Buffer, more: Partial<CollectPorts> = {}) {
  await writeFile(join(workspace, 'report.json'), text)
  const [outcome] = await collected(['report.json'], more)
  return outcome
}

const collectJson = (value: unknown, more: Partial<CollectPorts> = {}) =>
  collectText(JSON.stringify(value), more)

/** What an unusable report ends with: an error that names the file. */
const refused = (message: RegExp) => ({
  verdict: null,
  report: {
    result: 'error',
    conclusion: 'failure',
    counts: null,
    error: { code: 'report', message: expect.stringMatching(message) },
  },
})

test('a report is what it was, judged by this job’s policy', async () => {
  await writeFile(join(workspace, 'a.json'), JSON.stringify(report))
  await writeFile(
    join(folder.path, `case-${cases}`, 'b.json'),
    JSON.stringify(reportOf([], { project: 'lake' })),
  )
  const outcomes = await collected(['a.json', '../b.json'], {}, 'unsynced')
  expect(outcomes.map((outcome) => outcome.report)).toEqual([
    { ...report, conclusion: 'failure' },
    reportOf([], { project: 'lake' }),
  ])
  expect(outcomes[0]?.verdict?.matched).toEqual([{ rule: 'unsynced', assets: 1 }])
})

test('the fingerprint of an older release’s report is that of its rows', async () => {
  const older = { ...report, fingerprint: report.fingerprint.slice(0, 12) }
  expect(await collectJson(older)).toMatchObject({ report: { fingerprint: report.fingerprint } })
  expect(report.fingerprint).toHaveLength(32)
})

test('an older release’s report says nothing of partitions, so it knew of none', async () => {
  const assets = report.assets.map(({ partitions, ...asset }) => asset)
  expect(await collectJson({ ...report, assets })).toMatchObject({ report })
})

test('an error of the earlier job stays one', async () => {
  const broken = brokenReport()
  const before = { ...broken, head: { sha: null, ref: null }, base: { sha: null, ref: null } }
  for (const error of [broken, before]) {
    expect(await collectJson(error)).toMatchObject({ verdict: null, report: error })
  }
})

describe('files that are no reports', () => {
  test.each<[string, string | Buffer, RegExp]>([
    ['no JSON', '{', /not JSON/],
    ['a page', '<html>', /not JSON/],
    ['nothing', '', /not JSON/],
    ['another document', '{}', /schemaVersion/],
    ['a list', '[]', /the document/],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), /UTF-8/],
    ['nested without end', '['.repeat(1_000_000), /deeper/],
    ['nested very deep', '['.repeat(100_000) + ']'.repeat(100_000), /deeper/],
  ])('%s', async (_, text, message) => {
    expect(await collectText(text)).toMatchObject(refused(message))
  })

  test('larger than a report may be, and large', async () => {
    const file = join(workspace, 'report.json')
    await writeFile(file, '')
    await truncate(file, MOST_BYTES + 1)
    expect((await collected(['report.json']))[0]).toMatchObject(refused(/128 MiB/))
    const padded = JSON.stringify(report).padEnd(8 * 2 ** 20, ' ')
    expect(await collectText(padded)).toMatchObject({ report: { result: 'unsynced' } })
  })

  test.each([
    ['missing', 'missing.json', /no such file/],
    ['a folder', '.', /below|regular/],
    ['outside', '../../secret.json', /not below/],
    ['absolute outside', '/etc/passwd', /not below/],
    ['a link to outside', 'link.json', /not below/],
    ['a link to a folder outside', 'folder/secret.json', /not below/],
    ['a pipe', 'pipe', /regular/],
    ['a device', '/dev/zero', /not below/],
  ])('%s', async (_, file, message) => {
    await writeFile(join(folder.path, 'secret.json'), JSON.stringify(report))
    await symlink(join(folder.path, 'secret.json'), join(workspace, 'link.json'))
    await symlink(folder.path, join(workspace, 'folder'))
    execFileSync('mkfifo', [join(workspace, 'pipe')])
    expect((await collected([file]))[0]).toMatchObject(refused(message))
  })

  test('a link that stays inside is a file like another', async () => {
    await writeFile(join(workspace, 'report.json'), JSON.stringify(report))
    await symlink('report.json', join(workspace, 'link.json'))
    expect((await collected(['link.json']))[0]).toMatchObject({ report: { result: 'unsynced' } })
  })

  test('two about one project', async () => {
    for (const name of ['a.json', 'b.json']) {
      await writeFile(join(workspace, name), JSON.stringify(report))
    }
    expect(await collected(['a.json', 'b.json'])).toMatchObject([refused(/Two of the reports/)])
  })

  test('one among others is an error of its own', async () => {
    await writeFile(join(workspace, 'a.json'), JSON.stringify(report))
    await writeFile(join(workspace, 'b.json'), 'x')
    const outcomes = await collected(['a.json', 'b.json'])
    expect(outcomes.map((outcome) => outcome.report.result)).toEqual(['unsynced', 'error'])
  })
})

describe('forged reports', () => {
  const row = report.assets[0] as Report['assets'][number]
  const withRow = (change: object) => ({
    ...report,
    assets: [{ ...row, ...change }, report.assets[1]],
  })

  test.each<[string, unknown, RegExp]>([
    ['a missing key', { ...report, assets: undefined }, /assets/],
    ['another version', { ...report, schemaVersion: 2 }, /schemaVersion/],
    ['synced with rows', { ...report, result: 'synced' }, /result/],
    ['smaller counts', { ...report, counts: { ...report.counts, unsynced: 0 } }, /counts/],
    ['negative counts', { ...report, counts: { ...report.counts, base: -1 } }, /base/],
    ['infinite counts', { ...report, counts: { ...report.counts, base: 1e308 } }, /base/],
    ['another fingerprint', { ...report, fingerprint: 'a'.repeat(32) }, /fingerprint/],
    ['no fingerprint', { ...report, fingerprint: '' }, /fingerprint/],
    [
      'a part of its fingerprint',
      { ...report, fingerprint: report.fingerprint.slice(0, 31) },
      /fingerprint/,
    ],
    ['an older release’s of other rows', { ...report, fingerprint: 'a'.repeat(12) }, /fingerprint/],
    [
      'a row twice',
      {
        ...report,
        assets: [row, row],
        counts: { ...report.counts, unsynced: 2, afterUpstream: 0 },
      },
      /twice/,
    ],
    ['an error beside rows', { ...report, error: brokenReport().error }, /at once/],
    ['an error without one', { ...report, result: 'error' }, /at once/],
    ['rows beside an error', { ...brokenReport(), assets: report.assets }, /at once/],
    ['counts beside an error', { ...brokenReport(), counts: report.counts }, /at once/],
    [
      'a fingerprint beside an error',
      { ...brokenReport(), fingerprint: 'a'.repeat(32) },
      /at once/,
    ],
    ['a commit that is none', { ...report, head: { sha: 'HEAD', ref: null } }, /head\.sha/],
    ['a path that climbs', withRow({ path: 'a/../../evil' }), /path/],
    ['an absolute path', withRow({ path: '/etc/passwd' }), /path/],
    ['markdown for a kind', withRow({ modelKind: 'FULL | <img src=x>' }), /modelKind/],
    [
      'markdown for a version',
      { ...report, integration: { ...report.integration, version: '[x](//evil)' } },
      /version/,
    ],
    ['an unknown cause', withRow({ causes: [{ kind: 'evil', detail: '', file: null }] }), /causes/],
    [
      'a text longer than any that is written',
      withRow({ causes: [{ kind: 'query', detail: 'x'.repeat(20_001), file: null }] }),
      /detail: is too long/,
    ],
  ])('%s', async (_, value, message) => {
    expect(await collectJson(value)).toMatchObject(refused(message))
  })

  test('a prototype changes nothing', async () => {
    const text = JSON.stringify(report).replace('{', '{"__proto__":{"result":"synced"},')
    expect(await collectText(text)).toMatchObject({ report: { result: 'unsynced' } })
    expect(({} as { result?: string }).result).toBeUndefined()
  })
})

describe('which commit a report may be about', () => {
  const merged = { ...report, head: { sha: MERGE, ref: 'refs/pull/7/merge' } }

  test('another than the event’s is refused', async () => {
    expect(await collectJson(merged)).toMatchObject(refused(/another commit/))
  })

  test('a merge of its base with the head of the run', async () => {
    const ports = {
      mergedHead: HEAD,
      parents: async (commit: string) => (commit === MERGE ? [BASE, HEAD] : []),
    }
    expect(await collectJson(merged, ports)).toMatchObject({ report: { result: 'unsynced' } })
  })

  test.each([
    ['of another base', ['d'.repeat(40), HEAD]],
    ['of another head', [BASE, 'd'.repeat(40)]],
    ['the other way round', [HEAD, BASE]],
    ['of three', [BASE, HEAD, 'd'.repeat(40)]],
    ['that is none', [BASE]],
    ['without parents', []],
  ])('a merge %s is refused', async (_, parents) => {
    const ports = { mergedHead: HEAD, parents: async () => parents }
    expect(await collectJson(merged, ports)).toMatchObject(refused(/another commit/))
  })

  test('one that GitHub cannot be asked about is refused', async () => {
    const ports = {
      mergedHead: HEAD,
      parents: async () => {
        throw new Error('unreachable')
      },
    }
    expect(await collectJson(merged, ports)).toMatchObject({ report: { result: 'error' } })
  })
})
