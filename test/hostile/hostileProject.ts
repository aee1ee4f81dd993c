import { changedQueries, type Files, projectFolder } from '../helpers/project.ts'
import type { HostileRun } from './hostileRun.ts'

/** A hostile pull request that takes a load of its own, and how the check has to end. */
export type Case = Omit<HostileRun, 'head'> & {
  /** The threat, and what is tried. */
  readonly name: string
  readonly head: Files
  /** Code of the error; null where the change is compared as if nothing had been tried. */
  readonly error: string | null
  /** It spoils what SQLMesh would say of what follows. */
  readonly spoils?: true
  /** What the error says. */
  readonly says?: RegExp
}

const path = (file: string) => `${projectFolder}/${file}`

/** The project with a configuration that does this first. */
export function first(code: string): Files {
  return {
    ...changedQueries,
    [path('config.yaml')]: null,
    [path('config.py')]: `import ctypes, gc, json, os, signal, sys, time
${code}
from sqlmesh.core.config import Config, DuckDBConnectionConfig, GatewayConfig, ModelDefaultsConfig

connection = DuckDBConnectionConfig(catalogs={"warehouse": ":memory:"})
config = Config(
    gateways={"local": GatewayConfig(connection=connection)},
    default_gateway="local",
    model_defaults=ModelDefaultsConfig(dialect="duckdb", start="2026-01-01"),
)
`,
  }
}

/** The answer's document, changed by an expression of `envelope`; the project can get at the nonce. */
export const forged = (expression: string) =>
  first(`
dumps = json.dumps
json.dumps = lambda envelope, **options: dumps(${expression}) if "nonce" in envelope else dumps(envelope, **options)
`)

/** Does this when all is loaded, just before the answer. */
export const late = (code: string) =>
  first(`import shutil
dumps = json.dumps
kept = os.path.expanduser("~/kept")
def late(value, **options):
    if "nonce" in value:
        ${code}
    return dumps(value, **options)
json.dumps = late
`)
