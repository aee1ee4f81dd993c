import { given, type HandWritten, snapshot } from './handWritten.ts'
import type { Mapping, Partitioning } from './judge.ts'
import type { Definition, Definitions, Scenario } from './scenario.ts'

/** Four days that are over. */
const DAYS = { every: 'daily', start: '2024-01-01', end: '2024-01-05' } as const
const MANY_DAYS = { every: 'daily', start: '2024-01-01', end: '2024-04-10' } as const
/** Every day another one: 92 of them by the time at which the judge looks, and 152. */
const SINCE_MARCH = { every: 'daily', start: '2024-03-01' } as const
const SINCE_JANUARY = { every: 'daily', start: '2024-01-01' } as const
const HOURS = { every: 'hourly', start: '2024-01-01-00:00', end: '2024-01-03-00:00' } as const
const WEEKS = { every: 'weekly', start: '2024-01-07', end: '2024-01-21' } as const
const MONTHS = { every: 'monthly', start: '2024-01-01', end: '2024-03-01' } as const
const TWO = ['p1', 'p2'] as const
const HUNDRED = Array.from({ length: 100 }, (_, index) => `p${index}`)
const DYNAMIC = { dynamic: 'd' } as const
const GRID = { dimensions: { letter: ['x', 'y'], number: ['1', '2', '3'] } } as const
const LETTERS_BY_DAY = { dimensions: { letter: ['x', 'y'], day: DAYS } } as const

type Mappings = Readonly<Record<string, Mapping>>

const at = (
  partitions: Partitioning | null,
  code: string | null,
  parents: readonly string[] = [],
  mappings: Mappings = {},
): Definition => ({ partitions, code, parents, mappings })

const plain = (code: string | null, parents: readonly string[] = [], mappings: Mappings = {}) =>
  at(null, code, parents, mappings)

/** The first of a row of assets gets another code version; each of the others reads the one before it. */
function changed(
  name: string,
  first: Partitioning | null,
  others: readonly (readonly [Partitioning | null, Mapping?])[],
  expected: readonly string[],
  more: Partial<Scenario> = {},
): HandWritten {
  const rowOf = (code: string): Definitions => {
    const rest = others.map(([partitions, mapping], index) => {
      const parent = 'abcd'[index] as string
      const mappings = mapping === undefined ? {} : { [parent]: mapping }
      return ['abcd'[index + 1], at(partitions, '1', [parent], mappings)]
    })
    return { a: at(first, code), ...Object.fromEntries(rest) }
  }
  return given(name, rowOf('1'), rowOf('2'), expected, more)
}

const code: readonly HandWritten[] = [
  changed(
    'a code version changes: every partition is unsynced',
    TWO,
    [],
    ['a unsynced code every 2'],
  ),
  changed('of time windows that are over', DAYS, [], ['a unsynced code every 4']),
  changed(
    'of time windows that go on, which nobody counts',
    SINCE_MARCH,
    [],
    ['a unsynced code every ?'],
  ),
  changed('of a grid', GRID, [], ['a unsynced code every 6']),
  changed(
    'of a grid that goes on',
    { dimensions: { letter: ['x', 'y'], day: SINCE_MARCH } },
    [],
    ['a unsynced code every ?'],
  ),
  changed('of 100 partitions', HUNDRED, [], ['a unsynced code every 100']),
  changed('of 100 time windows', MANY_DAYS, [], ['a unsynced code every 100']),
  changed(
    'of dynamic ones, which only an instance knows',
    DYNAMIC,
    [],
    ['a unsynced code every ?'],
    {
      dynamic: { d: ['x', 'y'] },
    },
  ),
  given('nothing to X fires for every partition', { a: at(DAYS, null) }, { a: at(DAYS, '1') }, [
    'a unsynced code every 4',
  ]),
  given('X to nothing does not', { a: at(DAYS, '1') }, { a: at(DAYS, null) }, []),
  given('no code version: a change does not show', { a: at(TWO, null) }, { a: at(TWO, null) }, []),
]

