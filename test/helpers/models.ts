import type { Integration, KeyScheme } from '../../src/dagster/integrations/integration.ts'
import type { Manifest, Model, Part } from '../../src/sqlmesh/manifest.ts'

/** A manifest as the probe would give it, from as little as a test needs to say. */
export function manifest(
  models: readonly Model[],
  versions: Partial<Manifest['versions']> = {},
): Manifest {
  return {
    versions: {
      python: '3.11.7',
      sqlmesh: '0.236.4',
      sqlglot: '30.0.0',
      dagster: null,
      integrations: {},
      ...versions,
    },
    gateway: 'local',
    defaultCatalog: 'db',
    unknownCatalogs: [],
    loader: 'fast',
    complete: true,
    others: 0,
    models: [...models],
    refused: null,
    notices: [],
  }
}

/** A model `db.shop.<view>` that reads the named views of the same schema. */
export function model(view: string, differences: Partial<Model> = {}, reads: string[] = []): Model {
  return {
    fqn: fqn(view),
    name: `shop.${view}`,
    catalog: 'db',
    schema: 'shop',
    view,
    dataHash: `hash of ${view}`,
    ingredients: null,
    kind: 'FULL',
    external: false,
    incremental: false,
    path: `models/${view}.sql`,
    dependsOn: reads.map(fqn),
    dialect: 'duckdb',
    cron: '@daily',
    intervalUnit: 'day',
    owner: null,
    tags: [],
    reusesVersion: null,
    materializedView: false,
    restless: [],
    parts: [],
    ...differences,
  }
}

export function fqn(view: string): string {
  return `"db"."shop"."${view}"`
}

export function part(differences: Partial<Part>): Part {
  return {
    kind: 'query',
    name: 'query',
    file: 'models/a.sql',
    digest: '0',
    canonical: null,
    value: null,
    clauses: null,
    projections: null,
    onlyAlone: false,
    ...differences,
  }
}

/** The keys of an integration that has some of its own. */
export function schemeOf({ name, keys }: Integration): KeyScheme {
  if (keys === null) throw new Error(`${name} has no keys of its own`)
  return keys
}
