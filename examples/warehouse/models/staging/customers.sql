MODEL (
  name staging.customers,
  kind VIEW,
  grain customer_id
);

select customer_id, lower(email) as email, country_code, accepts_newsletter
from raw.customers
