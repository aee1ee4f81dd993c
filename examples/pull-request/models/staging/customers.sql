MODEL (
  name staging.customers,
  kind VIEW,
  grain customer_id
);

SELECT
  customer_id,
  LOWER(email) AS email,
  country_code,
  accepts_newsletter
FROM raw.customers
