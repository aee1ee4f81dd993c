import fc from 'fast-check'
import { projectOf, ways } from './all.ts'
import { type Change, changes, harmless } from './changes.ts'
import type { Tree } from './tree.ts'
import type { Way } from './way.ts'

/** A project at two commits. */
export type Case = {
  readonly name: string
  readonly ways: readonly Way[]
  readonly base: Tree
  readonly head: Tree
  /** No Python of it reads anything, and nothing changes that says something about models. */
  readonly harmless: boolean
}

const names = Object.keys(changes) as Change[]

/** @returns null where such changes cannot be made */
export function caseOf(parts: readonly (readonly [Way, Change])[]): Case | null {
  const chosen = [...new Set(parts.map(([way]) => way))]
  const tree = projectOf(chosen)
  let both: { base: Tree; head: Tree } | null = { base: tree, head: tree }
  for (const [way, change] of parts) both = both && changes[change](both, way)
  if (both === null) return null
  return {
    name: parts.map(([way, change]) => `${way.name}: ${change}`).join(' + '),
    ways: chosen,
    ...both,
    harmless: parts.every(([way, change]) => way.closed && harmless.includes(change)),
  }
}

/**
 * Each way with the change that is its own, then ways and changes by chance: one of each, several, and what says
 * nothing about models. The same seed always gives the same.
 */
export function casesOf(count: number, seed: number): readonly Case[] {
  const own = ways.map((way) => [[way, way.moves ?? 'content']] as const)
  const any = fc.tuple(fc.constantFrom(...ways), fc.constantFrom(...names))
  const beside = fc.tuple(
    fc.constantFrom(...ways.filter(({ alone }) => !alone)),
    fc.constantFrom(...names),
  )
  const closed = fc.tuple(
    fc.constantFrom(...ways.filter((way) => way.closed)),
    fc.constantFrom(...harmless),
  )
  const drawn = fc.oneof(
    fc.tuple(any),
    fc.tuple(closed),
    fc.array(beside, { minLength: 2, maxLength: 3 }),
  )
  const found = new Map<string, Case>()
  for (const parts of [...own, ...fc.sample(drawn, { seed, numRuns: count * 4 })]) {
    const made = caseOf(parts)
    if (made !== null && found.size < count) found.set(made.name, made)
  }
  return [...found.values()]
}
