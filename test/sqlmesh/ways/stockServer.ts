import { join } from 'node:path'
import { loadEnvironment } from '../../../src/sqlmesh/loadEnvironment.ts'
import { lineServer } from '../../helpers/lineServer.ts'
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
  const server = lineServer([python, script], folder.path, environment)
  return {
    load: async (folders, site) => (await server.ask({ folders, site })) as Said,
    async [Symbol.asyncDispose]() {
      server[Symbol.dispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}
