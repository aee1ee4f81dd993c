MODEL (
  name reference.products,
  kind SEED (
    path '../../seeds/products.csv'
  ),
  owner merchandising,
  tags (catalogue),
  description 'Everything that the shop sells',
  columns (
    product_id BIGINT,
    product_name TEXT,
    category TEXT
  ),
  grain product_id,
  audits (
    UNIQUE_VALUES(columns := product_id)
  )
);