const dependencies: readonly HandWritten[] = [
  given(
    'partitions get a parent without',
    { x: plain('1'), b: at(DAYS, null) },
    { x: plain('1'), b: at(DAYS, null, ['x']) },
    ['b unsynced dependencies +x every 4'],
  ),
  given(
    'partitions lose a parent',
    { x: at(DAYS, '1'), b: at(DAYS, '1', ['x']) },
    { x: at(DAYS, '1'), b: at(DAYS, '1') },
    ['b unsynced dependencies -x every 4'],
  ),
  given(
    'partitions get a parent with the same',
    { x: at(DAYS, '1'), b: at(DAYS, '1') },
    { x: at(DAYS, '1'), b: at(DAYS, '1', ['x']) },
    ['b unsynced dependencies +x every 4'],
  ),
  given(
    'a new parent of which only some are read',
    { x: at(TWO, '1'), b: at(['q1', 'q2'], '1') },
    { x: at(TWO, '1'), b: at(['q1', 'q2'], '1', ['x'], { x: { static: { p1: 'q1' } } }) },
    ['b unsynced dependencies +x mapped 1'],
  ),
  given(
    'a new parent none of which is read',
    { x: at(TWO, '1'), b: at(['q1', 'q2'], '1') },
    { x: at(TWO, '1'), b: at(['q1', 'q2'], '1', ['x']) },
    [],
  ),
  given(
    'a new parent with 100 partitions is not looked at',
    { x: at(HUNDRED, '1'), b: plain('1') },
    { x: at(HUNDRED, '1'), b: plain('1', ['x']) },
    [],
  ),
  given(
    'one that goes is',
    { x: at(HUNDRED, '1'), b: plain('1', ['x']) },
    { x: at(HUNDRED, '1'), b: plain('1') },
    ['b unsynced dependencies -x'],
  ),
  given(
    'a new parent that is external and has partitions',
    { e: { kind: 'external', partitions: DAYS }, b: at(DAYS, '1') },
    { e: { kind: 'external', partitions: DAYS }, b: at(DAYS, '1', ['e']) },
    ['b unsynced dependencies +e every 4'],
  ),
  given(
    'a parent with partitions is renamed',
    { p: at(DAYS, '1'), b: at(DAYS, '1', ['p']), c: at(DAYS, '1', ['b']) },
    { q: at(DAYS, '1'), b: at(DAYS, '2', ['q']), c: at(DAYS, '1', ['b']) },
    [
      'b unsynced code,dependencies +q -p every 4',
      'c afterUpstream data 1 b mapped 4',
      'p removed every 4',
      'q new every 4',
    ],
  ),
  given(
    'external parents are all INITIAL: swapping them moves no partition',
    { b: at(DAYS, '1', ['x']), c: at(DAYS, '1', ['b']) },
    { b: at(DAYS, '1', ['y']), c: at(DAYS, '1', ['b']) },
    ['b unsynced dependencies +y -x every 4'],
  ),
  given(
    'a dependency on a partitioned asset is added',
    { a: at(TWO, '1'), b: plain('1') },
    { a: at(TWO, '1'), b: plain('1', ['a']) },
    ['b unsynced dependencies +a'],
  ),
  given(
    'Dagster does not look at a new dependency on time windows',
    { a: at('daily', '1'), b: plain('1'), c: plain('1', ['a']) },
    { a: at('daily', '1'), b: plain('1', ['a']), c: plain('1') },
    ['c unsynced dependencies -a'],
  ),
]

