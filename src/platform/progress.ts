/** What a stage's time is booked on, in the order of the last line of a run. */
export const TOPICS = ['git', 'Python', 'base', 'head', 'Dagster', 'GitHub'] as const

export type Topic = (typeof TOPICS)[number]

/**
 * Runs one stage of work and shows that it is under way.
 *
 * @param work gets a function that says how far it is, e.g. `340 of 1,000`
 */
export type Stage = <T>(
  topic: Topic,
  name: string,
  work: (tell: (detail: string) => void) => Promise<T>,
) => Promise<T>

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 100
/** In a log that only grows, silence for longer than this looks like a hang. */
const HEARTBEAT_MS = 10_000

/** One line that is redrawn while a stage runs, and gone when it is done. For terminals. */
export function liveProgress(write: (text: string) => void): Stage {
  return async (_, name, work) => {
    const started = performance.now()
    let frame = 0
    let detail = ''
    const draw = () => {
      write(`\r\u001b[K${FRAMES[frame++ % FRAMES.length]} ${name}${detail} ${since(started)}`)
    }
    const timer = setInterval(draw, FRAME_MS)
    draw()
    try {
      return await work((text) => {
        detail = `: ${text}`
      })
    } finally {
      clearInterval(timer)
      write('\r\u001b[K')
    }
  }
}

/** One line when a stage ends, and one now and then while it runs. For logs. */
export function plainProgress(writeLine: (text: string) => void): Stage {
  return async (_, name, work) => {
    const started = performance.now()
    let detail = 'still at it'
    const timer = setInterval(() => {
      writeLine(`${name}: ${detail} after ${since(started)}`)
    }, HEARTBEAT_MS)
    let end = 'failed after '
    try {
      const result = await work((text) => {
        detail = text
      })
      end = ''
      return result
    } finally {
      clearInterval(timer)
      writeLine(`${name}: ${end}${since(started)}`)
    }
  }
}

/** A stage that also keeps the time, and where the time went: `git 0.2 s · base 3.1 s`. */
export function timed(stage: Stage): { readonly stage: Stage; readonly summary: () => string } {
  const spent = new Map<Topic, number>()
  return {
    stage: async (topic, name, work) => {
      const started = performance.now()
      try {
        return await stage(topic, name, work)
      } finally {
        spent.set(topic, (spent.get(topic) ?? 0) + performance.now() - started)
      }
    },
    summary: () =>
      TOPICS.filter((topic) => spent.has(topic))
        .map((topic) => `${topic} ${seconds(spent.get(topic) ?? 0)}`)
        .join(' · '),
  }
}

function since(started: number): string {
  return seconds(performance.now() - started)
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
