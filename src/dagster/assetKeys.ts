/** A Dagster asset key: its path segments. */
export type AssetKey = readonly string[]

/** One string per key, for maps and comparison. */
export function keyId(key: AssetKey): string {
  return JSON.stringify(key)
}

/** Code-unit order of the segments, equal on every machine. */
export function compareKeys(a: AssetKey, b: AssetKey): number {
  for (const [index, segment] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    if (segment !== other) return segment < other ? -1 : 1
  }
  return a.length - b.length
}

/**
 * Parts of a quoted fqn, unquoted: `"a"."b ""c"""` → `a`, `b "c"`. SQLMesh writes fqns with
 * double quotes for every dialect (`sqlmesh.core.model.definition`, `exp.table_name(identify=True)`).
 */
export function splitFqn(fqn: string): string[] {
  const parts = fqn.match(/"(?:[^"]|"")*"|[^."]+/g) ?? []
  return parts.map((part) =>
    part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part,
  )
}