const windows: readonly HandWritten[] = [
  changed(
    'partitions follow a parent without',
    null,
    [[DAYS]],
    ['a unsynced code', 'b afterUpstream data 1 a mapped 4'],
  ),
  changed(
    'each partition follows the same of its parent, one hop a wave',
    DAYS,
    [[DAYS], [DAYS]],
    [
      'a unsynced code every 4',
      'b afterUpstream data 1 a mapped 4',
      'c afterUpstream data 2 b mapped 4',
    ],
  ),
  changed(
    'an offset leaves the first one alone',
    DAYS,
    [[DAYS, { window: [-1, -1] }]],
    ['a unsynced code every 4', 'b afterUpstream data 1 a mapped 3'],
  ),
  changed(
    'offsets add up',
    DAYS,
    [
      [DAYS, { window: [-1, -1] }],
      [DAYS, { window: [-2, -2] }],
    ],
    [
      'a unsynced code every 4',
      'b afterUpstream data 1 a mapped 3',
      'c afterUpstream data 2 b mapped 1',
    ],
  ),
  changed(
    'a window of two days',
    DAYS,
    [[DAYS, { window: [-1, 0] }]],
    ['a unsynced code every 4', 'b afterUpstream data 1 a mapped 4'],
  ),
  changed(
    'an offset that leads nowhere',
    DAYS,
    [[DAYS, { window: [-9, -9] }]],
    ['a unsynced code every 4'],
  ),
  changed(
    'weeks read their days',
    { ...DAYS, end: '2024-01-21' },
    [[WEEKS]],
    ['a unsynced code every 20', 'b afterUpstream data 1 a mapped 2'],
  ),
  changed(
    'days read their week',
    WEEKS,
    [[{ ...DAYS, end: '2024-01-21' }]],
    ['a unsynced code every 2', 'b afterUpstream data 1 a mapped 14'],
  ),
  changed(
    'days read their hours',
    HOURS,
    [[DAYS]],
    ['a unsynced code every 48', 'b afterUpstream data 1 a mapped 2'],
  ),
  changed(
    'months read their days',
    { ...DAYS, end: '2024-03-01' },
    [[MONTHS]],
    ['a unsynced code every 60', 'b afterUpstream data 1 a mapped 2'],
  ),
  changed(
    'weeks do not look at 168 hours',
    { ...HOURS, start: '2024-01-07-00:00', end: '2024-01-14-00:00' },
    [[WEEKS]],
    ['a unsynced code every 168'],
  ),
  changed(
    'windows of 121 days: those of fewer than 100 are looked at',
    { ...DAYS, end: '2024-04-10' },
    [[{ ...DAYS, start: '2024-04-08', end: '2024-04-10' }, { window: [-120, 0] }]],
    ['a unsynced code every 100', 'b afterUpstream data 1 a mapped 1'],
  ),
  changed(
    'windows that go on follow too',
    SINCE_JANUARY,
    [[SINCE_JANUARY], [SINCE_JANUARY]],
    [
      'a unsynced code every ?',
      'b afterUpstream data 1 a mapped ?',
      'c afterUpstream data 2 b mapped ?',
    ],
  ),
  changed(
    'with an offset',
    SINCE_JANUARY,
    [[SINCE_JANUARY, { window: [-1, -1] }]],
    ['a unsynced code every ?', 'b afterUpstream data 1 a mapped ?'],
  ),
]

const whole: readonly HandWritten[] = [
  changed(
    'an asset without partitions follows those of its parent',
    TWO,
    [[null]],
    ['a unsynced code every 2', 'b afterUpstream data 1 a'],
  ),
  changed(
    'Dagster does not look at time windows above an asset without partitions',
    'daily',
    [[null]],
    ['a unsynced code every 2'],
  ),
  changed(
    'nor at all time windows above other partitions',
    DAYS,
    [[TWO, 'all']],
    ['a unsynced code every 4'],
  ),
  changed(
    'but at the last of them',
    DAYS,
    [[null, 'last'], [TWO]],
    ['a unsynced code every 4', 'b afterUpstream data 1 a', 'c afterUpstream data 2 b mapped 2'],
  ),
  changed(
    'at the last that there is by now',
    SINCE_JANUARY,
    [[null, 'last']],
    ['a unsynced code every ?', 'b afterUpstream data 1 a'],
  ),
  changed(
    'and at one that is named',
    SINCE_JANUARY,
    [[null, { specific: ['2024-03-15'] }]],
    ['a unsynced code every ?', 'b afterUpstream data 1 a'],
  ),
  changed(
    'Dagster does not look at 100 partitions',
    HUNDRED,
    [[null]],
    ['a unsynced code every 100'],
  ),
  changed(
    'but at 99',
    HUNDRED.slice(1),
    [[null]],
    ['a unsynced code every 99', 'b afterUpstream data 1 a'],
  ),
  changed(
    'and at the last of 100',
    HUNDRED,
    [[null, 'last']],
    ['a unsynced code every 100', 'b afterUpstream data 1 a'],
  ),
  changed(
    'at the same of 100',
    HUNDRED,
    [[HUNDRED]],
    ['a unsynced code every 100', 'b afterUpstream data 1 a mapped 100'],
  ),
  changed(
    'all partitions read by each of three',
    TWO,
    [[['x', 'y', 'z'], 'all']],
    ['a unsynced code every 2', 'b afterUpstream data 1 a mapped 3'],
  ),
  changed(
    'a partitioned asset between others passes on',
    null,
    [[TWO], [null]],
    ['a unsynced code', 'b afterUpstream data 1 a mapped 2', 'c afterUpstream data 2 b'],
  ),
]

