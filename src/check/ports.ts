import type { Comparison } from '../git/comparison.ts'
import type { Printed } from '../interpreter/askProcess.ts'
import type { Stage } from '../platform/progress.ts'
import type { Isolation } from '../sandbox/sandbox.ts'

/** What an entry lends to a check. */
export type Ports = {
  /** A folder inside the user's checkout. */
  readonly folder: string
  /** Where private folders are made. */
  readonly temporary: string
  /** Environment that the loads' own is chosen from. */
  readonly environment: NodeJS.ProcessEnv
  /** Which commits to compare, given the one that is checked out. */
  readonly choose: (checkedOut: string) => Comparison
  /** Shows that a stage of work is under way. */
  readonly stage: Stage
  /** Is told how loads are kept to themselves, before the first. */
  readonly onIsolation: (isolation: Isolation) => void
  /**
   * Gets the last part of what a load or an installation printed, if it failed. Not to be trusted.
   *
   * @param what what printed it: `loading base`
   */
  readonly onPrinted: (what: string, printed: Printed) => void
}
