import { isDeepStrictEqual } from 'node:util'
import type { Side } from '../../../src/platform/failure.ts'
import { countModels } from '../../../src/sqlmesh/completeManifests.ts'
import type { Manifest } from '../../../src/sqlmesh/manifest.ts'
import type { Models } from './stockServer.ts'

/** What was loaded of both commits; null where nothing was. */
export type Loaded = Readonly<Record<Side, Manifest>> | null

/**
 * What a narrow load, or none, would report wrongly; null: nothing. It has to have each model that differs and
 * all that is below one, and whatever it has must be as stock says.
 */
export function differenceOf(stock: Readonly<Record<Side, Models>>, loaded: Loaded): string | null {
  const moved = movedIn(stock.base, stock.head)
  if (loaded === null) return moved.size === 0 ? null : `${[...moved].join(', ')} differs`
  for (const side of ['base', 'head'] as const) {
    const own = new Map(loaded[side].models.map((model) => [model.fqn, model]))
    for (const [fqn, { dataHash, dependsOn, external }] of own) {
      const told = [external ? stock[side][fqn]?.[0] : dataHash, dependsOn, external]
      if (isDeepStrictEqual(told, stock[side][fqn])) continue
      return `${fqn} at ${side} is ${JSON.stringify(told)}, not ${JSON.stringify(stock[side][fqn])}`
    }
    const missing = [...moved].find((fqn) => fqn in stock[side] && !own.has(fqn))
    if (missing !== undefined) return `${missing} at ${side} is left out`
  }
  const counts = countModels(loaded.base, loaded.head)
  const expected = { base: count(stock.base), head: count(stock.head) }
  if (isDeepStrictEqual(counts, expected)) return null
  return `the counts are ${JSON.stringify(counts)}, not ${JSON.stringify(expected)}`
}

/** Models that differ, that come or go, and all that is below one. */
function movedIn(base: Models, head: Models): ReadonlySet<string> {
  const names = [...new Set([...Object.keys(base), ...Object.keys(head)])]
  const moved = new Set(names.filter((fqn) => !isDeepStrictEqual(base[fqn], head[fqn])))
  for (let before = -1; before < moved.size; ) {
    before = moved.size
    for (const [fqn, [, parents]] of Object.entries(head)) {
      if (parents.some((parent) => moved.has(parent))) moved.add(fqn)
    }
  }
  return moved
}

function count(models: Models): number {
  return Object.values(models).filter(([, , external]) => !external).length
}
