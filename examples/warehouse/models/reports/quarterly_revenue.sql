MODEL (
  name reports.quarterly_revenue,
  kind VIEW,
  grain fiscal_quarter
);

JINJA_QUERY_BEGIN;

SELECT
  {{ fiscal_quarter('revenue_date') }} AS fiscal_quarter,
  SUM(revenue) AS revenue
FROM marts.daily_revenue
GROUP BY
  1

JINJA_END;
