import type { Side } from '../platform/failure.ts'
import type { Notice } from './model.ts'
import type { Subject } from './report.ts'

/** What is known so far, so that a failure can still say it. */
export type Known = { subject: Subject; notices: Notice[] }

/** Before anything is known. */
export function unknownSubject(project: string): Subject {
  return {
    base: { sha: null, ref: null },
    head: { sha: null, ref: null },
    project,
    sqlmesh: { base: null, head: null },
    integration: { name: null, version: null, wired: 'unknown' },
  }
}

/** Once the commits are resolved. */
export function withCommits(
  subject: Subject,
  commits: { base: string; head: string },
  refs: { readonly baseRef: string | null; readonly headRef: string | null },
): Subject {
  return {
    ...subject,
    base: { sha: commits.base, ref: refs.baseRef },
    head: { sha: commits.head, ref: refs.headRef },
  }
}

/** Once one commit is loaded. */
export function withVersion(subject: Subject, side: Side, sqlmesh: string): Subject {
  return { ...subject, sqlmesh: { ...subject.sqlmesh, [side]: sqlmesh } }
}
