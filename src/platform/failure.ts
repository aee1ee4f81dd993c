/** Where a run stopped: one of the two commits' loads, or neither. */
export type Side = 'base' | 'head'

/**
 * Why no comparison could be made. Codes are part of the JSON report, so they stay stable.
 *
 * - `refused-event`: this event must not load the pull request's code
 * - `config`: an input or the runner's environment is wrong
 * - `git`: a commit or its files could not be had
 * - `submodule`: the project may load files of a submodule that the clone does not have
 * - `environment`: no Python that imports SQLMesh
 * - `install-failed`: the input `install` did not make an environment
 * - `load-failed`: SQLMesh did not load the project
 * - `timeout`: the load or the installation took longer than `timeout`
 * - `protocol`: the load ended without a usable answer
 * - `versions-differ`: base and head pin different versions, and one Python would load both
 * - `isolation`: loads have to be isolated, and cannot be
 * - `report`: an earlier job's report cannot be used
 * - `internal`: a defect of this action
 */
export type FailureCode =
  | 'refused-event'
  | 'config'
  | 'git'
  | 'submodule'
  | 'environment'
  | 'install-failed'
  | 'load-failed'
  | 'timeout'
  | 'protocol'
  | 'versions-differ'
  | 'isolation'
  | 'report'
  | 'internal'

/** "Could not tell", with what a reader needs in order to act. Always ends in a red check. */
export class Failure extends Error {
  readonly code: FailureCode
  readonly side: Side | null
  readonly hint: string | null
  /** File inside the repository that the error points at, with forward slashes. */
  readonly file: string | null

  /** @param hint what to do next, one or two sentences */
  constructor(
    code: FailureCode,
    message: string,
    options: { side?: Side; hint?: string; file?: string | null; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'Failure'
    this.code = code
    this.side = options.side ?? null
    this.hint = options.hint ?? null
    this.file = options.file ?? null
  }
}

/** Any thrown thing as a Failure; what is not one already is a defect of ours and says so. */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new Failure('internal', message, {
    hint: 'This is a defect of the action. Please report it with the log of this run.',
    cause: thrown,
  })
}
