import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A script that answers one question after the other: a line each, the answer in a file. */
export type LineServer = Disposable & {
  readonly ask: (question: object) => Promise<unknown>
}

/** @param folder where it runs and leaves its answers */
export function lineServer(
  command: readonly [python: string, ...words: string[]],
  folder: string,
  environment: NodeJS.ProcessEnv,
): LineServer {
  const [python, ...words] = command
  const server = spawn(python, words, {
    cwd: folder,
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
  let asked = 0
  return {
    async ask(question) {
      asked += 1
      const answer = join(folder, `${asked}.json`)
      server.stdin.write(`${JSON.stringify({ answer, ...question })}\n`)
      if ((await lines.next()).done) throw new Error(`${words[0]} has ended`)
      return JSON.parse(await readFile(answer, 'utf8'))
    },
    [Symbol.dispose]: () => {
      server.kill()
    },
  }
}
