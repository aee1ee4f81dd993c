import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collect } from '../../../src/check/collect.ts'
import { keyId } from '../../../src/dagster/assetKeys.ts'
import type { LiveAsset } from '../../../src/dagster/live/liveAsset.ts'
import { type Live, readLive } from '../../../src/dagster/live/readLive.ts'
import { parseInputs } from '../../../src/inputs/request.ts'
import { liveText } from '../../../src/report/words/liveText.ts'
import { openPullRequest } from '../../e2e/scenario.ts'
import { INSTALLED, runWorkflow } from '../../examples/act.ts'
import { type Dagster, startDagster } from '../../helpers/dagster.ts'
import { changedQueries, project } from '../../helpers/project.ts'
import { dagsterPython } from '../../helpers/python.ts'
import { asset, HEAD, reportOf } from '../../helpers/reports.ts'
import { runCli } from '../../helpers/runner.ts'
import { sqlmeshPython } from '../../helpers/sqlmeshPython.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const TOKEN = 'canaryDagsterToken0000000000000000000'

const NAMES = [
  ...['edited', 'parent', 'child', 'never', 'unwired', 'reported', 'failing', 'slow', 'parted'],
  ...['one', 'other', 'nope'],
]

/** `3 min ago` and `took 12 s` differ from run to run. */
const settled = (text: string) =>
  text.replace(/just now|\d+ (min|h|days) ago/, 'T ago').replace(/(took|of) (under )?\d+ s/, '$1 D')

