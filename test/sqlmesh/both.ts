import { execFile } from 'node:child_process'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Side } from '../../src/platform/failure.ts'
import { loadEnvironment } from '../../src/sqlmesh/loadEnvironment.ts'
import type { Manifest } from '../../src/sqlmesh/manifest.ts'
import { loadManifest } from '../helpers/probing.ts'
import type { Files } from '../helpers/project.ts'
import { snapshot } from '../helpers/snapshot.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const run = promisify(execFile)

/** By fqn: data hash and parents. */
export type Hashes = Readonly<
  Record<string, readonly [dataHash: string, parents: readonly string[]]>
>

export type Source = {
  /** A folder to copy, or files by path. */
  readonly files: string | Files
  /** Project folders in it. */
  readonly projects?: readonly string[]
  readonly gateway?: string
  /** An empty folder to lie in, where hashes depend on it. */
  readonly at?: string
}

/** A socket that raises: whatever a load wants to reach, it says so and fails. */
const noNetwork = `import socket

def refuse(self, address, *args):
    raise RuntimeError(f"the load wanted to reach {address}")

socket.socket.connect = refuse
socket.socket.connect_ex = refuse
socket.getaddrinfo = lambda host, *args, **kwargs: refuse(None, host)
`

/** Files at a path that is the same for all sources, so that paths in hashes are equal. */
async function laidOut<T>(
  { files, at }: Source,
  work: (tree: string, environment: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  await using folder = await temporaryFolder()
  const tree = join(at ?? folder.path, 'tree')
  await rm(tree, { recursive: true, force: true })
  if (typeof files === 'string') await cp(files, tree, { recursive: true })
  else {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(tree, file)), { recursive: true })
      await writeFile(join(tree, file), text ?? '')
    }
  }
  await mkdir(join(folder.path, 'python'))
  await writeFile(join(folder.path, 'python', 'sitecustomize.py'), noNetwork)
  const environment = loadEnvironment(process.env, [], join(folder.path, 'scratch'))
  return await work(tree, { ...environment, PYTHONPATH: join(folder.path, 'python') })
}

/**
 * What the probe says of a project, without network. Fails if it writes to the project.
 *
 * @param side what SQLMesh refuses of base does not fail
 */
export async function probed(
  python: string,
  source: Source,
  side: Side = 'head',
): Promise<Manifest> {
  return await laidOut(source, async (tree, environment) => {
    const before = await snapshot(tree)
    const { projects = ['.'], gateway = null } = source
    const place = { python, tree, projects, workspace: dirname(tree) }
    const limits = { gateway, distributions: [], timeoutSeconds: 300, environment, given: [] }
    const manifest = await loadManifest({ side, ...place, ...limits })
    const after = await snapshot(tree)
    if (JSON.stringify(after) !== JSON.stringify(before)) {
      const written = Object.keys(after).filter((path) => after[path] !== before[path])
      // dbt writes its parse results below the project, whoever runs it.
      const ours = written.filter((path) => !/(^|\/)target\//.test(path))
      if (ours.length > 0) throw new Error(`the load wrote ${ours.join(', ')}`)
    }
    return manifest
  })
}

/** Hashes and parents of a manifest, as stock SQLMesh would list them. */
export function hashesOf(manifest: Manifest): Hashes {
  return Object.fromEntries(
    manifest.models.map((model) => [model.fqn, [model.dataHash ?? '', model.dependsOn]]),
  )
}

/** What stock SQLMesh says of a project: `Context.load(update_schemas=…)`. */
export async function stock(
  python: string,
  source: Source,
  schemas: 'schemas' | 'no-schemas',
): Promise<Hashes> {
  return await laidOut(source, async (tree, environment) => {
    const projects = (source.projects ?? ['.']).map((project) => join(tree, project))
    const script = join(import.meta.dirname, 'stock.py')
    const { PYTHONPATH: _, ...env } = environment
    const options = { cwd: tree, env, maxBuffer: 64 * 1024 * 1024 }
    const { stdout } = await run(python, [script, schemas, ...projects], options)
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Hashes
  })
}
