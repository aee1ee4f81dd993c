MODEL (
  name core.order_lines,
  kind EMBEDDED
);

SELECT
  items.order_id,
  items.product_id,
  products.product_name,
  products.category,
  items.quantity,
  items.quantity * items.unit_price AS line_total
FROM staging.order_items AS items
JOIN reference.products AS products
  ON items.product_id = products.product_id
