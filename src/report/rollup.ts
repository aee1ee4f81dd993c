import { code, counted, details, stack, table, thousands } from './markdown/markdown.ts'
import type { ReportAsset } from './model.ts'
import { COSTS, cost, type Rows } from './rows.ts'
import { type GroupsSection, listedRows } from './words/sections.ts'

/** A group of assets: how many, and how many of each cost. */
type Group = { readonly count: number; readonly byCost: readonly number[] }

function groupBy(
  rows: readonly ReportAsset[],
  namesOf: (row: ReportAsset) => readonly string[],
): [string, Group][] {
  const groups = new Map<string, { count: number; byCost: number[] }>()
  for (const row of rows) {
    for (const name of new Set(namesOf(row))) {
      const group = groups.get(name) ?? { count: 0, byCost: COSTS.map(() => 0) }
      group.count += 1
      group.byCost[cost(row)] = (group.byCost[cost(row)] ?? 0) + 1
      groups.set(name, group)
    }
  }
  return [...groups].sort(([a, m], [b, n]) => n.count - m.count || (a < b ? -1 : 1))
}

const MOST_GROUPS = 20

/** Unsynced assets by what the section groups them by; null if there are none. */
export function groupsSection(section: GroupsSection, rows: Rows): string | null {
  const { heading, noun, namesOf, literal } = section
  const listed = listedRows(rows).map(({ row }) => row)
  const unsynced = listed.filter(({ status }) => status === 'unsynced')
  const groups = groupBy(unsynced, namesOf)
  if (groups.length === 0) return null
  const shown = groups.slice(0, MOST_GROUPS)
  const rest = groups.slice(MOST_GROUPS)
  const left = rest.reduce((sum, [, { count }]) => sum + count, 0)
  const nameCell = (name: string) => (literal ? (name === '' ? 'none' : code(name)) : name)
  const body = stack([
    groupTable(
      noun.replace(/^./, (first) => first.toUpperCase()),
      shown,
      nameCell,
    ),
    left === 0
      ? null
      : `${counted(rest.length, `smaller ${noun}`)} hold the other ${counted(left, 'asset')}.`,
  ])
  if (heading === null) return body
  const title = `<b>${heading}</b>: ${counted(groups.length, noun)}`
  return details(rest.length === 0 ? title : `${title}, the largest ${MOST_GROUPS} shown`, body)
}

/** Only the costs that occur have a column. */
function groupTable(
  header: string,
  groups: readonly [string, Group][],
  nameCell: (name: string) => string,
): string {
  const costs = COSTS.map((name, index) => ({ name, index })).filter(({ index }) =>
    groups.some(([, { byCost }]) => (byCost[index] ?? 0) > 0),
  )
  return table(
    [header, 'Assets', ...costs.map(({ name }) => name)],
    ['left', 'right', ...costs.map(() => 'right' as const)],
    groups.map(([name, { count, byCost }]) => [
      nameCell(name),
      thousands(count),
      ...costs.map(({ index }) => thousands(byCost[index] ?? 0)),
    ]),
  )
}
