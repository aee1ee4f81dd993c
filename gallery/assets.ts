import type { LiveAsset } from '../src/dagster/live/liveAsset.ts'
import { type FileDiff, parseDiff } from '../src/git/textDiff.ts'
import type { ReportAsset } from '../src/report/model.ts'
import type { Cause, CauseKind } from '../src/sqlmesh/changes.ts'

/** An asset `warehouse/<schema>/<name>` that is unsynced by its code, from as little as one has to say. */
export function asset(name: string, differences: Partial<ReportAsset> = {}): ReportAsset {
  const key = ['warehouse', ...name.split('/')]
  const seed = [...name].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 4_294_967_291, 7)
  return {
    key,
    model: key.map((part) => `"${part}"`).join('.'),
    status: 'unsynced',
    reasons: ['code'],
    codeVersion: { base: String(seed), head: String((seed * 48_271) % 4_294_967_291) },
    parents: { added: [], removed: [] },
    causes: [],
    formattingOnly: false,
    modelKind: 'FULL',
    path: `warehouse/models/${name}.sql`,
    partitions: null,
    wave: 0,
    waitsFor: [],
    confidence: 'certain',
    ...differences,
  }
}

export function cause(kind: CauseKind, detail: string, file: string | null = null): Cause {
  return { kind, detail, file }
}

/** An asset that follows others. */
export function follower(
  name: string,
  waitsFor: readonly string[],
  differences: Partial<ReportAsset> = {},
): ReportAsset {
  return asset(name, {
    status: 'afterUpstream',
    reasons: ['data'],
    wave: 1,
    waitsFor: waitsFor.map((parent) => ['warehouse', ...parent.split('/')]),
    confidence: 'expected',
    ...differences,
  })
}

export function added(name: string, modelKind = 'FULL'): ReportAsset {
  return { ...asset(name, { status: 'new', reasons: [], modelKind }), codeVersion: none('head') }
}

export function removed(name: string, modelKind = 'VIEW'): ReportAsset {
  return {
    ...asset(name, { status: 'removed', reasons: [], modelKind }),
    codeVersion: none('base'),
  }
}

function none(side: 'base' | 'head'): ReportAsset['codeVersion'] {
  const one = '1435552476'
  return side === 'head' ? { base: null, head: one } : { base: one, head: null }
}

const MONEY = 'warehouse/macros/money.py'

/** What the pull request of the examples does, a little shorter. */
export const SHOP: readonly ReportAsset[] = [
  asset('core/fct_orders', {
    reasons: ['code', 'dependencies'],
    modelKind: 'INCREMENTAL_BY_TIME_RANGE',
    causes: [
      cause('columns', '+refunded', 'warehouse/models/core/fct_orders.sql'),
      cause('query', 'JOIN refunds added', 'warehouse/models/core/fct_orders.sql'),
    ],
    parents: { added: [['warehouse', 'staging', 'refunds']], removed: [] },
  }),
  asset('exports/accounting_ledger', {
    reasons: ['dependencies'],
    parents: {
      added: [['warehouse', 'marts', 'daily_revenue']],
      removed: [['warehouse', 'reports', 'weekly_orders']],
    },
  }),
  asset('exports/newsletter_audience', {
    causes: [cause('variables', '@newsletter_min_orders: 3 → 2', 'warehouse/config.yaml')],
  }),
  asset('marts/customer_orders', {
    causes: [
      cause('kind', 'kind: VIEW → FULL', 'warehouse/models/marts/customer_orders.sql'),
      cause('statements', 'post-statement 1 added', 'warehouse/models/marts/customer_orders.sql'),
    ],
  }),
  asset('marts/daily_revenue', {
    modelKind: 'INCREMENTAL_BY_TIME_RANGE',
    causes: [
      cause(
        'partitioning',
        'partitioned_by added: TIMESTAMP_TRUNC("revenue_date", MONTH)',
        'warehouse/models/marts/daily_revenue.sql',
      ),
    ],
  }),
  asset('reference/countries', {
    modelKind: 'SEED',
    causes: ['vat_rate', 'iso_code', 'region', 'currency', 'language', 'continent', 'zone'].map(
      (column) => cause('seed', column, 'warehouse/seeds/countries.csv'),
    ),
  }),
  asset('staging/customers', {
    modelKind: 'VIEW',
    formattingOnly: true,
    causes: [cause('formatting', 'text of the query', 'warehouse/models/staging/customers.sql')],
  }),
  asset('staging/order_items', {
    modelKind: 'VIEW',
    causes: [cause('macro', '@euros', MONEY)],
  }),
  asset('staging/orders', {
    modelKind: 'VIEW',
    causes: [
      cause('macro', '@euros', MONEY),
      cause('query', 'WHERE added', 'warehouse/models/staging/orders.sql'),
    ],
  }),
  follower('core/dim_customers', ['reference/countries']),
  follower('core/order_lines', ['staging/order_items'], { modelKind: 'EMBEDDED' }),
  follower('marts/product_sales', ['core/order_lines', 'staging/orders'], {
    wave: 2,
    confidence: 'possible',
  }),
  added('staging/refunds', 'VIEW'),
  removed('reports/weekly_orders'),
]

