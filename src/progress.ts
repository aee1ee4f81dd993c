/** Runs one stage of work and shows that it is under way. */
export type Stage = <T>(name: string, work: () => Promise<T>) => Promise<T>

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 100
/** In a log that only grows, silence for longer than this looks like a hang. */
const HEARTBEAT_MS = 30_000

/** One line that is redrawn while a stage runs, and gone when it is done. For terminals. */
export function liveProgress(write: (text: string) => void): Stage {
  return async (name, work) => {
    const started = performance.now()
    let frame = 0
    const draw = () => {
      write(`\r\u001b[K${FRAMES[frame++ % FRAMES.length]} ${name} ${seconds(started)}`)
    }
    const timer = setInterval(draw, FRAME_MS)
    draw()
    try {
      return await work()
    } finally {
      clearInterval(timer)
      write('\r\u001b[K')
    }
  }
}

/** One line when a stage ends, and one now and then while it runs. For logs. */
export function plainProgress(writeLine: (text: string) => void): Stage {
  return async (name, work) => {
    const started = performance.now()
    const timer = setInterval(() => {
      writeLine(`${name}: still at it after ${seconds(started)}`)
    }, HEARTBEAT_MS)
    let end = 'failed after '
    try {
      const result = await work()
      end = ''
      return result
    } finally {
      clearInterval(timer)
      writeLine(`${name}: ${end}${seconds(started)}`)
    }
  }
}

function seconds(started: number): string {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`
}