const keys: readonly HandWritten[] = [
  changed(
    'partitions of the same name follow',
    TWO,
    [[['p2', 'p3']]],
    ['a unsynced code every 2', 'b afterUpstream data 1 a mapped 1'],
  ),
  changed('no name is the same', TWO, [[['q1', 'q2']]], ['a unsynced code every 2']),
  changed('names are those of days', TWO, [[DAYS, 'identity']], ['a unsynced code every 2']),
  changed(
    'partitions are mapped one by one',
    TWO,
    [[['q1', 'q2', 'q3'], { static: { p1: 'q1', p2: ['q2', 'q3'] } }]],
    ['a unsynced code every 2', 'b afterUpstream data 1 a mapped 3'],
  ),
  changed(
    'the partition that follows is not the one that is read',
    TWO,
    [
      [['q1', 'q2'], { static: { p1: 'q1' } }],
      [null, { specific: ['q2'] }],
    ],
    ['a unsynced code every 2', 'b afterUpstream data 1 a mapped 1'],
  ),
  changed(
    'the partition that follows is the one that is read',
    TWO,
    [
      [['q1', 'q2'], { static: { p1: 'q1' } }],
      [null, { specific: ['q1'] }],
    ],
    ['a unsynced code every 2', 'b afterUpstream data 1 a mapped 1', 'c afterUpstream data 2 b'],
  ),
]

const grids: readonly HandWritten[] = [
  changed(
    'a grid is read whole',
    GRID,
    [[null]],
    ['a unsynced code every 6', 'b afterUpstream data 1 a'],
  ),
  changed(
    'a grid of 100 is not looked at',
    { dimensions: { one: HUNDRED.slice(0, 10), other: HUNDRED.slice(0, 10) } },
    [[null]],
    ['a unsynced code every 100'],
  ),
  changed(
    'a row of a grid is read by its letter',
    GRID,
    [[['x', 'y']]],
    ['a unsynced code every 6', 'b afterUpstream data 1 a mapped 2'],
  ),
  changed(
    'a letter is read by its row of a grid',
    ['x', 'y'],
    [[GRID]],
    ['a unsynced code every 2', 'b afterUpstream data 1 a mapped 6'],
  ),
  changed(
    'days are read by a grid of them, and that by days',
    DAYS,
    [[LETTERS_BY_DAY], [DAYS, { dimension: 'day' }]],
    [
      'a unsynced code every 4',
      'b afterUpstream data 1 a mapped 8',
      'c afterUpstream data 2 b mapped 4',
    ],
  ),
  changed(
    'a grid is read by the same grid',
    GRID,
    [[GRID, 'identity']],
    ['a unsynced code every 6', 'b afterUpstream data 1 a mapped 6'],
  ),
  changed(
    'dimensions are mapped one by one',
    LETTERS_BY_DAY,
    [
      [
        LETTERS_BY_DAY,
        {
          dimensions: {
            letter: ['letter', { static: { x: 'y' } }],
            day: ['day', { window: [-1, -1] }],
          },
        },
      ],
    ],
    ['a unsynced code every 8', 'b afterUpstream data 1 a mapped 3'],
  ),
  changed(
    'a dimension is mapped, the other is read whole',
    LETTERS_BY_DAY,
    [
      [
        { dimensions: { letter: ['x'], number: ['1', '2'] } },
        { dimensions: { letter: ['letter', 'identity'] } },
      ],
    ],
    ['a unsynced code every 8', 'b afterUpstream data 1 a mapped 2'],
  ),
]

