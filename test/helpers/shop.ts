import { duckdbConfig } from './duckdb.ts'
import type { Files } from './project.ts'

/**
 * A SQLMesh project in `warehouse/` with everything that makes it hard to tell which models a file
 * defines and which tables a query reads: macros and jinja that make up names, blueprints, inferred
 * names, names in another case, Python models, seeds elsewhere.
 */
export const shop: Files = {
  'README.md': '# Shop\n',
  'shared/regions.data': 'region,name\neu,Europe\nus,America\n',
  'warehouse/config.yaml': `${duckdbConfig('warehouse')}model_naming:
  infer_names: true
variables:
  source_schema: staging
  threshold: 10
`,
  'warehouse/external_models.yaml': `- name: raw.orders
  columns:
    id: int
- name: raw.customers
  columns:
    id: int
`,
  'warehouse/helpers/rates.py': 'RATE = 2\n',
  'warehouse/settings/limits.json': '{"rows": 100}\n',
  'warehouse/macros/__init__.py': '',
  'warehouse/macros/money.py': `from sqlmesh import macro
from helpers.rates import RATE


@macro()
def to_usd(evaluator, amount):
    return f"{amount} * {RATE}"
`,
  'warehouse/macros/tables.py': `from sqlmesh import macro


@macro()
def hidden_table(evaluator, start):
    return f"staging.{start.name}ers"
`,
  'warehouse/macros/limits.py': `from sqlmesh import macro

LIMITS = {"rows": 100}


@macro()
def row_limit(evaluator):
    return str(LIMITS["rows"])
`,
  'warehouse/macros/jinja.sql': `{% macro only_big(column) %}{{ column }} > 100{% endmacro %}
`,
  'warehouse/audits/positive.sql': `AUDIT (name positive);

SELECT * FROM @this_model WHERE amount < 0
`,
  'warehouse/tests/test_orders.yaml': `test_orders:
  model: staging.orders
  outputs:
    query: []
`,
  'warehouse/seeds/countries.csv': 'code,name\nde,Germany\nfr,France\n',
  'warehouse/seeds/rates.csv': 'day,rate\n2026-01-01,2\n',
  'warehouse/models/reference/countries.sql': `MODEL (name reference.countries, kind SEED (path '../../seeds/countries.csv'));
`,
  'warehouse/models/reference/rates.sql': `MODEL (name reference.rates, kind SEED (path '$root/seeds/rates.csv'));
`,
  'warehouse/models/reference/regions.sql': `MODEL (name reference.regions, kind SEED (path '../../../shared/regions.data'));
`,
  'warehouse/models/staging/orders.sql': `MODEL (name staging.orders, kind VIEW, cron '@daily');

SELECT id, customer_id, amount, ds FROM raw.orders
`,
  'warehouse/models/staging/customers.sql': `MODEL (name staging.customers, kind FULL, audits (positive));

SELECT id, name, 1 AS amount FROM raw.customers
`,
  'warehouse/models/marts/revenue.sql': `MODEL (
  name marts.revenue,
  kind INCREMENTAL_BY_TIME_RANGE (time_column ds)
);

WITH daily AS (
  SELECT ds, SUM(amount) AS amount FROM staging.orders
  WHERE ds BETWEEN @start_ds AND @end_ds GROUP BY ds
)
SELECT daily.ds, daily.amount, rates.rate
FROM daily LEFT JOIN reference.rates AS rates ON rates.day = daily.ds
`,
  'warehouse/models/marts/report.sql': `MODEL (name Marts.REPORT, kind FULL);

SELECT r.ds, r.amount, c.name
FROM MARTS.Revenue AS r CROSS JOIN "staging"."customers" AS c CROSS JOIN raw.clicks AS k
`,
  'warehouse/models/marts/usd.sql': `MODEL (name marts.usd, kind FULL);

SELECT id, @to_usd(amount) AS usd FROM Staging.Orders
`,
  'warehouse/models/marts/hidden.sql': `MODEL (name marts.hidden, kind FULL);

SELECT * FROM @hidden_table(ord)
`,
  'warehouse/models/marts/by_schema.sql': `MODEL (name marts.by_schema, kind VIEW);

SELECT id FROM @{source_schema}.customers LIMIT @row_limit()
`,
  'warehouse/models/marts/with_jinja.sql': `MODEL (name marts.with_jinja, kind FULL);

JINJA_QUERY_BEGIN;
SELECT * FROM {{ 'marts' }}.{{ 'rev' ~ 'enue' }} WHERE {{ only_big('amount') }}
JINJA_END;
`,
  'warehouse/models/marts/by_region.sql': `MODEL (
  name marts.orders_@{region},
  kind FULL,
  blueprints ((region := eu), (region := us))
);

SELECT o.id, '@{region}' AS region FROM staging.orders AS o JOIN reference.regions USING (region)
`,
  'warehouse/models/marts/off.sql': `MODEL (name marts.off, kind FULL, enabled FALSE);

SELECT * FROM staging.orders
`,
  'warehouse/models/marts/local_definition.sql': `MODEL (name marts.local_definition, kind FULL);

@DEF(smallest, @threshold);

SELECT * FROM marts.usd WHERE usd > @smallest
`,
  'warehouse/models/marts/both.sql': `-- Questions? Ask data@example.com
MODEL (name marts.both, kind FULL);

SELECT amount FROM staging.orders UNION ALL SELECT amount FROM marts.revenue
`,
  'warehouse/models/marts/prepared.sql': `MODEL (name marts.prepared, kind FULL, depends_on (reference.countries));

CREATE TEMP TABLE amounts AS SELECT @to_usd(1);

SELECT 1 AS one
`,
  'warehouse/models/inferred/named.sql': `SELECT ds FROM marts.report
`,
  'warehouse/models/python/orders_py.py': `from sqlmesh import model


@model("python.orders", columns={"id": "int"}, kind="FULL")
def execute(context, start, end, execution_time, **kwargs):
    return context.fetchdf("SELECT id FROM " + context.resolve_table("staging.orders"))
`,
  'warehouse/models/python/generated.py': `from sqlmesh import model


@model("python.generated", is_sql=True, kind="FULL")
def entrypoint(evaluator):
    return "SELECT name FROM staging." + "customers"
`,
}
