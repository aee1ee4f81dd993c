import { cpus } from 'node:os'
import { median } from './measure.ts'
import type { Own } from './own.ts'

/** All runs of one way to do one thing. */
export type Series = {
  readonly project: string
  readonly what: string
  /** Seconds. */
  readonly walls: readonly number[]
  /** MiB. */
  readonly peaks: readonly number[]
  /** Where the time of the last run went, as the product says it. */
  readonly stages: string
}

export type Results = {
  readonly series: readonly Series[]
  /** Seconds for `import sqlmesh` alone. */
  readonly imports: readonly number[]
  readonly versions: string
  readonly repetitions: number
  readonly own: Own
}

export const wall = (series: Series) => median(series.walls)
export const seconds = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)} s`
export const times = (ratio: number) => (Number.isNaN(ratio) ? '' : `${ratio.toFixed(1)}×`)

/** Times of stock SQLMesh are of two loads in sequence: base and head. */
export const STOCK_COLD = 'stock SQLMesh, twice, without cache'
export const STOCK_WARM = 'stock SQLMesh, twice, with its cache'

/** Without the question which snapshot versions a change makes new. */
export const DAGSTERS_VERSIONS = 'with `data-version: dagster`'

/** The tables of docs/evidence/bench.md. */
export function render({ series, imports, versions, repetitions, own }: Results): string {
  const projects = [...new Set(series.map((one) => one.project))]
  return `# Results

\`npm run bench\` made this page: medians of ${repetitions} alternating ${repetitions === 1 ? 'run' : 'runs'}, on ${cpus().length} cores, with ${versions}.
A check compares two commits, so stock SQLMesh is given two loads, one after the other. Memory is the
peak of all processes together. Where assets follow a change, SQLMesh is also asked which snapshot versions
the change makes new, unless data versions are said to be Dagster's own (${DAGSTERS_VERSIONS}). \`import sqlmesh\` alone takes ${seconds(median(imports))}.

${projects
  .map((project) =>
    table(
      project,
      series.filter((one) => one.project === project),
    ),
  )
  .join('\n\n')}

${growth(series)}

${targets(series, median(imports))}

## Without SQLMesh

| | median | aim |
| --- | ---: | ---: |
| start of the terminal's bundle (\`--help\`) | ${seconds(own.start)} | 0.3 s |
| rendering the comment of 2,000 assets | ${seconds(own.rendering)} | 0.2 s |

What git takes is said in the tables above, where the time went; the aim was 0.5 s with 10,000 files.
`
}

function table(project: string, series: readonly Series[]): string {
  const stock = series.find((one) => one.what === STOCK_COLD)
  const rows = series.map((one) => {
    const ratio = stock === undefined || one === stock ? Number.NaN : wall(stock) / wall(one)
    const peak = Math.max(...one.peaks)
    return `| ${one.what} | ${seconds(wall(one))} | ${times(ratio)} | ${peak.toFixed(0)} MiB | ${one.stages} |`
  })
  return [
    `## ${project}`,
    '',
    '| | median | faster than stock without cache | memory | where the time went |',
    '| --- | ---: | ---: | ---: | --- |',
    ...rows,
  ].join('\n')
}

/** The exponent of growth from the smallest to the largest of the narrow projects. */
function growth(series: readonly Series[]): string {
  const lines = ['a macro', '1 SQL file'].flatMap((what) => {
    const sized = series
      .filter((one) => one.what === what && one.project.endsWith('narrow SQL models'))
      .map((one) => ({ size: Number.parseInt(one.project, 10), wall: wall(one) }))
      .sort((a, b) => a.size - b.size)
    const [first, last] = [sized[0], sized.at(-1)]
    if (first === undefined || last === undefined || first.size === last.size) return []
    const exponent = Math.log(last.wall / first.wall) / Math.log(last.size / first.size)
    return [`- ${what}: ${exponent.toFixed(2)} (${first.size} to ${last.size} models)`]
  })
  return lines.length === 0 ? '' : ['## Growth', '', '1 would be linear.', '', ...lines].join('\n')
}

/** What was aimed at on 1,000 wide models, and what was reached. */
function targets(all: readonly Series[], oneImport: number): string {
  const series = all.filter((one) => one.project === '1000 wide SQL models')
  const stock = series.find((one) => one.what === STOCK_COLD)
  if (stock === undefined) return ''
  const aims: readonly (readonly [string, number])[] = [
    ['nothing changed', 150],
    ['documentation only', 150],
    ['1 SQL file', 25],
    ['50 SQL files', 25],
    [`50 SQL files, ${DAGSTERS_VERSIONS}`, 25],
    ['a seed', 25],
    ['a macro', 7],
    [`a macro, ${DAGSTERS_VERSIONS}`, 7],
    ['the configuration', 7],
  ]
  const rows = aims.flatMap(([what, aim]) => {
    const one = series.find((candidate) => candidate.what === what)
    if (one === undefined) return []
    const ratio = wall(stock) / wall(one)
    return [`| ${what} | ${aim}× | ${times(ratio)} | ${ratio >= aim ? 'yes' : 'no'} |`]
  })
  const sql = series.find((one) => one.what === '1 SQL file')
  const imports =
    sql === undefined
      ? ''
      : `\n\nOne SQL file takes ${times(wall(sql) / (2 * oneImport))} of two bare \`import sqlmesh\` in sequence; the aim was 2×.`
  return [
    '## Aims, on 1,000 wide models',
    '',
    '| | aim | reached | |',
    '| --- | ---: | ---: | --- |',
    ...rows,
  ]
    .join('\n')
    .concat(imports)
}
