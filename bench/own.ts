import { join } from 'node:path'
import { renderComment } from '../src/report/markdown/commentBody.ts'
import type { Presentation } from '../src/report/presentation.ts'
import { PRESENTATIONS } from '../test/fixtures/presentations.ts'
import { measure, median } from './measure.ts'

/** What the product itself takes, without SQLMesh. */
export type Own = {
  /** Seconds until the terminal's bundle has printed its help. */
  readonly start: number
  /** Seconds to render the comment of 2,000 assets, in a process that has rendered others. */
  readonly rendering: number
}

const TIMES = 9

export async function measureOwn(folder: string): Promise<Own> {
  const starts: number[] = []
  const renderings: number[] = []
  const { 'two-thousand': large } = PRESENTATIONS as Record<string, Presentation>
  for (let time = 0; time < TIMES; time += 1) {
    const command = [process.execPath, join(folder, 'now', 'dist', 'cli.js'), '--help']
    starts.push((await measure(command, { cwd: folder, env: {} })).wall)
    const from = performance.now()
    renderComment(large as Presentation)
    renderings.push((performance.now() - from) / 1000)
  }
  return { start: median(starts), rendering: median(renderings) }
}
