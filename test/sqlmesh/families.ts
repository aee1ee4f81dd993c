/*
 * Lineages before and after edits, for tests of what SQLMesh makes of their snapshot versions.
 */

export type Model = {
  readonly name: string
  readonly kind: string
  readonly settings: readonly string[]
  readonly query: string
}
export type Choose = <T>(options: readonly T[]) => T

/** Numbers that look random and are the same in every run (Park and Miller). */
export function picker(seed: number): Choose {
  let state = seed * 7919 + 1
  return (options) => {
    state = (state * 48_271) % 2_147_483_647
    return options[state % options.length] as (typeof options)[number]
  }
}

const shapes: readonly ((parent: string, other: string) => string)[] = [
  (p) => `SELECT id::INT AS id, amount::DOUBLE AS amount, day::TEXT AS day FROM ${p}`,
  (p) => `SELECT id, amount, day FROM ${p}`,
  (p) => `SELECT * FROM ${p}`,
  (p) => `SELECT id, amount + 1 AS amount, day FROM ${p} WHERE id > 7`,
  (p) => `SELECT id, @twice(amount) AS amount, day FROM ${p}`,
  (p) =>
    `WITH a AS (SELECT * FROM ${p}) SELECT id::INT AS ID, amount::INT AS amount, day::TEXT AS day FROM a`,
  (p, o) => `SELECT id, amount, day FROM ${p} UNION ALL SELECT id, amount, day FROM ${o}`,
  (p, o) =>
    `SELECT a.id::INT AS id, b.amount::INT AS amount, a.day::TEXT AS day FROM ${p} AS a JOIN ${o} AS b ON a.id = b.id`,
  (p) => `WITH a AS (SELECT * FROM ${p} WHERE id > 7) SELECT * FROM a`,
  (p) => `SELECT id, 1 AS amount, day FROM ${p} WHERE amount > 7`,
  (p, o) => `SELECT a.id, COALESCE(b.amount, 0) AS amount, a.day FROM ${p} AS a, ${o} AS b`,
  // Columns without names.
  (p) => `SELECT p.*, o.* FROM ${p} AS p JOIN raw.unknown AS o USING (id)`,
  (p) => `SELECT id, amount, day, @STAR(${p}, exclude := [id, amount], prefix := 'x_') FROM ${p}`,
  (p) => `WITH a AS (SELECT *, 1 AS one FROM ${p}) SELECT id, amount, day FROM a WHERE one > 0`,
  (p, o) =>
    `SELECT a.id, b.amount, a.day FROM ${p} AS a JOIN ${o} AS b ON a.id = b.id JOIN raw.events AS e ON a.id = e.id`,
  (p, o) =>
    `WITH a AS (SELECT id FROM ${p} LIMIT 7), b AS (SELECT amount, day FROM ${o} LIMIT 7) SELECT id, amount, day FROM a, b`,
  (p) =>
    `@DEF(least, 7); CREATE TABLE IF NOT EXISTS t AS SELECT @least AS a; SELECT id, amount, day FROM ${p}`,
]
const FORWARD = 'INCREMENTAL_BY_TIME_RANGE (time_column day, forward_only true)'
const kinds = [
  'FULL',
  'FULL',
  'VIEW',
  'VIEW (materialized true)',
  'EMBEDDED',
  'INCREMENTAL_BY_TIME_RANGE (time_column day)',
  FORWARD,
]
const columns = 'columns (id int, amount int, day text)'

const rewritten = (before: string | RegExp, after: string) => (model: Model) => {
  return { ...model, query: model.query.replace(before, after) }
}

const reformatted = <T extends Pick<Model, 'query'>>(model: T): T => {
  return { ...model, query: model.query.replaceAll(' ', '  ') }
}

