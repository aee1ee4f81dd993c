MODEL (
  name reports.open_orders,
  kind FULL,
  cron '@hourly',
  grain order_id
);

SELECT
  order_id,
  customer_id,
  ordered_at,
  status
FROM staging.orders
WHERE
  status IN ('placed', 'paid')
