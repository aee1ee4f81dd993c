MODEL (
  name staging.refunds,
  kind VIEW,
  grain order_id
);

SELECT
  order_id,
  SUM(@euros(amount_cents)) AS refunded
FROM raw.refunds
GROUP BY
  order_id
