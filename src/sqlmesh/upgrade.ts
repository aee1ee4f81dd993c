import path from 'node:path'
import { Failure } from '../platform/failure.ts'
import type { Manifest, Part } from './manifest.ts'

/** Both commits were loaded with different programs, which can move a hash by themselves. */
export type Upgrade = {
  /** What differs: `SQLMesh 0.212.0 → 0.236.4`. */
  readonly detail: string
  /** Base loaded with head's programs; null when that failed. */
  readonly rebased: Manifest | null
  /** Paths that differ between the commits, relative to the repository root. */
  readonly changedFiles: ReadonlySet<string>
}

/**
 * How to tell an upgrade's changes from the commit's own.
 *
 * @param files paths that differ, and paths of the files that only say what is installed
 * @param reload loads base with head's programs
 * @returns null if both commits were loaded with the same programs
 */
export async function explainUpgrade(
  { base, head }: { readonly base: Manifest | null; readonly head: Manifest | null },
  files: { readonly changed: ReadonlySet<string>; readonly installed: ReadonlySet<string> },
  reload: () => Promise<Manifest | null>,
): Promise<Upgrade | null> {
  const detail = base && head && upgradeBetween(base, head)
  if (!detail) return null
  // Where nothing else changes, base loaded with head's programs is head.
  const nothingElse = [...files.changed].every((file) => files.installed.has(file))
  const rebased = nothingElse ? head : await reload().catch(unloadable)
  return { detail, changedFiles: files.changed, rebased }
}

/** An old project need not load with new programs: then the files tell. */
function unloadable(thrown: unknown): null {
  if (thrown instanceof Failure) return null
  throw thrown
}

/**
 * What sets the two loads' programs apart, where it enters a hash: SQLMesh, sqlglot (which writes
 * expressions as text) and Python's minor version (which writes Python code as text).
 *
 * @returns the weightiest alone: `SQLMesh 0.212.0 → 0.236.4`; null if there is none
 */
export function upgradeBetween(base: Manifest, head: Manifest): string | null {
  const minor = (version: string) => version.split('.').slice(0, 2).join('.')
  const pairs = [
    ['SQLMesh', base.versions.sqlmesh, head.versions.sqlmesh],
    ['sqlglot', base.versions.sqlglot, head.versions.sqlglot],
    ['Python', minor(base.versions.python), minor(head.versions.python)],
  ] as const
  const moved = pairs.find(([, before, after]) => before !== after)
  return moved === undefined ? null : `${moved[0]} ${moved[1]} → ${moved[2]}`
}

/** Files that many models depend on without being named by any of their parts. */
const SHARED =
  /^(config|sqlmesh)\.(ya?ml|py)$|^\.env|^(dbt_project|profiles|external_models|schema)\.ya?ml$|\.py$/

/** True unless it is certain that none of the changed files moved this part. */
export function mayComeFrom(changed: ReadonlySet<string>, part: Part): boolean {
  if (part.file !== null && changed.has(part.file)) return true
  // A query and a seed are in their own file; everything else a configuration or a module may set.
  if (part.kind === 'query' || part.kind === 'seed') return false
  return [...changed].some((file) => SHARED.test(path.posix.basename(file)))
}
