MODEL (
  name exports.newsletter_audience,
  kind FULL,
  grain customer_id
);

SELECT
  customer_id,
  email
FROM marts.customer_orders
WHERE
  accepts_newsletter AND order_count >= @newsletter_min_orders
