import { code, counted, details, stack, table, thousands } from './markdown/markdown.ts'
import type { ReportAsset } from './model.ts'
import { keyText } from './presentation.ts'
import { COSTS, cost, type Rows } from './rows.ts'
import { causeLabel } from './words/causes.ts'

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

/** Unsynced assets by cause, for a document with no room for every asset; null if there are none. */
export function causesTable(rows: Rows): string | null {
  const groups = groupBy(unsyncedRows(rows), (row) => [
    ...row.causes.map(({ kind }) => causeLabel(kind)),
    ...(row.reasons.includes('dependencies') ? ['dependencies'] : []),
  ])
  return groups.length === 0 ? null : groupTable('Cause', groups, (name) => name)
}

function unsyncedRows({ changed, upgraded, first }: Rows): readonly ReportAsset[] {
  return [...changed, ...upgraded, ...first]
}

const MOST_SCHEMAS = 20

/** Unsynced assets by what their keys begin with; null if there are none. */
export function schemasSection(rows: Rows): string | null {
  const groups = groupBy(unsyncedRows(rows), ({ key }) => [keyText(key.slice(0, -1))])
  if (groups.length === 0) return null
  const shown = groups.slice(0, MOST_SCHEMAS)
  const rest = groups.slice(MOST_SCHEMAS)
  const left = rest.reduce((sum, [, { count }]) => sum + count, 0)
  const title = `<b>By schema</b>: ${counted(groups.length, 'schema')}`
  return details(
    rest.length === 0 ? title : `${title}, the largest ${MOST_SCHEMAS} shown`,
    stack([
      groupTable('Schema', shown, (name) => (name === '' ? 'none' : code(name))),
      left === 0
        ? null
        : `${counted(rest.length, 'smaller schema')} hold the other ${counted(left, 'asset')}.`,
    ]),
  )
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
