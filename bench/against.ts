import { cpus } from 'node:os'
import { median } from './measure.ts'
import type { Results, Series } from './results.ts'

/** How a run of the other commit's product is called. */
export const before = (what: string) => `${what}, before`

/** The page of `--against`: what each row took before, and takes now. */
export function renderAgainst(commit: string, { series, versions, repetitions }: Results): string {
  const projects = [...new Set(series.map(({ project }) => project))]
  const of = (name: string) => series.filter(({ project }) => project === name)
  const runs = repetitions === 1 ? 'run' : 'runs'
  return `# Against an earlier commit

\`npm run bench -- --against ${commit}\` made this page: medians of ${repetitions} alternating ${runs} of the product as
that commit has it in dist/, and as it is now, on ${cpus().length} cores, with ${versions}.

${projects.map((project) => table(project, of(project))).join('\n\n')}
`
}

function table(project: string, series: readonly Series[]): string {
  const rows = series.flatMap((now) => {
    const earlier = series.find(({ what }) => what === before(now.what))
    if (earlier === undefined) return []
    const [was, is] = [median(earlier.walls), median(now.walls)]
    const memory = [earlier, now].map(({ peaks }) => `${Math.max(...peaks).toFixed(0)} MiB`)
    return [
      `| ${now.what} | ${was.toFixed(2)} s | ${is.toFixed(2)} s | ${(is / was).toFixed(2)}× | ${memory.join(' | ')} |`,
    ]
  })
  return [
    `## ${project}`,
    '',
    '| | before | now | now takes | memory before | now |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n')
}
