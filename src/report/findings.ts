import type { Comparison } from '../git/comparison.ts'
import type { Side } from '../platform/failure.ts'
import type { Notice, Report } from './model.ts'

/** What is known of a run whether or not the comparison succeeds. */
export type Subject = Pick<Report, 'base' | 'head' | 'project' | 'sqlmesh' | 'integration'>

/** What a run has found out so far, besides the rows: it stands in the report also if the run then fails. */
export type Findings = { readonly subject: Subject; readonly notices: readonly Notice[] }

/** Before anything is known. */
export function nothingFound(project: string): Findings {
  const subject: Subject = {
    base: { sha: null, ref: null },
    head: { sha: null, ref: null },
    project,
    sqlmesh: { base: null, head: null },
    integration: { name: null, version: null, wired: 'unknown' },
  }
  return { subject, notices: [] }
}

/** With more notices, after those that are there. */
export function withNotices(findings: Findings, notices: readonly Notice[]): Findings {
  return { ...findings, notices: [...findings.notices, ...notices] }
}

/** Once the commits are resolved. */
export function withCommits(
  { subject, notices }: Findings,
  commits: Readonly<Record<Side, string>>,
  { baseRef, headRef }: Pick<Comparison, 'baseRef' | 'headRef'>,
): Findings {
  const base = { sha: commits.base, ref: baseRef }
  const head = { sha: commits.head, ref: headRef }
  return { subject: { ...subject, base, head }, notices }
}

/** Once it is known which SQLMesh has loaded a commit; null = none. */
export function withVersions(
  { subject, notices }: Findings,
  sqlmesh: Subject['sqlmesh'],
): Findings {
  return { subject: { ...subject, sqlmesh }, notices }
}

/** Once it is known what makes the assets. */
export function withIntegration(
  { subject, notices }: Findings,
  integration: Subject['integration'],
): Findings {
  return { subject: { ...subject, integration }, notices }
}
