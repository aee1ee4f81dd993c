import { duckdbConfig } from './duckdb.ts'

/** Files of a commit, by path; null deletes one. */
export type Files = Readonly<Record<string, string | null>>

/** Where the project lies in the repository. */
export const projectFolder = 'warehouse'

const path = (file: string) => `${projectFolder}/${file}`

const ordersFile = path('models/staging/orders.sql')
const reportFile = path('models/marts/report.sql')
const configFile = path('config.yaml')

const orders = (query: string) => `MODEL (name staging.orders, kind VIEW);

${query}
`

const report = (query: string, settings = '') => `MODEL (name marts.report, kind FULL${settings});

${query}
`

const ordersQuery = `SELECT 1 AS order_id, 10 AS customer_id, 5 AS amount, CAST('2026-01-05' AS DATE) AS day`

const reportQuery = `SELECT revenue.day, revenue.amount, customers.name
FROM marts.revenue AS revenue
CROSS JOIN staging.customers AS customers`

/**
 * A SQLMesh project on DuckDB whose four models are `warehouse/staging/orders` → `marts/revenue` →
 * `marts/report` ← `staging/customers`.
 */
export const project = {
  [configFile]: duckdbConfig('warehouse'),
  [ordersFile]: orders(ordersQuery),
  [path('models/staging/customers.sql')]: `MODEL (name staging.customers, kind FULL);

SELECT 10 AS customer_id, 'Ann' AS name
`,
  [path('models/marts/revenue.sql')]: `MODEL (
  name marts.revenue,
  kind INCREMENTAL_BY_TIME_RANGE (time_column day)
);

SELECT day, SUM(amount) AS amount
FROM staging.orders
WHERE day BETWEEN @start_date AND @end_date
GROUP BY day
`,
  [reportFile]: report(reportQuery),
} satisfies Files

/** Makes `staging/orders` and `marts/report` unsynced, and `marts/revenue` after its upstream. */
export const changedQueries = {
  [ordersFile]: orders(ordersQuery.replace('5 AS amount', '6 AS amount')),
  [reportFile]: report(reportQuery.replace('revenue.amount', 'revenue.amount * 2 AS amount')),
} satisfies Files

/** Puts `changedQueries` back. */
export const revertedQueries = {
  [ordersFile]: project[ordersFile] ?? '',
  [reportFile]: project[reportFile] ?? '',
} satisfies Files

/** Makes `marts/report` alone unsynced, although its data stays. */
export const reformatted = {
  [reportFile]: report(reportQuery.replaceAll('\n', '\n  ')),
} satisfies Files

/** Changes what Dagster does not track. */
export const metadataOnly = {
  [reportFile]: report(reportQuery, `,\n  owner alice,\n  description 'Revenue by customer'\n`),
} satisfies Files

/** A head that SQLMesh cannot load, because of this file. */
export const brokenModel = { [reportFile]: report('SELECT FROM WHERE (') } satisfies Files
export const brokenFile = reportFile

/** Nothing that SQLMesh reads. */
export const outsideProject = { 'README.md': '# Data\n' } satisfies Files
