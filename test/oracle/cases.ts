import { given, type HandWritten, snapshot } from './handWritten.ts'
import { partitions } from './partitionCases.ts'
import type { Definitions } from './scenario.ts'

const chain = (a: string | null, b: string | null = '1', c: string | null = '1'): Definitions => ({
  a: { code: a },
  b: { code: b, parents: ['a'] },
  c: { code: c, parents: ['b'] },
})

/** r above l and m, both above z. */
const diamond = (r: string, l = '1', m = '1'): Definitions => ({
  r: { code: r },
  l: { code: l, parents: ['r'] },
  m: { code: m, parents: ['r'] },
  z: { code: '1', parents: ['l', 'm'] },
})

const EXTERNAL = { kind: 'external' } as const
const NEVER = { kind: 'neverMaterialized' } as const

const code: readonly HandWritten[] = [
  given('nothing changes', chain('1'), chain('1'), []),
  given('a code version changes: its children follow, one hop a wave', chain('1'), chain('2'), [
    'a unsynced code',
    'b afterUpstream data 1 a',
    'c afterUpstream data 2 b',
  ]),
  given('no code version: a change does not show', chain(null, null), chain(null, null), []),
  given('nothing to X fires for every asset', chain(null, null, null), chain('1', '1', '1'), [
    'a unsynced code',
    'b unsynced code',
    'c unsynced code',
  ]),
  given('X to nothing does not fire', chain('1'), chain(null), []),
  given('X to an empty code version does not fire', chain('1'), chain(''), []),
  given('empty to X fires', chain(''), chain('1'), [
    'a unsynced code',
    'b afterUpstream data 1 a',
    'c afterUpstream data 2 b',
  ]),
  given('nothing to empty does not fire', chain(null), chain(''), []),
  given('parent and child both change', chain('1', '1'), chain('2', '2'), [
    'a unsynced code',
    'b unsynced code',
    'c afterUpstream data 1 b',
  ]),
]

const dependencies: readonly HandWritten[] = [
  given(
    'a dependency is added, without code versions: the run makes a new data version',
    { a: {}, x: {}, b: { parents: ['a'] }, c: { parents: ['b'] } },
    { a: {}, x: {}, b: { parents: ['a', 'x'] }, c: { parents: ['b'] } },
    ['b unsynced dependencies +x', 'c afterUpstream data 1 b'],
  ),
  given(
    'a dependency is removed',
    { a: {}, x: {}, b: { parents: ['a', 'x'] } },
    { a: {}, x: {}, b: { parents: ['a'] } },
    ['b unsynced dependencies -x'],
  ),
  given(
    'the order of dependencies changes',
    { a: {}, x: {}, b: { code: '1', parents: ['a', 'x'] } },
    { a: {}, x: {}, b: { code: '1', parents: ['x', 'a'] } },
    [],
  ),
  given(
    'code and dependencies change',
    { a: { code: '1' }, x: { code: '1' }, b: { code: '1', parents: ['a'] } },
    { a: { code: '1' }, x: { code: '1' }, b: { code: '2', parents: ['a', 'x'] } },
    ['b unsynced code,dependencies +x'],
  ),
  given(
    'external parents are all INITIAL: swapping them keeps the data version',
    { b: { code: '1', parents: ['x'] }, c: { code: '1', parents: ['b'] } },
    { b: { code: '1', parents: ['y'] }, c: { code: '1', parents: ['b'] } },
    ['b unsynced dependencies +y -x'],
  ),
  given(
    'a swapped parent with an equal data version keeps it too',
    { p: { code: '1' }, q: { code: '1' }, b: { code: '1', parents: ['p'] }, c: { parents: ['b'] } },
    { p: { code: '1' }, q: { code: '1' }, b: { code: '1', parents: ['q'] }, c: { parents: ['b'] } },
    ['b unsynced dependencies +q -p'],
  ),
  given(
    'a data version that moves only in a later run',
    {
      r: { code: '1' },
      q: { code: '1', parents: ['r'] },
      p: { code: '1', parents: ['q', 'x'] },
      c: { code: '1', parents: ['p'] },
    },
    {
      r: { code: '2' },
      q: { code: '1', parents: ['r'] },
      p: { code: '1', parents: ['q', 'y'] },
      c: { code: '1', parents: ['p'] },
    },
    [
      'c afterUpstream data 3 p',
      'p unsynced dependencies +y -x',
      'q afterUpstream data 1 r',
      'r unsynced code',
    ],
  ),
]

