import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PROTOCOL } from '../../src/interpreter/answerEnvelope.ts'
import { Failure, type FailureCode, type Side } from '../../src/platform/failure.ts'
import { unconfined } from '../../src/sandbox/sandbox.ts'
import { loadEnvironment } from '../../src/sqlmesh/loadEnvironment.ts'
import { type Observation, readsAnswer } from '../../src/sqlmesh/loadObservation.ts'
import { type Manifest, probeAnswer } from '../../src/sqlmesh/manifest.ts'
import { acceptable, type Extent, type Load, requestOf } from '../../src/sqlmesh/probe.ts'
import { root } from './actionFile.ts'
import { lineServer } from './lineServer.ts'
import { temporaryFolder } from './temporary.ts'

/** The real probe on the real SQLMesh, without a new process for each load. */
export type ProbeServer = AsyncDisposable & {
  readonly load: (
    side: Side,
    place: Place,
    extent: Extent,
    /** A folder of what is installed besides, as `site-packages` are. */
    site?: string | null,
  ) => Promise<Manifest>
  /** Runs what of the project's code a load runs. */
  readonly reads: (
    side: Side,
    place: Place,
    observation: Observation,
    site?: string | null,
  ) => Promise<void>
}

type Place = Pick<Load, 'tree' | 'projects' | 'workspace'>

/** @param variables for the loads, beside what every load gets */
export async function probeServer(
  python: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<ProbeServer> {
  const folder = await temporaryFolder()
  const environment = { ...loadEnvironment(process.env, [], folder.path), ...variables }
  await mkdir(environment['SQLMESH_HOME'] as string, { recursive: true })
  const script = join(root, 'test', 'sqlmesh', 'serve.py')
  const server = lineServer([python, script, join(root, 'python')], folder.path, environment)
  const common = {
    ...{ python, environment, timeoutSeconds: 0, gateway: null, distributions: [], given: [] },
    ...{ confine: unconfined, keep: null, apart: true },
  }
  const envelope = { protocol: PROTOCOL, nonce: '', keep: null }
  return {
    async load(side, place, extent, site = null) {
      const request = { ...envelope, ...requestOf({ side, ...place, ...common }), ...extent }
      const said = probeAnswer.parse(await server.ask({ environment, request, site }))
      if (said.ok) return acceptable(side, said.manifest)
      throw failureOf(side, said.error)
    },
    async reads(side, place, observation, site = null) {
      const asked = { ...requestOf({ side, ...place, ...common }), ...observation.request }
      const request = { ...envelope, ...asked, question: 'reads' }
      const said = readsAnswer.parse(await server.ask({ environment, request, site }))
      if (!said.ok) throw failureOf(side, said.error)
    },
    async [Symbol.asyncDispose]() {
      server[Symbol.dispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

type Refusal = {
  readonly code: FailureCode
  readonly message: string
  readonly file: string | null
  readonly hint: string | null
}

function failureOf(side: Side, { code, message, file, hint }: Refusal): Failure {
  return new Failure(code, message, { side, file, hint: hint ?? '' })
}
