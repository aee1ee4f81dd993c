import { cpus } from 'node:os'
import { type Results, type Series, STOCK_COLD, seconds, times, wall } from './results.ts'

/** How a run of an earlier commit's product is called. */
export const earlier = (what: string, commit: string) => `${what}, ${commit}`

/** The page of `--against`: what each row took at earlier commits, and takes now. */
export function renderAgainst(
  commits: readonly string[],
  { series, versions, repetitions }: Results,
): string {
  const projects = [...new Set(series.map(({ project }) => project))]
  const of = (name: string) => series.filter(({ project }) => project === name)
  const runs = repetitions === 1 ? 'run' : 'runs'
  return `# Against earlier commits

\`npm run bench -- --against ${commits.join(',')}\` made this page: medians of ${repetitions} alternating ${runs} of the product as
these commits have it in dist/, and as it is now, on ${cpus().length} cores, with ${versions}.

${projects.map((project) => table(project, of(project), commits)).join('\n\n')}
`
}

function table(project: string, series: readonly Series[], commits: readonly string[]): string {
  const stock = series.find(({ what }) => what === STOCK_COLD)
  const rows = series.flatMap((now) => {
    const before = commits.map((commit) =>
      series.find(({ what }) => what === earlier(now.what, commit)),
    )
    if (before.includes(undefined)) return []
    const all = [...before, now] as Series[]
    const faster = stock === undefined ? '' : times(wall(stock) / wall(now))
    const memory = `${Math.max(...now.peaks).toFixed(0)} MiB`
    return [
      `| ${[now.what, ...all.map((one) => seconds(wall(one))), faster, memory].join(' | ')} |`,
    ]
  })
  return [
    `## ${project}`,
    '',
    ...(stock === undefined ? [] : [`${STOCK_COLD}: ${seconds(wall(stock))}.`, '']),
    `| | ${commits.join(' | ')} | now | faster than stock | memory |`,
    `| --- |${' ---: |'.repeat(commits.length + 3)}`,
    ...rows,
  ].join('\n')
}
