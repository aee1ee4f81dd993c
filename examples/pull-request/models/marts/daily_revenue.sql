MODEL (
  name marts.daily_revenue,
  kind INCREMENTAL_BY_TIME_RANGE (
    time_column revenue_date
  ),
  grain revenue_date,
  partitioned_by DATE_TRUNC('MONTH', revenue_date),
  physical_properties (
    row_group_size = 122880
  )
);

SELECT
  order_date AS revenue_date,
  COUNT(order_id) AS order_count,
  SUM(order_total) AS revenue
FROM core.fct_orders
WHERE
  order_date BETWEEN @start_date AND @end_date
GROUP BY
  order_date