const edits: readonly ((model: Model) => Model)[] = [
  reformatted,
  reformatted,
  reformatted,
  rewritten(/ FROM (?!.* FROM )/, ', 1 AS more FROM '),
  rewritten('::INT AS id', '::BIGINT AS id'),
  rewritten('::DOUBLE', '::TEXT'),
  rewritten('id > 7', 'id > 8'),
  rewritten('amount > 7', 'amount + id > 7'),
  // Not there, so that SQLMesh gives up the whole query.
  rewritten(' > 7', ' > missing'),
  rewritten('amount + 1', 'amount + 1.5'),
  rewritten('COALESCE(b.amount, 0)', 'b.amount'),
  (model) => ({ ...model, query: `${model.query} LIMIT 10` }),
  rewritten('id > 7', 'id > 7 AND TRUE'),
  rewritten('SELECT id::INT AS ID', 'SELECT a.id::INT AS ID'),
  rewritten('amount]', 'day]'),
  rewritten(' FROM a WHERE one > 0', ' FROM a'),
  rewritten(/(FROM [a-z0-9.]+)\) (.*) WHERE one > 0/, '$1 WHERE one > 0) $2'),
  rewritten(/(JOIN .*) (JOIN .*)/, '$2 $1'),
  rewritten(/(a AS .*), (b AS .*\)) /, '$2, $1 '),
  rewritten('least, 7', 'least, 8'),
  rewritten('id::INT AS id, amount::DOUBLE AS amount', 'amount::DOUBLE AS amount, id::INT AS id'),
  (model) => ({ ...model, kind: FORWARD }),
  (model) => ({ ...model, kind: model.kind === 'VIEW' ? 'FULL' : 'VIEW' }),
  (model) => ({ ...model, settings: [...model.settings, "cron '@hourly'"] }),
  (model) => ({ ...model, settings: [...model.settings, "description 'As told'"] }),
  (model) => ({ ...model, settings: [...model.settings, "physical_properties (a = 'b')"] }),
  (model) => ({ ...model, settings: model.settings.filter((one) => one !== columns) }),
  (model) => model,
]

/** Six models that read one another, before and after edits to some of them. */
export function family(name: string, pick: Choose): readonly [readonly Model[], readonly Model[]] {
  const parents = ['raw.events']
  const base: Model[] = []
  for (const own of ['a', 'b', 'c', 'd', 'e', 'f']) {
    const query = pick(shapes)(pick(parents.slice(-2)), pick(parents))
    base.push({ name: own, kind: pick(kinds), settings: pick([[], [], [], [columns]]), query })
    parents.push(`${name}.${own}`)
  }
  const edited = [pick(base.slice(0, 3)), pick(base), pick(base)]
  const head = base.map((model) => (edited.includes(model) ? editedBy(pick, model) : model))
  return [base, head]
}

/** Many edits leave many models as they are. */
function editedBy(pick: Choose, model: Model): Model {
  for (let left = 6; left > 0; left -= 1) {
    const found = pick(edits)(model)
    if (JSON.stringify(found) !== JSON.stringify(model)) return found
  }
  return model
}

const typed = 'id::INT AS id, amount::INT AS amount, day::TEXT AS day'
const joined = (one: string, other: string) =>
  `SELECT a.id::INT AS id, b.amount::INT AS amount, a.day::TEXT AS day FROM ${one} AS a JOIN ${other} AS b ON a.id = b.id`

/**
 * Whether the new column of `a` breaks anything is asked only where a child is not broken by something
 * else: `c` is not, `f` is. Chance seldom makes such a pair. What becomes of `k`, `m` and `o` are the same
 * queries in other words, and nothing depends on whether `o` is known to be.
 */
export function decisive(name: string): readonly [readonly Model[], readonly Model[]] {
  const queries = (
    added: string,
    least: number,
    own: string,
    more: string,
  ): Readonly<Record<string, string>> => ({
    a: `WITH a AS (SELECT *${added} FROM raw.events) SELECT ${typed} FROM a`,
    a2: `WITH a AS (SELECT *${added} FROM raw.events) SELECT ${typed} FROM a`,
    b: `SELECT ${typed} FROM raw.events`,
    e: `SELECT ${typed} FROM raw.events WHERE id > ${least}`,
    c: joined(`${name}.a`, `${name}.b`),
    f: joined(`${name}.a`, `${name}.e`),
    g: `SELECT ${typed} FROM ${name}.e`,
    h: `SELECT ${typed} FROM ${name}.a`,
    i: joined(`${name}.a2`, `${name}.h`),
    j: joined(`${name}.a2`, `${name}.g`),
    k: `WITH a AS (SELECT * FROM raw.events) SELECT ${own}${typed} FROM a`,
    l: joined(`${name}.k`, `${name}.e`),
    m: `SELECT ${typed} FROM raw.events WHERE id > 7${more}`,
    n: `SELECT ${typed} FROM ${name}.k`,
    o: `SELECT ${typed} FROM ${name}.g WHERE id > 7${more}`,
    p: joined(`${name}.o`, `${name}.e`),
    q: `SELECT ${typed} FROM ${name}.m`,
  })
  const base = queries('', 7, '', '')
  const models = Object.entries(base).map(([own, query]): Model => {
    return { name: own, kind: 'FULL', settings: [], query }
  })
  const after = queries(', 1 AS unused', 8, 'a.', ' AND TRUE')
  const head = models.map((model) => {
    const query = after[model.name] as string
    return query === model.query ? model : { ...model, query }
  })
  return [models, head]
}

