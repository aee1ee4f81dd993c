MODEL (
  name staging.orders,
  kind VIEW,
  grain order_id
);

SELECT
  order_id,
  customer_id,
  ordered_at,
  ordered_at::DATE AS order_date,
  status,
  @euros(shipping_cents) AS shipping_fee
FROM raw.orders
WHERE
  status <> 'cancelled'
