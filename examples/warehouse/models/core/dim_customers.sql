MODEL (
  name core.dim_customers,
  kind FULL,
  grain customer_id,
  audits (
    UNIQUE_VALUES(columns := customer_id)
  )
);

SELECT
  customers.customer_id,
  customers.email,
  customers.accepts_newsletter,
  countries.country_name,
  countries.vat_rate
FROM staging.customers AS customers
LEFT JOIN reference.countries AS countries
  ON customers.country_code = countries.country_code
