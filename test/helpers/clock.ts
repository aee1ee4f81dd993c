import type { Clock } from '../../src/github/api/retry.ts'

/** A clock that only moves when somebody waits, so that minutes of retries take no time. */
export type VirtualClock = Clock & {
  /** Milliseconds since it was made. */
  readonly elapsed: () => number
  /** Ends the request that is waiting, as if its time had run out. */
  readonly expire: () => void
  /** How long each wait was, in milliseconds. */
  readonly sleeps: readonly number[]
}

/** @param random what `random` gives, in turn and for ever */
export function virtualClock(random: readonly number[] = [0.5]): VirtualClock {
  let time = 0
  let draws = 0
  let waiting: { limit: number; controller: AbortController } | null = null
  const sleeps: number[] = []
  return {
    now: () => time,
    sleep: async (milliseconds) => {
      if (!(milliseconds >= 0)) throw new Error(`waits ${milliseconds} ms`)
      sleeps.push(milliseconds)
      time += milliseconds
    },
    random: () => random[draws++ % random.length] as number,
    limit: (milliseconds) => {
      const controller = new AbortController()
      waiting = { limit: milliseconds, controller }
      return controller.signal
    },
    elapsed: () => time,
    expire: () => {
      time += waiting?.limit ?? 0
      waiting?.controller.abort(new DOMException('too slow', 'TimeoutError'))
    },
    sleeps,
  }
}
