var __webpack_exports__ = {};

;// CONCATENATED MODULE: ./src/report/html/browser/elements.js
// Elements of the page. All text goes into them as text: no markup is ever made from it.

/** An element with attributes and children; a string becomes text. */
function make(name, attributes = {}, ...content) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null) continue
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
    else element.setAttribute(key, value)
  }
  element.append(...content)
  return element
}

/** The same in a drawing. */
function draw(name, attributes, ...content) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...content)
  return element
}

/** Text alone where the address is none of the web. */
function elements_link(text, url) {
  if (!/^https?:\/\//.test(url)) return text
  return make('a', { href: url, rel: 'noopener noreferrer', target: '_blank' }, text)
}

;// CONCATENATED MODULE: ./src/report/html/browser/pageData.js
// What htmlReport.ts hands over, and what follows from it.

const data = JSON.parse(document.getElementById('data').textContent)
const { statuses: STATUS, headings, projects, rows } = data
const ORDER = Object.keys(STATUS)
/** Rows that wait for each. */
const children = rows.map(() => [])
rows.forEach((row, index) => {
  for (const parent of row.parents) children[parent].push(index)
})
/** What is searched of each. */
const texts = rows.map((row) =>
  [row.key, row.kind, row.now, ...row.why, ...row.facts.map((fact) => fact[1])]
    .join('\n')
    .toLowerCase(),
)

;// CONCATENATED MODULE: ./src/report/html/browser/rowDetails.js
// What an open row shows: facts, what it waits for and what follows, and how its file changed.




/**
 * The row below an open one.
 *
 * @param columns how many it spans
 * @param visit opens another row
 */
function detailsOf(index, columns, visit) {
  const row = rows[index]
  const facts = [...row.facts, ...(row.now === '' ? [] : [['In Dagster now', row.now]])]
  const links = [
    ...(row.file === null ? [] : [elements_link('Open the file', row.file)]),
    ...(row.dagster === null ? [] : [elements_link('Open in Dagster', row.dagster)]),
  ]
  const family = row.parents.length + children[index].length > 0
  return make(
    'tr',
    { class: 'more' },
    make(
      'td',
      { colspan: String(columns) },
      make(
        'dl',
        {},
        ...facts.flatMap(([term, text]) => [make('dt', {}, term), make('dd', {}, text)]),
      ),
      make('div', { class: 'links' }, ...links),
      ...(family ? [make('h2', {}, headings.lineage), lineage(index, visit)] : []),
      ...(row.diff.length > 0 ? [make('h2', {}, headings.texts), diff(row.diff)] : []),
    ),
  )
}

function diff(lines) {
  const kind = { '+': 'plus', '-': 'minus' }
  const parts = lines.map((line) => make('span', { class: kind[line[0]] ?? 'same' }, line))
  return make('pre', { tabindex: '0', 'aria-label': 'Difference of the file' }, ...parts)
}

const MOST_IN_COLUMN = 12
const HOPS = 3
const [WIDTH, HEIGHT, GAP_X, GAP_Y] = [230, 28, 60, 10]

/** Nodes by their distance from one: what it waits for on the left, what follows on the right. */
function columnsAround(index) {
  const seen = new Set([index])
  const walk = (next) => {
    const columns = []
    let edge = [index]
    for (let hop = 0; hop < HOPS; hop++) {
      const found = [...new Set(edge.flatMap((from) => next(from)))].filter((to) => !seen.has(to))
      if (found.length === 0) break
      for (const to of found) seen.add(to)
      columns.push(found)
      edge = found
    }
    return columns
  }
  const before = walk((from) => rows[from].parents)
  const after = walk((from) => children[from])
  return [...before.reverse(), [index], ...after]
}

function lineage(index, visit) {
  const columns = columnsAround(index)
  const tallest = Math.max(...columns.map((column) => Math.min(column.length, MOST_IN_COLUMN + 1)))
  const height = tallest * (HEIGHT + GAP_Y) + GAP_Y
  const places = new Map()
  const parts = []
  columns.forEach((column, at) => {
    const some = column.slice(0, MOST_IN_COLUMN)
    const left = column.length - some.length
    const count = some.length + (left > 0 ? 1 : 0)
    const top = (height - count * (HEIGHT + GAP_Y) + GAP_Y) / 2
    const x = GAP_Y + at * (WIDTH + GAP_X)
    for (const [nth, node] of some.entries()) {
      places.set(node, { x, y: top + nth * (HEIGHT + GAP_Y) })
    }
    if (left > 0) {
      const y = top + some.length * (HEIGHT + GAP_Y) + HEIGHT / 2 + 4
      parts.push(draw('text', { x: x + 8, y }, `and ${left} more`))
    }
  })
  const edges = [...places].flatMap(([node, to]) =>
    rows[node].parents.flatMap((parent) => {
      const from = places.get(parent)
      if (from === undefined) return []
      const [x1, y1, x2, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2]
      const middle = (x1 + x2) / 2
      return [
        draw('path', {
          class: 'edge',
          d: `M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`,
        }),
      ]
    }),
  )
  const nodes = [...places].map(([node, place]) => nodeOf(node, place, node === index, visit))
  const width = GAP_Y * 2 + columns.length * (WIDTH + GAP_X) - GAP_X
  const drawing = draw(
    'svg',
    { width, height, viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': 'Lineage' },
    ...edges,
    ...nodes,
    ...parts,
  )
  return make('div', { class: 'lineage' }, drawing)
}

function nodeOf(node, { x, y }, here, visit) {
  const row = rows[node]
  const name = row.key.split('/').slice(-2).join('/')
  const label = name.length > 29 ? `…${name.slice(-28)}` : name
  const element = draw(
    'g',
    {
      class: `node ${row.status}${here ? ' here' : ''}`,
      transform: `translate(${x} ${y})`,
      tabindex: '0',
      role: 'button',
      'aria-label': `${row.key}, ${STATUS[row.status]}`,
    },
    draw('title', {}, `${row.key}\n${STATUS[row.status]}`),
    draw('rect', { width: WIDTH, height: HEIGHT }),
    draw('text', { x: 8, y: HEIGHT / 2 + 4 }, label),
  )
  const go = () => visit(node)
  element.addEventListener('click', go)
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return
    event.preventDefault()
    go()
  })
  return element
}