const comingAndGoing: readonly HandWritten[] = [
  given('partitioned assets come and go', { a: at(TWO, '1') }, { b: at(DAYS, '1') }, [
    'a removed every 2',
    'b new every 4',
  ]),
  given('one that goes on comes', {}, { b: at(SINCE_MARCH, '1') }, ['b new every ?']),
  given('one that goes on goes', { b: at(SINCE_MARCH, '1') }, {}, ['b removed every ?']),
  given(
    'an asset gets partitions',
    { a: plain('1'), b: plain('1', ['a']), c: at(TWO, '1', ['a']) },
    { a: at(TWO, '1'), b: plain('1', ['a']), c: at(TWO, '1', ['a']) },
    ['a new every 2', 'b afterUpstream data 1 a', 'c afterUpstream data 1 a mapped 2'],
  ),
  given(
    'an asset loses its partitions: what reads them saw their sum',
    { a: at(TWO, '1'), b: plain('1', ['a']), c: at(TWO, '1', ['a']) },
    { a: plain('1'), b: plain('1', ['a']), c: at(TWO, '1', ['a']) },
    ['b unsynced data', 'c unsynced data every 2'],
  ),
  given(
    'and it changes too',
    { a: at(TWO, '1'), b: plain('1', ['a']) },
    { a: plain('2'), b: plain('1', ['a']) },
    ['a unsynced code', 'b unsynced data'],
  ),
  given(
    'a partition is added: it is missing, and what reads it follows',
    { a: at(TWO, '1'), b: plain('1', ['a']), c: at(TWO, '1', ['a']) },
    { a: at([...TWO, 'p3'], '1'), b: plain('1', ['a']), c: at(TWO, '1', ['a']) },
    ['b afterUpstream data 1 a'],
  ),
  given(
    'a partition is added to a changed asset',
    { a: at(TWO, '1') },
    { a: at([...TWO, 'p3'], '2') },
    ['a unsynced code every 2'],
  ),
  given('a partition goes', { a: at(TWO, '1') }, { a: at(['p1'], '2') }, [
    'a unsynced code every 1',
  ]),
  given('all partitions are others', { a: at(TWO, '1') }, { a: at(['q1'], '1') }, [
    'a new every 1',
  ]),
  given(
    'time windows begin earlier',
    { a: at({ ...DAYS, start: '2024-01-03' }, '1'), b: at(DAYS, '1', ['a']) },
    { a: at(DAYS, '1'), b: at(DAYS, '1', ['a']) },
    ['b afterUpstream data 1 a mapped 2'],
  ),
  given(
    'a stub becomes a partitioned asset: Dagster has no event to look from',
    { b: plain('1', ['a']), c: at(TWO, '1', ['a']) },
    { a: at(TWO, '1'), b: plain('1', ['a']), c: at(TWO, '1', ['a']) },
    ['a new every 2'],
  ),
  given(
    'a partitioned asset is removed and its child still reads it: its version is no longer a sum',
    { a: at(TWO, '1'), b: plain('1', ['a']) },
    { b: plain('1', ['a']) },
    ['a removed every 2', 'b unsynced data'],
  ),
  given(
    'a mapping changes, which is no cause',
    { a: at(DAYS, '1'), b: at(DAYS, '1', ['a']) },
    { a: at(DAYS, '1'), b: at(DAYS, '1', ['a'], { a: { window: [-1, 0] } }) },
    [],
  ),
  given('no partition is there yet', { a: at([], '1') }, { a: at([], '2') }, []),
]

/** Each day reads the day before of its own. */
const itself = (partitions: Partitioning, code: string, parents: readonly string[] = []) =>
  at(partitions, code, ['s', ...parents], { s: { window: [-1, -1] } })

const selves: readonly HandWritten[] = [
  given(
    'an asset that reads its own last time window',
    { s: itself(DAYS, '1'), b: at(DAYS, '1', ['s']) },
    { s: itself(DAYS, '2'), b: at(DAYS, '1', ['s']) },
    ['b afterUpstream data 1 s mapped 4', 's unsynced code every 4'],
  ),
  given(
    'what moves the first window moves one after the other',
    { a: at({ ...DAYS, end: '2024-01-02' }, '1'), s: itself(DAYS, '1', ['a']) },
    { a: at({ ...DAYS, end: '2024-01-02' }, '2'), s: itself(DAYS, '1', ['a']) },
    ['a unsynced code every 1', 's afterUpstream data 1 a mapped 4'],
  ),
  given(
    'of 100 windows and more Dagster does not look at its own',
    { a: at({ ...DAYS, end: '2024-01-02' }, '1'), s: itself(MANY_DAYS, '1', ['a']) },
    { a: at({ ...DAYS, end: '2024-01-02' }, '2'), s: itself(MANY_DAYS, '1', ['a']) },
    ['a unsynced code every 1', 's afterUpstream data 1 a mapped 1'],
  ),
]

const instance = { dynamic: { d: ['x', 'y'], e: ['y'] } } as const
const open = { ...instance, open: true } as const

