// The script of the page: what is searched, filtered and sorted, and the rows that are shown of it. It
// runs in a browser, alone: scripts/build.mjs bundles it with what it imports, htmlReport.ts puts it there.

import { make } from './elements.js'
import { headings, ORDER, projects, rows, STATUS, texts } from './pageData.js'
import { detailsOf } from './rowDetails.js'

const STEP = 200
const state = { search: '', status: '', kind: '', cause: '', project: '', sort: '', down: false }
let shown = STEP
let open = null

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
    open = open === index ? null : index
    refresh(true)
    document.getElementById(`row-${index}`)?.focus()
  }
  const isOpen = open === index
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
  open = index
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