;// CONCATENATED MODULE: ./src/report/html/browser/page.js
// The script of the page: what is searched, filtered and sorted, and the rows that are shown of it. It
// runs in a browser, alone: scripts/build.mjs bundles it with what it imports, htmlReport.ts puts it there.





const STEP = 200
const state = { search: '', status: '', kind: '', cause: '', project: '', sort: '', down: false }
let shown = STEP
let page_open = null

function projectPart(project) {
  const notices = project.notices.map(({ level, text }) =>
    make('p', { class: `notice ${level}` }, text),
  )
  const steps = project.steps.map(({ text, commands }) =>
    make('li', {}, text, ...commands.map((command) => make('pre', { tabindex: '0' }, command))),
  )
  const [first = '', ...more] = project.sentences
  const name = project.name === '' ? '' : ` · ${project.name}`
  return make(
    'section',
    { class: 'project' },
    make('h1', {}, `Unsynced${name} · ${project.state}`),
    make('p', {}, make('strong', {}, first)),
    ...more.map((sentence) => make('p', {}, sentence)),
    ...notices,
    ...(steps.length === 0
      ? []
      : [make('details', {}, make('summary', {}, headings.steps), make('ol', {}, ...steps))]),
    make('p', { class: 'soft' }, project.compared),
  )
}

function optionsOf(values, all) {
  const counts = new Map()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  return [
    make('option', { value: '' }, all),
    ...sorted.map(([value, count]) => {
      return make('option', { value }, `${STATUS[value] ?? value} (${count})`)
    }),
  ]
}

function chooser(name, label, values) {
  const change = (event) => {
    state[name] = event.target.value
    refresh()
  }
  return make(
    'label',
    {},
    label,
    make('select', { id: name, onchange: change }, ...optionsOf(values, 'all')),
  )
}

const search = make('input', {
  id: 'search',
  type: 'search',
  placeholder: 'name, cause, file …  ( / )',
  oninput: (event) => {
    state.search = event.target.value.toLowerCase()
    refresh()
  },
})
const count = make('p', { class: 'soft', role: 'status', id: 'count' })
const tools = make(
  'div',
  { class: 'tools', role: 'search' },
  make('label', { class: 'wide' }, 'Search', search),
  chooser(
    'status',
    'Status',
    rows.map((row) => row.status),
  ),
  chooser(
    'cause',
    'Cause',
    rows.flatMap((row) => row.causes),
  ),
  chooser(
    'kind',
    'Kind',
    rows.map((row) => row.kind),
  ),
  ...(projects.length > 1
    ? [
        chooser(
          'project',
          'Project',
          rows.map((row) => row.project),
        ),
      ]
    : []),
  make('button', { type: 'button', id: 'clear', onclick: clear }, 'Clear'),
)