/** Tests that ask a real, running Dagster of one version. */
export function describeLive(version: string): void {
  describe(`Dagster ${version}`, () => {
    let dagster: Dagster
    const ask = (keys: readonly (readonly string[])[], timedByRun = false): Promise<Live> =>
      readLive(
        keys.map((key) => ({ key, timedByRun })),
        { url: dagster.url, token: TOKEN },
      )

    beforeAll(async () => {
      dagster = await startDagster(
        await dagsterPython(version),
        join(import.meta.dirname, 'definitions.py'),
      )
      await dagster.query(LAUNCH, { key: ['warehouse', 'live', 'slow'] })
    })

    afterAll(async () => {
      await dagster?.[Symbol.asyncDispose]()
    })

    test('it tells the state of each asset', async () => {
      const { assets, trouble } = await ask(NAMES.map((name) => ['warehouse', 'live', name]))
      expect(trouble).toBeNull()
      const texts = NAMES.map((name) => {
        const live = assets.get(keyId(['warehouse', 'live', name])) as LiveAsset
        return [name, settled(liveText(asset(name, { live })))]
      })
      expect(Object.fromEntries(texts)).toEqual({
        edited: 'already unsynced (code version), last materialized T ago, took D',
        parent: 'last materialized T ago, took D',
        child: 'last materialized T ago, took D',
        never: 'never materialized',
        unwired: 'last materialized T ago, took D',
        reported: 'last materialized T ago',
        failing: 'last materialized T ago, took D, last run failed',
        slow: 'running now, never materialized',
        parted:
          '2 of 4 partitions materialized, 2 already unsynced, 1 failed, last materialized T ago, last run failed',
        one: 'last materialized T ago, in a step of D with 1 other',
        other: 'last materialized T ago, in a step of D with 1 other',
        nope: 'not in Dagster',
      })
    })

    test('it tells facts that no sentence has', async () => {
      const keys = [
        ['warehouse', 'a-b', '1.x'],
        ['warehouse', 'live', 'edited'],
        ['warehouse', 'live', 'unwired'],
      ]
      const { assets } = await ask(keys, true)
      const [odd, edited, unwired] = keys.map((key) => assets.get(keyId(key)))
      expect(odd?.url).toBe(`${dagster.url}/assets/warehouse/a-b/1.x`)
      expect(odd?.lastMaterialization).toMatchObject({ step: null, sharedWith: 8 })
      expect(odd?.lastMaterialization?.seconds).toBeGreaterThan(2)
      expect(edited?.codeVersion).toBe('2')
      expect(unwired?.codeVersion).toBeNull()
      const page = await fetch(odd?.url ?? '')
      expect(page.status).toBe(200)
    })

    test('it is asked for a thousand assets in time', async () => {
      const keys = Array.from({ length: 1000 }, (_, index) => ['warehouse', 'many', `m${index}`])
      const { assets, trouble } = await ask(keys)
      expect(trouble).toBeNull()
      expect(assets.size).toBe(1000)
      const statuses = new Set([...assets.values()].map(({ status }) => status))
      expect([...statuses]).toEqual(['neverMaterialized'])
    })

    test('under another path there is nothing to ask', async () => {
      const url = dagster.url.replace(/\/data$/, '/elsewhere')
      const { assets, trouble } = await readLive(
        [{ key: ['warehouse', 'live', 'edited'], timedByRun: false }],
        { url, token: TOKEN },
      )
      expect(assets.size).toBe(0)
      expect(trouble?.answered).toMatch(/^HTTP 40[45] with something else than GraphQL$/)
      expect(trouble?.advice).toContain('`dagster-url`')
    })

    test('a job that reports asks for all projects, and not what their reports tell', async () => {
      await using folder = await temporaryFolder()
      const forged: Partial<LiveAsset> = { status: 'synced', url: 'https://evil.test/' }
      const projects = ['edited', 'never'].map((name) => {
        const key = ['warehouse', 'live', name]
        const row = asset(name, { key })
        const known = { ...UNKNOWN, ...forged }
        return { name, report: reportOf([{ ...row, live: known }], { project: name }) }
      })
      for (const { name, report } of projects) {
        await writeFile(join(folder.path, `${name}.json`), JSON.stringify(report))
      }
      const reports = projects.map(({ name }) => `${name}.json`).join('\n')
      const request = parseInputs({ mode: 'report', reports, 'dagster-url': dagster.url })
      const outcomes = await collect(request, {
        folders: [folder.path],
        heads: [HEAD],
        mergedHead: null,
        parents: async () => [],
      })
      expect(outcomes.map(({ report }) => report.assets[0]?.live)).toMatchObject([
        { status: 'unsynced', url: `${dagster.url}/assets/warehouse/live/edited` },
        { status: 'neverMaterialized', url: `${dagster.url}/assets/warehouse/live/never` },
      ])
    })

    test('the doctor compares keys with it', async () => {
      await using scenario = await openPullRequest({ base: project, head: changedQueries })
      const cwd = await scenario.origin.checkout({ ref: 'refs/heads/feature', depth: 0 })
      const given = ['--project', 'warehouse', '--python', sqlmeshPython]
      const server = ['--dagster-url', dagster.url, '--dagster-token', TOKEN]
      const doctor = await runCli(['doctor', '--json', ...given, ...server], { cwd })
      expect(doctor.exitCode).toBe(1)
      expect(JSON.parse(doctor.stdout).findings).toContainEqual(
        expect.objectContaining({
          topic: 'dagster live',
          level: 'problem',
          found: 'The running Dagster does not know warehouse/staging/customers.',
        }),
      )
      expect(doctor.stdout + doctor.stderr).not.toContain(TOKEN)
    })

    test('a comment links to it, and the token is masked and nowhere else', async () => {
      await using scenario = await openPullRequest({ base: project, head: changedQueries })
      const inputs = { 'dagster-url': dagster.url, 'dagster-token': TOKEN }
      const { requests: _, ...result } = await scenario.run({ inputs })
      const [comment] = scenario.github.comments
      expect(comment?.body).toContain(
        `<sub>[Dagster](${dagster.url}/assets/warehouse/staging/orders): last materialized `,
      )
      expect(result.stdout).toContain(`::add-mask::${TOKEN}`)
      const visible = { ...result, stdout: result.stdout.replaceAll(`::add-mask::${TOKEN}`, '') }
      expect(JSON.stringify([visible, comment])).not.toContain(TOKEN)
      expect(result.outputs['report-html']).toMatch(/\.html$/)
    })

    // Once is enough: versions differ in what is asked of them, not in the workflow.
    test.runIf(version.startsWith('1.13.'))(
      'dagster.yml, the workflow to paste, adds it in a job without project code',
      async () => {
        const requirements = { 'warehouse/requirements.txt': INSTALLED.join('\n') }
        const base = { ...project, ...requirements }
        await using scenario = await openPullRequest({ base, head: changedQueries })
        const { exitCode, stdout } = await runWorkflow(scenario, 'dagster', {
          vars: { DAGSTER_URL: dagster.url },
          secrets: { DAGSTER_TOKEN: TOKEN },
        })
        expect(exitCode, stdout).toBe(0)
        expect(scenario.github.comments.map(({ body }) => body)).toEqual([
          expect.stringContaining(
            `[Dagster](${dagster.url}/assets/warehouse/staging/orders): last materialized `,
          ),
        ])
        expect(stdout).not.toContain(TOKEN)
      },
    )

    test('a report says it, and says nothing of the token', async () => {
      await using scenario = await openPullRequest({ base: project, head: changedQueries })
      const cwd = await scenario.origin.checkout({ ref: 'refs/heads/feature', depth: 0 })
      await using folder = await temporaryFolder()
      const [markdownFile, jsonFile] = ['report.md', 'report.json'].map((name) =>
        join(folder.path, name),
      ) as [string, string]
      const given = ['--project', 'warehouse', '--python', sqlmeshPython]
      const server = ['--dagster-url', `${dagster.url}/graphql`, '--dagster-token', TOKEN]
      const files = ['--output', markdownFile, '--output', jsonFile]

      const text = await runCli([...given, ...server, ...files], { cwd })
      const [markdown, json] = await Promise.all(
        [markdownFile, jsonFile].map((file) => readFile(file, 'utf8')),
      )

      expect(text.exitCode).toBe(0)
      expect(text.stdout).toContain('in Dagster: never materialized')
      expect(text.stdout.replaceAll(/\s+/g, ' ')).toMatch(
        /In Dagster at [-\d]+ [\d:]+ UTC: 1 never materialized\. Materializing them took ≈ \d+ s by last runs, known of 1 of 3\./,
      )
      expect(markdown).toMatch(
        /`warehouse\/staging\/orders`<br><sub>Dagster: last materialized [^<]+<\/sub>/,
      )
      const report = JSON.parse(json ?? '')
      expect(report.notices).toMatchObject([
        { code: 'integration-assumed' },
        { code: 'dagster-absent', message: expect.stringContaining('`warehouse/marts/report`') },
        { code: 'dagster-not-wired' },
      ])
      for (const printed of [text.stdout, text.stderr, markdown, json]) {
        expect(printed).not.toContain(TOKEN)
      }
    })
  })
}

const UNKNOWN: LiveAsset = {
  asOf: '2026-11-25T05:40:00.000Z',
  status: null,
  reasons: [],
  codeVersion: null,
  running: false,
  lastRunFailed: false,
  lastMaterialization: null,
  partitions: null,
  url: null,
}

const LAUNCH = `mutation Launch($key: [String!]!) {
  launchPipelineExecution(executionParams: {
    selector: {
      repositoryLocationName: "definitions.py"
      repositoryName: "__repository__"
      pipelineName: "__ASSET_JOB"
      assetSelection: [{ path: $key }]
    }
    mode: "default"
  }) { __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } }
}`
