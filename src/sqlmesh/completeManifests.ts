import type { Manifest, Model } from './manifest.ts'

/** How many models each commit has; external ones do not count. null = not counted. */
export type ModelCounts = { readonly base: number | null; readonly head: number | null }

/**
 * Gives each commit the models that only the other one's load needed. Their files are equal, so they
 * are.
 *
 * @param changed paths that differ between the commits
 */
export function completeManifests(
  base: Manifest,
  head: Manifest,
  changed: readonly string[],
): { readonly base: Manifest; readonly head: Manifest } {
  const differing = new Set(changed)
  const isCommon = ({ path }: Model) => path === null || !differing.has(path)
  const withOthers = (own: Manifest, other: Manifest): Manifest => {
    const known = new Set(own.models.map((model) => model.fqn))
    const missing = other.models.filter((model) => isCommon(model) && !known.has(model.fqn))
    const models = [...own.models, ...missing].sort((a, b) => (a.fqn < b.fqn ? -1 : 1))
    return { ...own, models }
  }
  return { base: withOthers(base, head), head: withOthers(head, base) }
}

/** Counts the models of two manifests that `completeManifests` gave. */
export function countModels(base: Manifest | null, head: Manifest | null): ModelCounts {
  const own = (manifest: Manifest | null) =>
    manifest?.models.filter((model) => !model.external).length ?? 0
  const others = head === null || head.complete ? 0 : head.others
  if (others === null) return { base: null, head: null }
  return { base: own(base) + others, head: own(head) + others }
}
