MODEL (
  name exports.accounting_ledger,
  kind FULL,
  depends_on (marts.daily_revenue),
  grain payment_id
);

SELECT
  payment_id,
  order_id,
  paid_at::DATE AS booked_on,
  method AS account,
  amount
FROM staging.payments
