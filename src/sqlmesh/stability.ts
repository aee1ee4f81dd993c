import { type ModelChange, movedParts } from './changes.ts'
import type { Manifest, Model, Part } from './manifest.ts'

/** A model whose `data_hash` differs from one load of the same files to the next. */
export type Unstable = {
  readonly fqn: string
  /** The parts that differ, such as a constant that holds the time of the load. */
  readonly parts: readonly Part[]
}

/**
 * Whether some change is explained by no file that differs. Then only another load of the same
 * files can tell whether the change is the commit's or the load's own (a time, a random number).
 *
 * @param changedPaths files that differ between the two commits, relative to the repository root
 */
export function needsSecondLook(
  changes: ReadonlyMap<string, ModelChange>,
  base: Manifest,
  head: Manifest,
  changedPaths: ReadonlySet<string>,
): boolean {
  if (base.versions.sqlmesh !== head.versions.sqlmesh) return false
  const before = new Map(base.models.map((model) => [model.fqn, model]))
  return head.models.some((model) => {
    const old = before.get(model.fqn)
    if (old === undefined || !changes.has(model.fqn)) return false
    return !movedParts(old, model).every(({ base, head }) => {
      // Whether a model has the part at all is for its own file to say, wherever the part is written.
      const own = head?.kind === 'python' || base === undefined || head === undefined
      const files = [base?.file, head?.file, ...(own ? [model.path] : [])]
      return files.some((file) => file != null && changedPaths.has(file))
    })
  })
}

/** Models that two loads of the same files disagree about. */
export function findUnstable(first: Manifest, again: Manifest): readonly Unstable[] {
  const others = new Map(again.models.map((model) => [model.fqn, model]))
  return first.models.flatMap((model) => {
    const other = others.get(model.fqn)
    if (other === undefined || other.dataHash === model.dataHash) return []
    return [{ fqn: model.fqn, parts: movedParts(other, model).map(partOf) }]
  })
}

/**
 * The unstable models whose change between the commits is nothing but their instability: what makes
 * them differ is what differs between two loads of the same commit.
 */
export function changedByLoadAlone(
  unstable: readonly Unstable[],
  base: Manifest,
  head: Manifest,
): ReadonlySet<string> {
  const models = (manifest: Manifest) => new Map(manifest.models.map((model) => [model.fqn, model]))
  const [before, after] = [models(base), models(head)]
  const alone = unstable.filter(({ fqn, parts }) => {
    const [old, now] = [before.get(fqn), after.get(fqn)] as [Model | undefined, Model | undefined]
    if (old === undefined || now === undefined) return false
    const restless = new Set(parts.map(nameOf))
    return movedParts(old, now).every((moved) => restless.has(nameOf(partOf(moved))))
  })
  return new Set(alone.map(({ fqn }) => fqn))
}

function partOf({ base, head }: { base: Part | undefined; head: Part | undefined }): Part {
  return (head ?? base) as Part
}

function nameOf({ kind, name }: Part): string {
  return JSON.stringify([kind, name])
}
