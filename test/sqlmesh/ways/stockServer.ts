import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { loadEnvironment } from '../../../src/sqlmesh/environment.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

/** By fqn. */
export type Models = Readonly<
  Record<string, readonly [dataHash: string, parents: readonly string[], external: boolean]>
>
/** What stock SQLMesh says of a project: its models, or why it refuses it. */
export type Said = { readonly models: Models } | { readonly error: string }

/** Stock SQLMesh, without a new process for each load. */
export type StockServer = AsyncDisposable & {
  /** @param site a folder of what is installed besides */
  readonly load: (folders: readonly string[], site: string | null) => Promise<Said>
}

export async function stockServer(python: string): Promise<StockServer> {
  const folder = await temporaryFolder()
  const environment = {
    ...loadEnvironment(process.env, [], folder.path),
    SQLMESH__CACHE_DIR: join(folder.path, 'cache'),
    // Small projects are not worth workers. What stock says has been through the cache all the same.
    MAX_FORK_WORKERS: '1',
  }
  const script = join(import.meta.dirname, 'stock_server.py')
  const server = spawn(python, [script], {
    cwd: folder.path,
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
  let loads = 0
  return {
    async load(folders, site) {
      loads += 1
      const answer = join(folder.path, `${loads}.json`)
      server.stdin.write(`${JSON.stringify({ answer, folders, site })}\n`)
      if ((await lines.next()).done) throw new Error('the server of stock loads has ended')
      return JSON.parse(await readFile(answer, 'utf8')) as Said
    },
    async [Symbol.asyncDispose]() {
      server.kill()
      await folder[Symbol.asyncDispose]()
    },
  }
}
