import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Closed } from '../../src/scope/askClosed.ts'
import { useOf } from '../../src/scope/fileRoles.ts'

const SERVE = join(import.meta.dirname, '..', 'scope', 'closed_serve.py')

/** Says what the product says of commits with these files, whose project is `warehouse`. */
export type ClosedServer = AsyncDisposable & {
  readonly ask: (files: Readonly<Record<string, string>>) => Promise<Closed>
}

/** Starts closed/entry.py once for many questions. */
export function closedServer(): ClosedServer {
  const child = spawn('python3', ['-B', SERVE], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    async ask(given) {
      const projects = ['warehouse']
      const all = { 'warehouse/config.yaml': 'gateways: {}\n', ...given }
      const used = Object.entries(all).flatMap(([path, text]) => {
        const use = useOf(path, projects)
        return use === null ? [] : [{ file: [path, use], text }]
      })
      const files = used.map(({ file }) => file)
      const texts = used.map(({ text }) => text)
      const question = { starts: ['warehouse/'], links: ['data/link'], files, texts }
      child.stdin.write(`${JSON.stringify(question)}\n`)
      const { value } = await answers.next()
      return JSON.parse(value as string)
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await once(child, 'close')
    },
  }
}
