/** A config.yaml with one gateway, DuckDB in memory with one catalog; more settings may follow it. */
export const duckdbConfig = (catalog: string) => `gateways:
  local:
    connection:
      type: duckdb
      catalogs:
        ${catalog}: ':memory:'
default_gateway: local
model_defaults:
  dialect: duckdb
  start: '2026-01-01'
`
