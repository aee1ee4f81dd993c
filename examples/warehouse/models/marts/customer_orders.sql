MODEL (
  name marts.customer_orders,
  kind VIEW,
  grain customer_id
);

SELECT
  customers.customer_id,
  customers.email,
  customers.accepts_newsletter,
  COUNT(orders.order_id) AS order_count,
  COALESCE(SUM(orders.order_total), 0) AS total_spent,
  MAX(orders.order_date) AS last_order_date
FROM core.dim_customers AS customers
LEFT JOIN core.fct_orders AS orders
  ON customers.customer_id = orders.customer_id
GROUP BY
  customers.customer_id,
  customers.email,
  customers.accepts_newsletter
