import type { DagsterServer } from '../dagster/live/dagsterServer.ts'
import { readLive } from '../dagster/live/readLive.ts'
import type { Report } from '../report/model.ts'
import { liveWanted, withLive } from '../report/withLive.ts'

/**
 * Adds to reports what a running Dagster says of their assets. A report stands without it: whatever
 * goes wrong is a notice in it.
 */
export async function addLive(
  reports: readonly Report[],
  server: DagsterServer,
): Promise<readonly Report[]> {
  const live = await readLive(reports.flatMap(liveWanted), server)
  return reports.map((report) => withLive(report, live, server))
}
