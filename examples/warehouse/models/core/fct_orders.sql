MODEL (
  name core.fct_orders,
  kind INCREMENTAL_BY_TIME_RANGE (
    time_column order_date
  ),
  grain order_id,
  audits (
    NOT_NULL(columns := (order_id, customer_id)),
    order_total_is_positive
  )
);

SELECT
  orders.order_id,
  orders.customer_id,
  orders.order_date,
  orders.status,
  orders.shipping_fee,
  SUM(lines.line_total) AS order_total
FROM staging.orders AS orders
JOIN core.order_lines AS lines
  ON orders.order_id = lines.order_id
WHERE
  orders.order_date BETWEEN @start_date AND @end_date
GROUP BY
  orders.order_id,
  orders.customer_id,
  orders.order_date,
  orders.status,
  orders.shipping_fee
