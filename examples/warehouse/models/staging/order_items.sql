MODEL (
  name staging.order_items,
  kind VIEW,
  grain order_item_id
);

SELECT
  order_item_id,
  order_id,
  product_id,
  quantity,
  @euros(unit_price_cents) AS unit_price
FROM raw.order_items
