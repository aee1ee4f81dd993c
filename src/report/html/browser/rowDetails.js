// What an open row shows: facts, what it waits for and what follows, and how its file changed.

import { draw, link, make } from './elements.js'
import { children, headings, rows, STATUS } from './pageData.js'

/**
 * The row below an open one.
 *
 * @param columns how many it spans
 * @param visit opens another row
 */
export function detailsOf(index, columns, visit) {
  const row = rows[index]
  const facts = [...row.facts, ...(row.now === '' ? [] : [['In Dagster now', row.now]])]
  const links = [
    ...(row.file === null ? [] : [link('Open the file', row.file)]),
    ...(row.dagster === null ? [] : [link('Open in Dagster', row.dagster)]),
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
