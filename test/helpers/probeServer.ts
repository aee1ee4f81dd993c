import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, type Side } from '../../src/failure.ts'
import { unconfined } from '../../src/isolation/isolation.ts'
import { PROTOCOL } from '../../src/python/answer.ts'
import { loadEnvironment } from '../../src/sqlmesh/environment.ts'
import { type Manifest, probeAnswer } from '../../src/sqlmesh/manifest.ts'
import { acceptable, type Extent, type Load, requestOf } from '../../src/sqlmesh/probe.ts'
import { root } from './actionFile.ts'
import { lineServer } from './lineServer.ts'
import { temporaryFolder } from './temporary.ts'

/** The real probe on the real SQLMesh, without a new process for each load. */
export type ProbeServer = AsyncDisposable & {
  readonly load: (
    side: Side,
    place: Pick<Load, 'tree' | 'projects' | 'workspace'>,
    extent: Extent,
    /** A folder of what is installed besides, as `site-packages` are. */
    site?: string | null,
  ) => Promise<Manifest>
}

/** @param variables for the loads, beside what every load gets */
export async function probeServer(
  python: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<ProbeServer> {
  const folder = await temporaryFolder()
  const environment = { ...loadEnvironment(process.env, [], folder.path), ...variables }
  await mkdir(environment['SQLMESH_HOME'] as string, { recursive: true })
  const script = join(root, 'test', 'sqlmesh', 'serve.py')
  const server = lineServer([python, script, join(root, 'src')], folder.path, environment)
  return {
    async load(side, place, extent, site = null) {
      const limits = {
        python,
        environment,
        timeoutSeconds: 0,
        gateway: null,
        given: [],
        confine: unconfined,
        keep: null,
        apart: true,
      }
      const asked = { ...requestOf({ side, ...place, ...limits }), ...extent, keep: null }
      const request = { protocol: PROTOCOL, nonce: '', ...asked }
      const said = probeAnswer.parse(await server.ask({ environment, request, site }))
      if (said.ok) return acceptable(side, said.manifest)
      const { code, message, file, hint } = said.error
      throw new Failure(code, message, { side, file, hint: hint ?? '' })
    },
    async [Symbol.asyncDispose]() {
      server[Symbol.dispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}