/** Another description of `a` and `c` changes no data, and yet decides what becomes of what a forward-only change reaches. */
export function retold(name: string): readonly [readonly Model[], readonly Model[]] {
  const own = (model: string, kind: string, query: string): Model => {
    return { name: model, kind, settings: [], query }
  }
  const base = [
    own('a', 'FULL', `SELECT ${typed} FROM raw.events`),
    own('b', FORWARD, `SELECT ${typed} FROM raw.events`),
    own('c', FORWARD, `SELECT ${typed} FROM raw.events`),
    own('d', 'FULL', `SELECT ${typed} FROM ${name}.c`),
    own('e', 'FULL', joined(`${name}.a`, `${name}.b`)),
    own('f', 'FULL', joined(`${name}.d`, `${name}.b`)),
    own('g', 'FULL', joined(`${name}.c`, `${name}.b`)),
    own('h', 'FULL', `SELECT ${typed} FROM ${name}.b`),
    own('i', 'FULL', 'SELECT * FROM raw.events WHERE id > 7'),
    own('j', 'FULL', `SELECT id, amount, day FROM ${name}.i`),
    own('k', 'FULL', `SELECT ${typed} FROM ${name}.j`),
    own('l', 'FULL', 'SELECT * FROM raw.events ORDER BY 1'),
    own('m', 'FULL', `SELECT id, amount, day FROM ${name}.l`),
    own('n', 'FULL', `SELECT ${typed} FROM ${name}.m`),
  ]
  const edit = (model: Model): Model => {
    // SQLMesh gives it up for that, and does not know its columns any more.
    if (model.name === 'i') return { ...model, query: model.query.replace('7', 'missing') }
    if (model.name === 'l') return { ...model, query: model.query.replace('1', '9') }
    if ('jm'.includes(model.name))
      return { ...model, query: model.query.replace('day', 'day, 1 AS more') }
    if (model.name === 'b') return { ...model, query: model.query.replace('::INT', '::BIGINT') }
    if (!'ac'.includes(model.name)) return model
    return { ...model, settings: ["description 'As told'"] }
  }
  return [base, base.map(edit)]
}

type Stage = Partial<Omit<Model, 'name'>>

/**
 * Edits whose own look says less than what is above or below them. Each is a model before and after, with
 * FULL and `typed` of `raw.events` for what is not said; another reads the one before it.
 */
