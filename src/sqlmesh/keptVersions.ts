import { isUpgradeOnly, type ModelChange, movedParts } from './changes.ts'
import type { Manifest, Model } from './manifest.ts'

/**
 * The models that differ and keep their `snapshot.version`, and those that always do, as far as the two loads
 * tell it without SQLMesh's categories of the change.
 *
 * @param changes of `compareManifests`
 * @returns fqns
 */
export function modelsThatKeepVersions(
  changes: ReadonlyMap<string, ModelChange>,
  base: Manifest,
  head: Manifest,
): ReadonlySet<string> {
  const reusing = modelsThatReuseVersions(base, head)
  const real = [...changes.values()].filter((change) => !isHarmless(change)).map(({ fqn }) => fqn)
  const reached = belowIn(head, changes.keys())
  const rebuilt = head.models.filter((model) => model.materializedView && reached.has(model.fqn))
  const moving = belowIn(head, [
    ...real,
    ...rebuilt.map(({ fqn }) => fqn),
    ...withOtherParents(base, head),
    ...removedFrom(base, head),
  ])
  const still = [...changes.keys()].filter((fqn) => !moving.has(fqn))
  return new Set([...reusing, ...still])
}

/**
 * SQLMesh calls a change of the text alone one of metadata, and an upgrade migrates the state, which keeps
 * every version (SQLMesh `StateMigrator`). Below another change neither says anything.
 */
export function isHarmless(change: ModelChange): boolean {
  return change.formattingOnly || isUpgradeOnly(change)
}

/**
 * Models whose snapshot version outlives every change (SQLMesh `Snapshot.categorize_as`): forward-only
 * ones, unless their kind changes (`is_breaking_kind_change`), and those with a pinned version or
 * without virtual environments.
 *
 * @returns fqns of those that are so on both commits, in the same way
 */
export function modelsThatReuseVersions(base: Manifest, head: Manifest): ReadonlySet<string> {
  const before = new Map(base.models.map((model) => [model.fqn, model]))
  const reusing = head.models.filter((model) => {
    const old = before.get(model.fqn)
    return old !== undefined && reuseAlike(old, model)
  })
  return new Set(reusing.map(({ fqn }) => fqn))
}

function reuseAlike(base: Model, head: Model): boolean {
  if (head.reusesVersion === null || base.reusesVersion !== head.reusesVersion) return false
  if (head.reusesVersion === 'forward-only') return base.kind === head.kind
  const moved = movedParts(base, head).map((part) => (part.head ?? part.base)?.name)
  return !moved.includes('physical_version')
}

/** Fqns of models that are new in head, or that read others than they did. */
export function withOtherParents(base: Manifest, head: Manifest): readonly string[] {
  const before = new Map(base.models.map(({ fqn, dependsOn }) => [fqn, dependsOn.join('\n')]))
  return head.models
    .filter(({ fqn, dependsOn }) => before.get(fqn) !== dependsOn.join('\n'))
    .map(({ fqn }) => fqn)
}

/** Fqns of models that head has no more. */
export function removedFrom(base: Manifest, head: Manifest): readonly string[] {
  const after = new Set(head.models.map(({ fqn }) => fqn))
  return base.models.map(({ fqn }) => fqn).filter((fqn) => !after.has(fqn))
}

/** These models and all that depend on them. */
export function belowIn(manifest: Manifest, fqns: Iterable<string>): ReadonlySet<string> {
  const children = new Map<string, string[]>()
  for (const { fqn, dependsOn } of manifest.models) {
    for (const parent of dependsOn) {
      const known = children.get(parent)
      if (known === undefined) children.set(parent, [fqn])
      else known.push(fqn)
    }
  }
  const found = new Set(fqns)
  for (const fqn of found) {
    for (const child of children.get(fqn) ?? []) found.add(child)
  }
  return found
}
