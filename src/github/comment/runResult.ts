import type { Outcome } from '../../check/check.ts'
import type { Request } from '../../inputs/request.ts'
import type { Isolation } from '../../sandbox/sandbox.ts'
import type { PullRequest } from '../pullRequest.ts'
import type { Runner } from '../runner.ts'

/** What a run found, before anybody's acceptance is looked at. */
export type RunResult = {
  /** One a project; never empty. */
  readonly outcomes: readonly Outcome[]
  /** null when the inputs were wrong. */
  readonly request: Request | null
  readonly runner: Runner
  readonly pullRequest: PullRequest | null
  /** null when nothing was loaded. */
  readonly isolation: Isolation | null
}
