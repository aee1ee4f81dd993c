import type { Side } from '../platform/failure.ts'
import { type Findings, withNotices, withVersions } from '../report/findings.ts'
import type { Notice } from '../report/model.ts'
import { aboutAbsentProjects, aboutLoad, failedToo } from '../report/words/notices.ts'
import type { Loads } from '../sqlmesh/loadBoth.ts'
import type { LoadedCommit } from './loadCommits.ts'

/** With what the loads have told besides models and assets, also where they failed. */
export function withLoads(findings: Findings, loads: Loads<LoadedCommit>): Findings {
  const { base, head } = loads.kind === 'loaded' ? loads.both : loads
  const baseFailure = loads.kind === 'failed' ? loads.baseFailure : null
  const versions = {
    base: base?.manifest?.versions.sqlmesh ?? null,
    head: head?.manifest?.versions.sqlmesh ?? null,
  }
  return withNotices(withVersions(findings, versions), [
    ...noticesOf('base', base, head),
    ...noticesOf('head', head, base),
    ...(baseFailure === null ? [] : [failedToo('base', baseFailure)]),
  ])
}

function noticesOf(side: Side, loaded: LoadedCommit | null, other: LoadedCommit | null): Notice[] {
  if (loaded === null) return []
  const { manifest, definitions } = loaded
  // What neither commit has is neither new nor removed.
  const absent = loaded.absent.filter((project) => !other?.absent.includes(project))
  return [
    ...aboutAbsentProjects(side, absent),
    ...(manifest === null ? [] : aboutLoad(side, manifest)),
    ...(definitions === null ? [] : aboutLoad(side, definitions)),
  ]
}