const unresolved: readonly HandWritten[] = [
  changed(
    'dynamic partitions follow the same of their parent',
    DYNAMIC,
    [[DYNAMIC]],
    ['a unsynced code every ?', 'b afterUpstream data 1 a mapped ?'],
    instance,
  ),
  changed(
    'dynamic partitions follow a parent without',
    null,
    [[DYNAMIC]],
    ['a unsynced code', 'b afterUpstream data 1 a mapped ?'],
    instance,
  ),
  changed(
    'an asset follows dynamic partitions if there are fewer than 100',
    DYNAMIC,
    [[null]],
    ['a unsynced code every ?', 'b afterUpstream data 1 a possible'],
    open,
  ),
  changed(
    'it may follow the last of them',
    DYNAMIC,
    [[null, 'last'], [null]],
    [
      'a unsynced code every ?',
      'b afterUpstream data 1 a possible',
      'c afterUpstream data 2 b possible',
    ],
    open,
  ),
  changed(
    'names may be the same',
    ['x', 'z'],
    [[DYNAMIC]],
    ['a unsynced code every 2', 'b afterUpstream data 1 a mapped ? possible'],
    open,
  ),
  changed(
    'and those of others',
    DYNAMIC,
    [[{ dynamic: 'e' }]],
    ['a unsynced code every ?', 'b afterUpstream data 1 a mapped ? possible'],
    open,
  ),
  changed(
    'a grid with a dynamic dimension is read by its dimensions',
    DYNAMIC,
    [[{ dimensions: { letter: ['x', 'y'], some: DYNAMIC } }], [DYNAMIC, { dimension: 'some' }]],
    [
      'a unsynced code every ?',
      'b afterUpstream data 1 a mapped ?',
      'c afterUpstream data 2 b mapped ?',
    ],
    instance,
  ),
  given(
    'a new dependency on dynamic partitions counts if there are fewer than 100',
    { a: at(DYNAMIC, '1'), b: plain('1') },
    { a: at(DYNAMIC, '1'), b: plain('1', ['a']) },
    ['b unsynced dependencies +a possible'],
    open,
  ),
  changed(
    'what a mapping of one’s own does is not known',
    TWO,
    [[TWO, 'custom'], [TWO]],
    [
      'a unsynced code every 2',
      'b afterUpstream data 1 a mapped 2 possible',
      'c afterUpstream data 2 b mapped 2 possible',
    ],
    open,
  ),
]

const dataVersions: readonly HandWritten[] = [
  changed(
    'a reused snapshot version moves no partition',
    DAYS,
    [[DAYS]],
    ['a unsynced code every 4'],
    {
      rule: snapshot('a'),
    },
  ),
  changed(
    'a new one moves all; how far it goes is for SQLMesh to say',
    DAYS,
    [[DAYS], [DAYS]],
    [
      'a unsynced code every 4',
      'b afterUpstream data 1 a mapped 4',
      'c afterUpstream data 2 b mapped 4 possible',
    ],
    { rule: snapshot() },
  ),
  given(
    'a new partition of a reused version is one more',
    { a: at(TWO, '1'), b: plain('1', ['a']) },
    { a: at([...TWO, 'p3'], '1'), b: plain('1', ['a']) },
    ['b afterUpstream data 1 a'],
    { rule: snapshot('a') },
  ),
  given(
    'a diamond, one side by days, one without',
    {
      r: at(DAYS, '1'),
      l: at(DAYS, '1', ['r']),
      m: plain('1', ['r']),
      z: at(DAYS, '1', ['l', 'm']),
    },
    {
      r: at(DAYS, '2'),
      l: at(DAYS, '1', ['r']),
      m: plain('1', ['r']),
      z: at(DAYS, '1', ['l', 'm']),
    },
    [
      'l afterUpstream data 1 r mapped 4',
      'r unsynced code every 4',
      'z afterUpstream data 2 l mapped 4',
    ],
  ),
  given(
    'parent and child both change',
    { a: at(DAYS, '1'), b: at(DAYS, '1', ['a']), c: at(DAYS, '1', ['b']) },
    { a: at(DAYS, '2'), b: at(DAYS, '2', ['a']), c: at(DAYS, '1', ['b']) },
    ['a unsynced code every 4', 'b unsynced code every 4', 'c afterUpstream data 1 b mapped 4'],
  ),
]

const virtual: readonly HandWritten[] = [
  given(
    'partitions behind a virtual asset',
    { a: at(TWO, '1'), v: { kind: 'virtual', parents: ['a'] }, c: at(TWO, '1', ['v']) },
    { a: at(TWO, '2'), v: { kind: 'virtual', parents: ['a'] }, c: at(TWO, '1', ['v']) },
    ['a unsynced code every 2', 'c afterUpstream data 1 a mapped 2'],
  ),
].map((each) => ({ ...each, virtual: true }))

export const partitions: readonly HandWritten[] = [
  ...code,
  ...dependencies,
  ...windows,
  ...whole,
  ...keys,
  ...grids,
  ...comingAndGoing,
  ...selves,
  ...unresolved,
  ...dataVersions,
  ...virtual,
]
