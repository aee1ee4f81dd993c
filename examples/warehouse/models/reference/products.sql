MODEL (
  name reference.products,
  kind SEED (
    path '../../seeds/products.csv'
  ),
  columns (
    product_id BIGINT,
    product_name TEXT,
    category TEXT
  ),
  grain product_id
);
