import fc from 'fast-check'
import type { Definition, Definitions, Scenario } from './scenario.ts'

/**
 * Names in the order in which they may read each other: an asset reads only what comes before it.
 * They sort differently from that, share beginnings, and have an empty segment among them. No two end
 * alike: Dagster takes a one-segment key that nothing defines for the asset of that name in the group.
 */
const NAMES = ['m', 'a/b', 'a', 'z', '/s/p', 'a-b', 'B', '0', 'a/C', 'k'] as const
/** Never defined, so that they are stubs. */
const STUBS = ['x', 'a/y'] as const

type Slot = Definition & { readonly reads: readonly number[]; readonly stubs: readonly number[] }
type Commit = ReadonlyMap<number, Slot>

const index = fc.nat(NAMES.length - 1)

const code = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('1', '2', '3') },
  { weight: 1, arbitrary: fc.constantFrom(null, '') },
)

const nature = fc.oneof(
  { weight: 30, arbitrary: fc.constant<Definition>({}) },
  { weight: 3, arbitrary: fc.constant<Definition>({ kind: 'external' }) },
  { weight: 3, arbitrary: fc.constant<Definition>({ kind: 'virtual' }) },
  { weight: 2, arbitrary: fc.constant<Definition>({ kind: 'neverMaterialized' }) },
  { weight: 2, arbitrary: fc.constant<Definition>({ partitions: ['p1', 'p2'] }) },
  { weight: 1, arbitrary: fc.constant<Definition>({ partitions: 'daily' }) },
  { weight: 1, arbitrary: fc.constant<Definition>({ partitions: ['p2', 'p3'] }) },
  { weight: 3, arbitrary: fc.constant<Definition>({ modelless: true }) },
)

const slot: fc.Arbitrary<Slot> = fc
  .tuple(
    code,
    nature,
    fc.uniqueArray(index, { minLength: 2, maxLength: 6, size: 'max' }),
    fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.uniqueArray(fc.nat(STUBS.length - 1), { maxLength: 2 }) },
    ),
  )
  .map(([version, kind, reads, stubs]) => ({ code: version, ...kind, reads, stubs }))

/** Half of the assets read the one before, so that there are long ways too. */
const commit: fc.Arbitrary<Commit> = fc
  .array(fc.option(fc.tuple(slot, fc.boolean()), { freq: 8 }), {
    minLength: 6,
    maxLength: NAMES.length,
    size: 'max',
  })
  .map(
    (slots) =>
      new Map(
        slots.flatMap((each, at) => {
          if (each === null) return []
          const [known, chained] = each
          return [[at, chained ? { ...known, reads: [...known.reads, at - 1] } : known]]
        }),
      ),
  )

/** What a pull request does to the assets; each leaves the rest as it is. */
const edit: fc.Arbitrary<(before: Commit) => Commit> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(index, code).map(([at, to]) => change(at, { code: to })) },
  { weight: 3, arbitrary: fc.tuple(index, index).map(([at, read]) => toggleRead(at, read)) },
  {
    weight: 2,
    arbitrary: fc.tuple(index, index, index).map(([at, from, to]) => swapRead(at, from, to)),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(index, fc.nat(STUBS.length - 1)).map(([at, to]) => moveStub(at, to)),
  },
  { weight: 2, arbitrary: fc.tuple(index, slot).map(([at, to]) => put(at, to)) },
  { weight: 2, arbitrary: index.map(drop) },
  { weight: 2, arbitrary: fc.tuple(index, index).map(([from, to]) => rename(from, to)) },
  { weight: 1, arbitrary: index.map((at) => change(at, { kind: 'external', code: null })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(index, code)
      .map(([at, to]) => change(at, { kind: 'materialized', code: to })),
  },
  { weight: 1, arbitrary: fc.constantFrom('1', null).map(changeAll) },
)

function change(at: number, to: Partial<Slot>) {
  return (before: Commit): Commit => {
    const known = before.get(at)
    return known === undefined ? before : new Map(before).set(at, { ...known, ...to })
  }
}

function put(at: number, to: Slot) {
  return (before: Commit): Commit => (before.has(at) ? before : new Map(before).set(at, to))
}

function drop(at: number) {
  return (before: Commit): Commit => new Map([...before].filter(([each]) => each !== at))
}

function toggleRead(at: number, read: number) {
  return (before: Commit): Commit => {
    const reads = before.get(at)?.reads ?? []
    const rest = reads.filter((each) => each !== read)
    return change(at, { reads: rest.length < reads.length ? rest : [...reads, read] })(before)
  }
}

function swapRead(at: number, from: number, to: number) {
  return (before: Commit): Commit => {
    const reads = before.get(at)?.reads ?? []
    if (!reads.includes(from) || reads.includes(to)) return before
    return change(at, { reads: reads.map((each) => (each === from ? to : each)) })(before)
  }
}

function moveStub(at: number, to: number) {
  return (before: Commit): Commit => change(at, { stubs: [to] })(before)
}

/** The children read the new name; those that come before it cannot, and keep the old one. */
function rename(from: number, to: number) {
  return (before: Commit): Commit => {
    const known = before.get(from)
    if (known === undefined || before.has(to)) return before
    const renamed = new Map<number, Slot>()
    for (const [at, each] of before) {
      const reads = each.reads.map((read) => (read === from && to < at ? to : read))
      renamed.set(at === from ? to : at, { ...each, reads: [...new Set(reads)] })
    }
    return renamed
  }
}

/** Wiring code versions up, or losing them. */
function changeAll(version: string | null) {
  return (before: Commit): Commit =>
    new Map([...before].map(([at, each]) => [at, { ...each, code: version }]))
}

function definitionsOf(commit: Commit): Definitions {
  return Object.fromEntries([...commit].map(([at, each]) => [NAMES[at], definitionOf(at, each)]))
}

function definitionOf(at: number, { reads, stubs, ...rest }: Slot): Definition {
  if (rest.kind === 'external') return { kind: 'external' }
  const earlier = [...new Set(reads)].filter((read) => read >= 0 && read < at)
  const names = [...earlier.map((read) => NAMES[read]), ...stubs.map((stub) => STUBS[stub])]
  return { ...rest, parents: names as string[] }
}

const rule: fc.Arbitrary<Scenario['rule']> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ kind: 'dagster' as const }) },
  {
    weight: 1,
    arbitrary: fc
      .subarray([...NAMES], { maxLength: 4 })
      .map((reused) => ({ kind: 'snapshot' as const, reused })),
  },
)

/**
 * A project and a pull request on it.
 *
 * @param virtual whether Dagster knows virtual assets; otherwise they are plain external ones
 */
export function anyScenario(virtual: boolean): fc.Arbitrary<Scenario> {
  const known = (definitions: Definitions) => (virtual ? definitions : withoutVirtual(definitions))
  return fc
    .tuple(commit, fc.array(edit, { minLength: 2, maxLength: 6, size: 'max' }), rule)
    .map(([before, edits, kind]) => ({
      base: known(definitionsOf(before)),
      head: known(definitionsOf(edits.reduce((after, each) => each(after), before))),
      rule: kind,
    }))
}

function withoutVirtual(definitions: Definitions): Definitions {
  return Object.fromEntries(
    Object.entries(definitions).map(([name, each]) => [
      name,
      each.kind === 'virtual' ? { kind: 'external' } : each,
    ]),
  )
}