const comingAndGoing: readonly HandWritten[] = [
  given(
    'a new leaf and a new parent of an asset',
    { a: { code: '1' }, b: { code: '1', parents: ['a'] } },
    {
      a: { code: '1' },
      n: { code: '1' },
      b: { code: '2', parents: ['a', 'n'] },
      leaf: { code: '1', parents: ['b'] },
    },
    ['b unsynced code,dependencies +n', 'leaf new', 'n new'],
  ),
  given(
    'an asset is removed and its child edited',
    { a: { code: '1' }, p: { code: '1' }, b: { code: '1', parents: ['a', 'p'] } },
    { a: { code: '1' }, b: { code: '2', parents: ['a'] } },
    ['b unsynced code,dependencies -p', 'p removed'],
  ),
  given(
    'an asset is removed and its child still reads it: it becomes a stub',
    { p: { code: '1' }, b: { code: '1', parents: ['p'] } },
    { b: { code: '1', parents: ['p'] } },
    ['p removed'],
  ),
  given(
    'a parent is renamed',
    { p: { code: '1' }, b: { code: '1', parents: ['p'] }, c: { code: '1', parents: ['b'] } },
    { q: { code: '1' }, b: { code: '2', parents: ['q'] }, c: { code: '1', parents: ['b'] } },
    ['b unsynced code,dependencies +q -p', 'c afterUpstream data 1 b', 'p removed', 'q new'],
  ),
  given('everything is new', {}, { a: { code: '1' }, b: { parents: ['a', 'x'] } }, [
    'a new',
    'b new',
  ]),
  given('everything is removed', { a: {}, b: { parents: ['a'] } }, {}, ['a removed', 'b removed']),
]

const external: readonly HandWritten[] = [
  given(
    'the child of an external asset is edited',
    { e: EXTERNAL, b: { code: '1', parents: ['e'] } },
    { e: EXTERNAL, b: { code: '2', parents: ['e'] } },
    ['b unsynced code'],
  ),
  given(
    'a stub changes its name',
    { b: { code: '1', parents: ['ext/u'] } },
    { b: { code: '1', parents: ['ext/v'] } },
    ['b unsynced dependencies +ext/v -ext/u'],
  ),
  given(
    'an asset becomes external under its key',
    { a: { code: '1' }, b: { code: '1', parents: ['a'] } },
    { a: EXTERNAL, b: { code: '1', parents: ['a'] } },
    ['a removed'],
  ),
  given(
    'an external asset becomes a model under its key: its child is fresh until it runs',
    { a: EXTERNAL, b: { code: '1', parents: ['a'] } },
    { a: { code: '1' }, b: { code: '1', parents: ['a'] } },
    ['a new', 'b afterUpstream data 1 a'],
  ),
  given(
    'a stub becomes a model whose snapshot version is pinned: it gets its first one',
    { b: { code: '1', parents: ['a'] } },
    { a: { code: '1' }, b: { code: '1', parents: ['a'] } },
    ['a new', 'b afterUpstream data 1 a'],
    { rule: snapshot('a') },
  ),
  given(
    'an asset that nothing materializes stays missing',
    { e: NEVER, b: { code: '1', parents: ['e'] } },
    { e: { ...NEVER, code: '1' }, b: { code: '1', parents: ['e'] } },
    [],
  ),
  given(
    'a declared table becomes a model',
    { e: NEVER, b: { code: '1', parents: ['e'] } },
    { e: { code: '1' }, b: { code: '1', parents: ['e'] } },
    ['b afterUpstream data 1 e', 'e new'],
  ),
  given(
    'a model becomes a declared table: it stays materialized, and unsynced for good',
    { a: {}, e: { code: '1', parents: ['a'] }, b: { code: '1', parents: ['e'] } },
    { a: {}, e: NEVER, b: { code: '1', parents: ['e'] } },
    ['e unsynced dependencies -a'],
  ),
  given(
    'a table is declared that was a stub',
    { b: { code: '1', parents: ['e'] } },
    { e: NEVER, b: { code: '1', parents: ['e'] } },
    ['e new'],
  ),
  given(
    'a parent that never ran runs with its edited child',
    { a: NEVER, b: { code: '1', parents: ['a'] } },
    { a: { code: '2' }, b: { code: '2', parents: ['a'] }, c: { code: '1', parents: ['b'] } },
    ['a new', 'b unsynced code', 'c new'],
  ),
]

