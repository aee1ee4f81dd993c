import type { Failure } from '../src/platform/failure.ts'
import { Failure as Stopped } from '../src/platform/failure.ts'
import type { Subject } from '../src/report/findings.ts'
import type { Notice, Report, ReportAsset } from '../src/report/model.ts'
import type { FailOn } from '../src/report/policy.ts'
import { judge } from '../src/report/policy.ts'
import { NO_SOURCES, type Presentation, type Sources } from '../src/report/presentation.ts'
import { comparisonReport, errorReport, FIRST_CODE_VERSION } from '../src/report/report.ts'
import {
  added,
  asset,
  cause,
  DIFFS,
  edited,
  LIVED,
  PARTITIONED,
  removed,
  SHOP,
  upgraded,
} from './assets.ts'

const BASE = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d'
const HEAD = '9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c'
const EARLIER = 'c0ffee1234567890c0ffee1234567890c0ffee12'

const SUBJECT: Subject = {
  base: { sha: BASE, ref: 'main' },
  head: { sha: HEAD, ref: 'refs/pull/7/merge' },
  project: 'warehouse',
  sqlmesh: { base: '0.236.4', head: '0.236.4' },
  integration: { name: 'dg-sqlmesh', version: '0.1.1', wired: 'unknown' },
}

const LINKS: Presentation['links'] = {
  repository: 'https://github.com/acme/data',
  run: 'https://github.com/acme/data/actions/runs/1234567',
  head: HEAD,
  base: BASE,
  dagster: 'https://acme.dagster.cloud/prod',
}

const SOURCES: Sources = {
  diffs: DIFFS,
  modelLines: new Map([['warehouse/models/core/fct_orders.sql', 3]]),
  forwardOnly: new Set(['"warehouse"."marts"."daily_revenue"']),
}

type Details = Partial<Omit<Presentation, 'report' | 'verdict'>> & {
  readonly subject?: Partial<Subject>
  readonly notices?: readonly Notice[]
  /** How many assets head has in all. */
  readonly size?: number
}

/** A comparison that was made, as a comment shows it. */
export function compared(assets: readonly ReportAsset[], details: Details = {}): Presentation {
  const { subject, notices = [], size = 248, ...rest } = details
  const failOn: readonly FailOn[] = rest.failOn ?? []
  const verdict = judge(assets, failOn)
  const known = { subject: { ...SUBJECT, ...subject }, notices }
  const report = comparisonReport(known, assets, { base: size, head: size }, verdict.conclusion)
  return { ...COMMON, sources: SOURCES, ...rest, failOn, report, verdict }
}

/** A comparison that could not be made. */
export function failed(failure: Failure, details: Details = {}): Presentation {
  const { subject, notices = [], size: _, ...rest } = details
  const report: Report = errorReport({ subject: { ...SUBJECT, ...subject }, notices }, failure)
  return { ...COMMON, ...rest, report, verdict: null }
}

const COMMON: Omit<Presentation, 'report' | 'verdict'> = {
  failOn: [],
  acceptLabel: 'unsynced-ok',
  acceptance: null,
  previous: null,
  sources: NO_SOURCES,
  links: LINKS,
}

const POLICY: readonly FailOn[] = ['incremental', 'formatting', 'removed']

const UPGRADE: Notice = {
  level: 'warning',
  code: 'sqlmesh-upgrade',
  message:
    'SQLMesh changes from 0.231.0 to 0.236.4, which can move data hashes although no file changed.',
}

const ACCEPTED_AT = '2026-11-23T09:12:44Z'

/** Three projects of one repository, which share one comment. */
const SEVERAL: readonly Presentation[] = [
  compared(SHOP, { failOn: ['removed'] }),
  compared([], { subject: { project: 'finance' } }),
  failed(new Stopped('load-failed', 'ConfigError: no gateway', { side: 'head' }), {
    subject: { project: 'marketing/sqlmesh', sqlmesh: { base: '0.236.4', head: null } },
  }),
]

/** Reports that share one comment, by a name that can be part of a file's. */
export const COMBINED: Readonly<Record<string, readonly Presentation[]>> = { several: SEVERAL }

