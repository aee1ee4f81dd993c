import type { Definition, Definitions, Scenario } from './scenario.ts'

/**
 * A smaller scenario that still fails, for people to read. Each round tries everything that makes it
 * a little simpler at once, because starting Dagster takes longer than judging a hundred scenarios.
 *
 * @param failing the indices of those that fail, in order
 */
export async function shrink(
  scenario: Scenario,
  failing: (scenarios: readonly Scenario[]) => Promise<readonly number[]>,
): Promise<Scenario> {
  let smallest = scenario
  for (let round = 0; round < 20; round += 1) {
    const simpler = simplerThan(smallest)
    const [first] = await failing(simpler)
    if (first === undefined) break
    smallest = simpler[first] as Scenario
  }
  return smallest
}

function simplerThan(scenario: Scenario): readonly Scenario[] {
  const { base, head } = scenario
  const names = [...new Set([...Object.keys(base), ...Object.keys(head)])]
  return [
    ...names.map((name) => ({ ...scenario, base: without(base, name), head: without(head, name) })),
    ...simplerDefinitions(base).map((simpler) => ({ ...scenario, base: simpler })),
    ...simplerDefinitions(head).map((simpler) => ({ ...scenario, head: simpler })),
    ...names.flatMap((name) => {
      const same = head[name]
      return same === undefined || base[name] === undefined || isSame(base[name], same)
        ? []
        : [{ ...scenario, base: { ...base, [name]: same } }]
    }),
  ]
}

const isSame = (a: Definition, b: Definition) => JSON.stringify(a) === JSON.stringify(b)

/** Without an asset, and without its children's reading it. */
function without(definitions: Definitions, name: string): Definitions {
  const rest = Object.entries(definitions).filter(([each]) => each !== name)
  return Object.fromEntries(
    rest.map(([each, { parents = [], ...more }]) => [
      each,
      { ...more, parents: parents.filter((parent) => parent !== name) },
    ]),
  )
}

function simplerDefinitions(definitions: Definitions): readonly Definitions[] {
  return Object.entries(definitions).flatMap(([name, { parents = [], ...rest }]) => [
    without(definitions, name),
    ...parents.map((parent) => ({
      ...definitions,
      [name]: { ...rest, parents: parents.filter((each) => each !== parent) },
    })),
    ...(rest.partitions || rest.kind || rest.modelless
      ? [{ ...definitions, [name]: { code: rest.code ?? null, parents } }]
      : []),
  ])
}