export function misleading(name: string): readonly [readonly Model[], readonly Model[]] {
  const from = (own: string, selected = typed) => `SELECT ${selected} FROM ${name}.${own}`
  const raw = `SELECT ${typed} FROM raw.events`
  const swapped = 'SELECT amount::INT AS amount, id::INT AS id, day::TEXT AS day FROM raw.events'
  const wider = 'SELECT id, amount, day, 1 AS more FROM raw.events'
  const ids = 'SELECT id, amount, day FROM raw.events'
  const unnamed = `SELECT x.*, y.* FROM raw.unknown AS x JOIN ${name}.under_unnamed AS y USING (id)`
  const star = (left: string) =>
    `SELECT ${typed}, @STAR(raw.events, exclude := [id, ${left}], prefix := 'x_') FROM raw.events`
  const defined = (least: number) =>
    `@DEF(least, ${least}); CREATE TABLE IF NOT EXISTS t AS SELECT @least AS a; ${raw}`
  const joins =
    'SELECT a.id::INT AS id, b.amount::INT AS amount, c.day::TEXT AS day FROM raw.events AS a'
  const [one, other] = ['CROSS JOIN raw.events AS b', 'CROSS JOIN raw.events AS c']
  const wide = (where: string) =>
    `WITH a AS (SELECT * FROM raw.events${where}), b AS (SELECT *, 1 AS one FROM a) SELECT * FROM b`
  const anew = (query: string): readonly [Stage, Stage] => {
    return [{ query: `${query} WHERE id > 7` }, { query: `${query} WHERE id > 7 AND TRUE` }]
  }
  const chain = (
    above: string,
    length: number,
  ): Readonly<Record<string, readonly [Stage, Stage]>> => {
    const links = Array.from({ length }, (_, index) => `link_${index + 1}`)
    return Object.fromEntries(
      links.map((link, index) => [link, same({ query: from(links[index - 1] ?? above) })]),
    )
  }
  const pinned = (version: string): Stage => {
    return { kind: FORWARD, settings: [`physical_version '${version}'`], query: raw }
  }
  const stages: Readonly<Record<string, readonly [Stage, Stage]>> = {
    // Another text alone, but below another filter or another column.
    filtered: [{ query: `${raw} WHERE id > 7` }, { query: `${raw} WHERE id > 8` }],
    below_filtered: [{ query: from('filtered') }, reformatted({ query: from('filtered') })],
    under_filtered: same({ query: from('below_filtered') }),
    wider: [{ query: ids }, { query: wider }],
    below_wider: [{ query: from('wider', '*') }, { query: from('wider', '  *') }],
    under_wider: same({ query: from('below_wider', '*') }),
    // Forward-only, but not before, or not in the same way.
    turned: [{ query: raw }, { query: raw, kind: FORWARD }],
    below_turned: same({ query: from('turned') }),
    pinned: [pinned('1'), pinned('2')],
    below_pinned: same({ query: from('pinned') }),
    other_kind: [
      { query: raw, kind: FORWARD },
      { query: raw, kind: 'INCREMENTAL_BY_UNIQUE_KEY (unique_key id, forward_only true)' },
    ],
    below_other_kind: same({ query: from('other_kind') }),
    newly_pinned: [{ query: raw, kind: FORWARD }, pinned('1')],
    below_newly_pinned: same({ query: from('newly_pinned') }),
    // The same columns, in another order.
    swapped: [{ query: raw }, { query: swapped }],
    below_swapped: same({ query: from('swapped', '*') }),
    more_swapped: [
      { query: from('below_swapped', '*') },
      { query: from('below_swapped', '*, 1 AS z') },
    ],
    under_swapped: same({ query: from('more_swapped') }),
    // No change of data, above a model that makes SQLMesh careful; and far below another.
    told_anew: anew(raw),
    ...chain('told_anew', 12),
    careful: anew(from('link_9')),
    below_careful: same({ query: from('careful') }),
    under_unnamed: same({ query: from('below_careful') }),
    unnamed: same({ query: unnamed }),
    // A forward-only change breaks nothing, so that the other one decides.
    forward: [
      { query: `${raw} WHERE id > 7`, kind: FORWARD },
      { query: `${raw} WHERE id > 8`, kind: FORWARD },
    ],
    none: anew(from('link_10')),
    both: same({ query: joined(`${name}.forward`, `${name}.none`) }),
    // Other parents alone, which did not change.
    aside: same({ query: raw }),
    gains: [{ query: raw }, { query: raw, settings: [`depends_on (${name}.aside)`] }],
    below_gains: same({ query: from('gains') }),
    loses: [{ query: `${raw} WHERE TRUE OR id IN (SELECT id FROM ${name}.aside)` }, { query: raw }],
    below_loses: same({ query: from('loses') }),
    // No change of data, but above such a view.
    above_view: [{ query: raw }, reformatted({ query: raw })],
    view: same({ query: from('above_view'), kind: 'VIEW (materialized true)' }),
    below_view: [{ query: from('view') }, reformatted({ query: from('view') })],
    under_view: same({ query: from('below_view') }),
    // Such a view gets a new version although nothing above it runs, so that the other parent decides.
    above_idle: anew(from('link_12')),
    idle: same({ query: from('above_idle'), kind: 'VIEW (materialized true)' }),
    other: [{ query: from('above_idle') }, reformatted({ query: from('above_idle') })],
    both_idle: same({ query: joined(`${name}.idle`, `${name}.other`) }),
    // Not the same text in other words, although what is known without columns is the same.
    star: [{ query: star('amount') }, { query: star('day') }],
    below_star: same({ query: from('star') }),
    defined: [{ query: defined(7) }, { query: defined(8) }],
    below_defined: same({ query: from('defined') }),
    joins: [{ query: `${joins} ${one} ${other}` }, { query: `${joins} ${other} ${one}` }],
    below_joins: same({ query: from('joins') }),
    moved: [
      { query: `${wide('')} WHERE one > 0` },
      // There is no such column there, so that SQLMesh gives up the query.
      { query: wide(' WHERE one > 0') },
    ],
    below_moved: [{ query: from('moved', '*') }, { query: from('moved', '*, 1 AS more') }],
    under_moved: same({ query: from('below_moved') }),
  }
  const at = (position: 0 | 1): readonly Model[] =>
    Object.entries(stages).map(([own, both]) => {
      return { name: own, kind: 'FULL', settings: [], query: raw, ...both[position] }
    })
  return [at(0), at(1)]
}

function same(stage: Stage): readonly [Stage, Stage] {
  return [stage, stage]
}
