MODEL (
  name staging.payments,
  kind INCREMENTAL_BY_UNIQUE_KEY (
    unique_key payment_id
  ),
  grain payment_id
);

SELECT
  payment_id,
  order_id,
  method,
  @euros(amount_cents) AS amount,
  paid_at
FROM raw.payments
WHERE
  paid_at BETWEEN @start_ts AND @end_ts