/** Assets with partitions, of which some or all become unsynced. */
export const PARTITIONED: readonly ReportAsset[] = [
  asset('core/fct_orders', {
    modelKind: 'INCREMENTAL_BY_TIME_RANGE',
    causes: [cause('query', 'WHERE added', 'warehouse/models/core/fct_orders.sql')],
    partitions: { scope: 'every', count: null },
  }),
  asset('marts/revenue_by_region', {
    causes: [cause('columns', '+discount', 'warehouse/models/marts/revenue_by_region.sql')],
    partitions: { scope: 'every', count: 12 },
  }),
  asset('staging/orders', {
    modelKind: 'VIEW',
    causes: [cause('columns', '+discount', 'warehouse/models/staging/orders.sql')],
  }),
  follower('marts/weekly_orders', ['core/fct_orders'], {
    partitions: { scope: 'mapped', count: 1 },
  }),
  follower('marts/top_regions', ['marts/revenue_by_region'], {
    confidence: 'possible',
    partitions: { scope: 'mapped', count: null },
  }),
]

const LIVE: LiveAsset = {
  asOf: '2026-11-23T09:12:44.000Z',
  status: 'synced',
  reasons: [],
  codeVersion: '1435552476',
  running: false,
  lastRunFailed: false,
  lastMaterialization: null,
  partitions: null,
  url: null,
}

function lived(row: ReportAsset, hoursAgo: number, seconds: number, more: Partial<LiveAsset> = {}) {
  const at = new Date(Date.parse(LIVE.asOf) - hoursAgo * 3_600_000).toISOString()
  const step = row.key.join('__')
  const lastMaterialization = { at, runId: 'a1', step, seconds, sharedWith: 0 }
  return live(row, { lastMaterialization, ...more })
}

function live(row: ReportAsset, more: Partial<LiveAsset>): ReportAsset {
  const url = `https://acme.dagster.cloud/prod/assets/${row.key.join('/')}`
  const codeVersion = row.codeVersion.base
  return { ...row, live: { ...LIVE, url, codeVersion, ...more } }
}

/** The same with what a running Dagster says of it. */
export const LIVED: readonly ReportAsset[] = SHOP.map((row, index) => {
  switch (index) {
    case 0:
      return lived(row, 3, 4920)
    case 1:
      return live(row, { status: 'neverMaterialized' })
    case 2:
      return lived(row, 27, 41, { status: 'unsynced', reasons: ['code', 'data'] })
    case 3:
      return lived(row, 0.4, 310, { running: true })
    case 4: {
      const partitions = { total: 1096, materialized: 1090, failed: 2, running: 0, unsynced: null }
      return lived(row, 5, 12, { status: null, partitions })
    }
    case 5:
      return lived(row, 960, 3, { lastRunFailed: true })
    case 12:
      return live(row, { status: 'absent', codeVersion: null, url: null })
    default:
      return lived(row, 3 + index, 60 * index)
  }
})

