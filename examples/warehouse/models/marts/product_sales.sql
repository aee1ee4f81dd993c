MODEL (
  name marts.product_sales,
  kind FULL,
  grain product_id
);

SELECT
  product_id,
  product_name,
  category,
  SUM(quantity) AS units_sold,
  SUM(line_total) AS revenue
FROM core.order_lines
GROUP BY
  product_id,
  product_name,
  category
