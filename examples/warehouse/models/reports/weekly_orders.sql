MODEL (
  name reports.weekly_orders,
  kind VIEW,
  grain order_week
);

SELECT
  DATE_TRUNC('WEEK', order_date) AS order_week,
  COUNT(order_id) AS order_count
FROM core.fct_orders
GROUP BY
  1