/** Assets that an upgrade of SQLMesh moves, although nobody touched their files. */
export function upgraded(count: number): readonly ReportAsset[] {
  const schemas = ['staging', 'core', 'marts', 'reports', 'exports']
  const kinds = ['VIEW', 'FULL', 'INCREMENTAL_BY_TIME_RANGE', 'FULL', 'VIEW', 'SEED']
  return Array.from({ length: count }, (_, index) =>
    asset(`${schemas[index % 5]}_${index % 23}/model_${String(index).padStart(4, '0')}`, {
      modelKind: kinds[index % 6] as string,
      causes: [cause('sqlmesh-upgrade', 'SQLMesh 0.231.0 → 0.236.4')],
    }),
  )
}

/** Assets that really change, each for a reason of its own. */
export function edited(count: number): readonly ReportAsset[] {
  const kinds = ['FULL', 'INCREMENTAL_BY_UNIQUE_KEY', 'VIEW', 'SCD_TYPE_2_BY_TIME']
  const causes = [
    cause('query', 'WHERE changed'),
    cause('columns', '+segment, -region'),
    cause('macro', '@to_usd', 'warehouse/macros/money.py'),
  ]
  return Array.from({ length: count }, (_, index) =>
    asset(`marts/wide_table_about_customers_${String(index).padStart(3, '0')}`, {
      modelKind: kinds[index % 4] as string,
      causes: [causes[index % 3] as Cause],
    }),
  )
}

const PATCH = `diff --git a/warehouse/models/core/fct_orders.sql b/warehouse/models/core/fct_orders.sql
--- a/warehouse/models/core/fct_orders.sql
+++ b/warehouse/models/core/fct_orders.sql
@@ -16,7 +16,10 @@
   orders.order_date,
   orders.shipping_fee,
-  SUM(lines.line_total) AS order_total
+  SUM(lines.line_total) AS order_total,
+  COALESCE(MAX(refunds.refunded), 0) AS refunded
 FROM staging.orders AS orders
 JOIN core.order_lines AS lines
   ON orders.order_id = lines.order_id
+LEFT JOIN staging.refunds AS refunds
+  ON orders.order_id = refunds.order_id
 WHERE
diff --git a/warehouse/models/staging/customers.sql b/warehouse/models/staging/customers.sql
--- a/warehouse/models/staging/customers.sql
+++ b/warehouse/models/staging/customers.sql
@@ -4,5 +4,6 @@
   grain customer_id
 );
 
-select customer_id, lower(email) as email
-from raw.customers
+SELECT
+  customer_id,
+  LOWER(email) AS email
+FROM raw.customers
diff --git a/warehouse/macros/money.py b/warehouse/macros/money.py
--- a/warehouse/macros/money.py
+++ b/warehouse/macros/money.py
@@ -4,4 +4,4 @@
 @macro()
 def euros(evaluator, cents):
     """An amount in cents as euros."""
-    return f"{cents} / 100.0"
+    return f"ROUND({cents} / 100.0, 2)"
diff --git a/warehouse/seeds/countries.csv b/warehouse/seeds/countries.csv
--- a/warehouse/seeds/countries.csv
+++ b/warehouse/seeds/countries.csv
@@ -1,1 +1,60 @@
-country_code,country_name
${Array.from({ length: 60 }, (_, n) => `+C${n},Country ${n}`).join('\n')}
`

/** What the files of `SHOP` look like on both sides. */
export const DIFFS: ReadonlyMap<string, FileDiff> = new Map(
  parseDiff(PATCH).map((diff) => [diff.path, diff]),
)
