MODEL (
  name reference.countries,
  kind SEED (
    path '../../seeds/countries.csv'
  ),
  columns (
    country_code TEXT,
    country_name TEXT,
    vat_rate DECIMAL(4, 2)
  ),
  grain country_code
);