const hasNow = rows.some((row) => row.now !== '')
const COLUMNS = [
  ['key', 'Asset', (row) => row.key, 'key'],
  ['status', 'Status', (row) => ORDER.indexOf(row.status), 'status'],
  ['kind', 'Kind', (row) => row.kind, 'kind'],
  ['why', 'Why', (row) => row.why.join('\n'), ''],
  ...(hasNow ? [['now', 'In Dagster now', (row) => row.now, 'now']] : []),
  ['knockOn', 'Knock-on', (row) => row.knockOn, 'number'],
]
const heads = COLUMNS.map(([id, title, , kind]) => {
  const sort = () => {
    state.down = state.sort === id ? !state.down : id === 'knockOn'
    state.sort = id
    refresh()
  }
  return make(
    'th',
    { scope: 'col', class: kind },
    make('button', { type: 'button', id: `sort-${id}`, onclick: sort }, title),
  )
})
const body = make('tbody')
const table = make('table', {}, make('thead', {}, make('tr', {}, ...heads)), body)
const rest = make('div', { class: 'end' })

function clear() {
  for (const name of ['search', 'status', 'kind', 'cause', 'project']) {
    state[name] = ''
    const control = document.getElementById(name)
    if (control !== null) control.value = ''
  }
  refresh()
  search.focus()
}

function matching() {
  const words = state.search.split(/\s+/).filter((word) => word !== '')
  const found = [...rows.keys()].filter((index) => {
    const row = rows[index]
    return (
      (state.status === '' || row.status === state.status) &&
      (state.kind === '' || row.kind === state.kind) &&
      (state.cause === '' || row.causes.includes(state.cause)) &&
      (state.project === '' || row.project === state.project) &&
      words.every((word) => texts[index].includes(word))
    )
  })
  const by = COLUMNS.find(([id]) => id === state.sort)?.[2]
  if (by === undefined) return found
  const sign = state.down ? -1 : 1
  const values = new Map(found.map((index) => [index, by(rows[index])]))
  return found.sort((a, b) => {
    const [one, other] = [values.get(a), values.get(b)]
    return one === other ? a - b : one < other ? -sign : sign
  })
}

function refresh(keep = false) {
  if (!keep) shown = STEP
  const found = matching()
  const some = found.slice(0, shown)
  body.replaceChildren(...some.flatMap((index) => rowsOf(index)))
  heads.forEach((head, index) => {
    const sorted = COLUMNS[index][0] === state.sort
    if (sorted) head.setAttribute('aria-sort', state.down ? 'descending' : 'ascending')
    else head.removeAttribute('aria-sort')
  })
  count.textContent = `${found.length} of ${rows.length} assets`
  const left = found.length - some.length
  const more = (text, amount) => {
    const show = () => {
      shown += amount
      refresh(true)
    }
    return make('button', { type: 'button', onclick: show }, text)
  }
  rest.replaceChildren(
    ...(left > 0
      ? [more(`Show ${Math.min(STEP, left)} more`, STEP), more(`Show all ${left}`, left)]
      : []),
  )
}

function rowsOf(index) {
  const row = rows[index]
  const toggle = () => {
    page_open = page_open === index ? null : index
    refresh(true)
    document.getElementById(`row-${index}`)?.focus()
  }
  const isOpen = page_open === index
  const name = make(
    'button',
    {
      type: 'button',
      class: 'key',
      id: `row-${index}`,
      'aria-expanded': String(isOpen),
      onclick: toggle,
    },
    row.key,
  )
  const cells = {
    key: [name],
    status: [make('span', { class: `status ${row.status}` }, STATUS[row.status])],
    kind: [row.kind],
    why: row.why.map((text) => make('div', {}, text)),
    now: [row.now],
    knockOn: [String(row.knockOn)],
  }
  const line = make(
    'tr',
    { class: isOpen ? 'open' : null },
    ...COLUMNS.map(([id, , , kind]) => make('td', { class: kind }, ...cells[id])),
  )
  return isOpen ? [line, detailsOf(index, COLUMNS.length, visit)] : [line]
}

/** Opens another asset, whatever the filters hide. */
function visit(index) {
  page_open = index
  if (!matching().includes(index)) clear()
  shown = Math.max(shown, matching().indexOf(index) + 1)
  refresh(true)
  const target = document.getElementById(`row-${index}`)
  target?.focus()
  target?.scrollIntoView({ block: 'center' })
}

document.addEventListener('keydown', (event) => {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? '')
  if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault()
    search.focus()
  }
})
document.title = `Unsynced · ${projects.map((project) => project.name).join(', ')}`
document
  .getElementById('page')
  .replaceChildren(
    ...projects.map(projectPart),
    ...(rows.length === 0 ? [] : [tools, count, table, rest]),
  )
refresh()
document.documentElement.dataset.ready = 'yes'