const dataVersions: readonly HandWritten[] = [
  given('a diamond', diamond('1'), diamond('2'), [
    'l afterUpstream data 1 r',
    'm afterUpstream data 1 r',
    'r unsynced code',
    'z afterUpstream data 2 l,m',
  ]),
  given('a diamond in which one side is edited', diamond('1'), diamond('2', '2'), [
    'l unsynced code',
    'm afterUpstream data 1 r',
    'r unsynced code',
    // m runs in the same round as z and before it, so it is never what flags z.
    'z afterUpstream data 1 l',
  ]),
  given(
    'a long and a short way',
    { ...chain('1'), c: { code: '1', parents: ['a', 'b'] } },
    { ...chain('2'), c: { code: '1', parents: ['a', 'b'] } },
    ['a unsynced code', 'b afterUpstream data 1 a', 'c afterUpstream data 1 a'],
  ),
  given(
    'a reused snapshot version (forward-only, formatting) moves nothing',
    chain('1'),
    chain('2'),
    ['a unsynced code'],
    { rule: snapshot('a') },
  ),
  given(
    "a snapshot version that moves: how far it goes is for SQLMesh's category to say",
    chain('1'),
    chain('2'),
    ['a unsynced code', 'b afterUpstream data 1 a', 'c afterUpstream data 2 b possible'],
    { rule: snapshot() },
  ),
  given(
    'the children of a reused snapshot version stay out of doubt',
    chain('1'),
    chain('2'),
    ['a unsynced code', 'b afterUpstream data 1 a'],
    { rule: snapshot('b', 'c') },
  ),
  given(
    'doubt on one way, certainty on a longer one',
    {
      s: { code: '1', parents: ['x'] },
      m: { code: '1' },
      t: { code: '1', parents: ['m'], modelless: true },
      z: { code: '1', parents: ['s', 't'] },
    },
    {
      s: { code: '1' },
      m: { code: '2' },
      t: { code: '1', parents: ['m'], modelless: true },
      z: { code: '1', parents: ['s', 't'] },
    },
    [
      'm unsynced code',
      's unsynced dependencies -x',
      't afterUpstream data 1 m',
      'z afterUpstream data 2 t',
    ],
    { rule: snapshot() },
  ),
  given(
    'an asset without a model between two models has a data version of its own',
    { a: { code: '1' }, t: { code: '1', parents: ['a'], modelless: true }, c: { parents: ['t'] } },
    { a: { code: '2' }, t: { code: '1', parents: ['a'], modelless: true }, c: { parents: ['t'] } },
    ['a unsynced code', 'c afterUpstream data 2 t', 't afterUpstream data 1 a'],
    { rule: snapshot() },
  ),
]

const VIRTUAL = { kind: 'virtual' } as const

const virtual: readonly HandWritten[] = [
  given(
    'a virtual asset passes on what lies behind it',
    {
      a: { code: '1' },
      v: { ...VIRTUAL, parents: ['a'] },
      w: { ...VIRTUAL, parents: ['v'] },
      c: { code: '1', parents: ['w'] },
      d: { code: '1', parents: ['c'] },
    },
    {
      a: { code: '2' },
      v: { ...VIRTUAL, parents: ['a'] },
      w: { ...VIRTUAL, parents: ['v'] },
      c: { code: '1', parents: ['w'] },
      d: { code: '1', parents: ['c'] },
    },
    ['a unsynced code', 'c afterUpstream data 1 a'],
  ),
  given(
    'behind a virtual asset a run counts, whether the data version moves or not',
    { a: { code: '1' }, v: { ...VIRTUAL, parents: ['a'] }, c: { code: '1', parents: ['v', 'a'] } },
    { a: { code: '2' }, v: { ...VIRTUAL, parents: ['a'] }, c: { code: '1', parents: ['v', 'a'] } },
    ['a unsynced code', 'c afterUpstream data 1 a'],
    { rule: snapshot('a') },
  ),
  given(
    'an edited virtual asset is not unsynced',
    { a: {}, v: { ...VIRTUAL, code: '1', parents: ['a'] }, c: { code: '1', parents: ['v'] } },
    { a: {}, v: { ...VIRTUAL, code: '2', parents: ['a'] }, c: { code: '1', parents: ['v'] } },
    [],
  ),
].map((each) => ({ ...each, virtual: true }))

const keys: readonly HandWritten[] = [
  given(
    'keys with an empty segment',
    { '/s/p': { code: '1' }, '/s/b': { code: '1', parents: ['/s/p'] } },
    { '/s/p': { code: '2' }, '/s/b': { code: '1', parents: ['/s/p'] } },
    ['/s/b afterUpstream data 1 /s/p', '/s/p unsynced code'],
  ),
  given(
    'a parent renamed to a key that sorts elsewhere',
    {
      a: { code: '1' },
      m: { code: '2' },
      z: { code: '1' },
      b: { code: '1', parents: ['a', 'm'] },
      c: { code: '1', parents: ['b'] },
    },
    {
      a: { code: '1' },
      m: { code: '2' },
      z: { code: '1' },
      b: { code: '1', parents: ['z', 'm'] },
      c: { code: '1', parents: ['b'] },
    },
    ['b unsynced dependencies +z -a', 'c afterUpstream data 1 b'],
  ),
  given(
    'a shorter key sorts after the longer ones that it starts',
    {
      a: { code: '1' },
      'a/m': { code: '2' },
      'a/0': { code: '1' },
      b: { code: '1', parents: ['a', 'a/m'] },
      c: { code: '1', parents: ['b'] },
    },
    {
      a: { code: '1' },
      'a/m': { code: '2' },
      'a/0': { code: '1' },
      b: { code: '1', parents: ['a/0', 'a/m'] },
      c: { code: '1', parents: ['b'] },
    },
    ['b unsynced dependencies +a/0 -a', 'c afterUpstream data 1 b'],
  ),
]

export const handWritten: readonly HandWritten[] = [
  ...code,
  ...dependencies,
  ...comingAndGoing,
  ...external,
  ...dataVersions,
  ...partitions,
  ...virtual,
  ...keys,
]