/** Every state of the report, by a name that can be part of a file's. */
export const PRESENTATIONS: Readonly<Record<string, Presentation>> = {
  impact: compared(SHOP),
  'impact-small': compared([SHOP[0] as ReportAsset], { failOn: ['formatting'] }),
  'dagster-live': compared(LIVED),
  partitions: compared(PARTITIONED),
  'action-needed': compared(SHOP, { failOn: POLICY }),
  accepted: compared(SHOP, {
    failOn: POLICY,
    acceptance: {
      state: 'accepted',
      means: 'label',
      by: 'maintainer',
      at: ACCEPTED_AT,
      fingerprint: compared(SHOP).report.fingerprint,
      newAssets: [],
    },
  }),
  'acceptance-void': compared(SHOP, {
    failOn: POLICY,
    acceptance: {
      state: 'void',
      means: 'label',
      by: 'maintainer',
      at: ACCEPTED_AT,
      fingerprint: '7f3a9c0d12ab4e5f60718293a4b5c6d7',
      newAssets: [
        ['warehouse', 'core', 'fct_orders'],
        ['warehouse', 'staging', 'orders'],
      ],
    },
  }),
  clean: compared([]),
  'clean-after-impact': compared([], { previous: { head: EARLIER, unsynced: 9 } }),
  formatting: compared(
    SHOP.filter((row) => row.formattingOnly),
    { failOn: ['formatting'] },
  ),
  'error-head': failed(
    new Stopped(
      'load-failed',
      "ConfigError: Failed to parse a model definition\n\nExpected ), got SELECT. Line 14, Col 3.\n  order_total\n  SELECT '`#1 @team'",
      {
        side: 'head',
        file: 'warehouse/models/core/fct_orders.sql',
        hint: 'Run `sqlmesh info --skip-connection` on this branch.',
      },
    ),
    {
      subject: { sqlmesh: { base: '0.236.4', head: null } },
      previous: { head: EARLIER, unsynced: 9 },
    },
  ),
  'error-base': failed(
    new Stopped('load-failed', 'ModuleNotFoundError: No module named ‘pendulum’', {
      side: 'base',
      file: 'warehouse/config.py',
      hint: 'Install the project’s requirements before this action runs.',
    }),
    { subject: { sqlmesh: { base: null, head: '0.236.4' } } },
  ),
  'error-both': failed(
    new Stopped('load-failed', 'ModuleNotFoundError: No module named ‘pendulum’', {
      side: 'head',
      file: 'warehouse/config.py',
      hint: 'Install the project’s requirements before this action runs.',
    }),
    {
      subject: { sqlmesh: { base: null, head: null } },
      notices: [
        {
          level: 'warning',
          code: 'base-failed',
          message:
            'The base commit does not load either: ModuleNotFoundError: No module named ‘pendulum’',
        },
      ],
    },
  ),
  'error-configuration': failed(
    new Stopped(
      'config',
      'Input `fail-on` takes one or more of none, unsynced, incremental, formatting, dependencies, removed (given: "unsynct").',
      { hint: 'Correct the input where the action or the command is called.' },
    ),
    {
      subject: {
        base: { sha: null, ref: null },
        head: { sha: null, ref: null },
        sqlmesh: { base: null, head: null },
        integration: { name: null, version: null, wired: 'unknown' },
      },
    },
  ),
  'error-timeout': failed(
    new Stopped('timeout', 'Loading head took longer than 600 seconds and was stopped.', {
      side: 'head',
      hint: 'Raise the input `timeout`, or look at what the project does while it loads.',
    }),
    { subject: { sqlmesh: { base: '0.236.4', head: null } } },
  ),
  'error-environment': failed(
    new Stopped('environment', 'No Python that imports sqlmesh was found: python3, python.', {
      hint: 'Install the project’s requirements in the job, or give the input `python`.',
    }),
    { subject: { sqlmesh: { base: null, head: null } } },
  ),
  upgrade: compared([...SHOP, ...upgraded(35)], {
    subject: { sqlmesh: { base: '0.231.0', head: '0.236.4' } },
    notices: [UPGRADE],
  }),
  'upgrade-alone': compared(upgraded(12), {
    subject: { sqlmesh: { base: '0.231.0', head: '0.236.4' } },
    notices: [UPGRADE],
  }),
  'not-wired': compared(SHOP, {
    subject: { integration: { name: 'dg-sqlmesh', version: '1.10.1', wired: 'no' } },
  }),
  'first-versions': compared(
    [
      SHOP[0] as ReportAsset,
      ...['marts/product_sales', 'core/dim_customers', 'core/order_lines'].map((name) =>
        asset(name, { causes: [cause('unknown', FIRST_CODE_VERSION)] }),
      ),
    ],
    { subject: { integration: { name: 'dg-sqlmesh', version: '1.10.1', wired: 'yes' } } },
  ),
  'project-new': compared(
    ['staging/orders', 'staging/payments', 'core/fct_orders'].map((name) => added(name)),
    {
      size: 3,
      notices: [
        {
          level: 'info',
          code: 'project-absent',
          message:
            'The base commit has no SQLMesh project in `warehouse`, so all its assets are new.',
        },
      ],
    },
  ),
  'project-removed': compared(
    ['staging/orders', 'core/fct_orders'].map((name) => removed(name)),
    { size: 0, failOn: ['removed'] },
  ),
  'many-changed': compared([...edited(40), added('marts/one_more')], { size: 900 }),
  'two-thousand': compared([...edited(4), ...upgraded(1996)], {
    size: 2400,
    failOn: ['incremental'],
    subject: { sqlmesh: { base: '0.231.0', head: '0.236.4' } },
    notices: [UPGRADE],
  }),
}
