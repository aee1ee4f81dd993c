import { Failure, type Side } from './failure.ts'
import type { ChangedFile } from './git/changedFiles.ts'
import { countFiles, type Loading, loadIn, type Place } from './loading.ts'
import { requestOf } from './sqlmesh/probe.ts'
import { projectsIn } from './sqlmesh/project.ts'
import type { LoadedScope, Scope } from './sqlmesh/scope.ts'
import { foldersOf, openSight, readsAnswer } from './sqlmesh/sight.ts'

type Observed = Extract<Scope, { kind: 'observed' }>

/**
 * Runs all of a project's code that a load runs, and sees whether that reads a file that differs. If it does not,
 * only what SQLMesh's own loaders read can make a difference: docs/what-is-loaded.md has the proof.
 *
 * @returns the scope that is left; `everything` also where it could not be seen
 * @throws Failure `timeout`, `environment` and the like, which another load would meet too
 */
export async function observe(
  scope: Observed,
  files: readonly ChangedFile[],
  loading: Omit<Loading, 'scope'>,
): Promise<Settled> {
  return await settle(scope, files, (side) =>
    loading.trees.visit(side, (tree, scratch) => seenAt(side, files, { tree, scratch }, loading)),
  )
}

type Settled = LoadedScope | Extract<Scope, { kind: 'nothing' }>

/** @param look says what one commit's code reads, or why that was not to be seen; null: nothing that differs */
export async function settle(
  { because, changed, unread }: Observed,
  files: readonly ChangedFile[],
  look: (side: Side) => Promise<string | null>,
): Promise<Settled> {
  // What is deleted can only be read at base; what base and head both have, or head alone, at head. Up to the
  // first read of a file that differs, code that is the same does the same.
  const sides: Side[] = files.some(({ status }) => status === 'deleted')
    ? ['head', 'base']
    : ['head']
  for (const side of sides) {
    const seen = await look(side).catch((error: unknown) => {
      // The load of everything says in SQLMesh's own words what is wrong.
      if (error instanceof Failure && error.code === 'load-failed') return `${side} did not load`
      throw error
    })
    if (seen === null) continue
    return { kind: 'everything', because: `${because}; ${seen}`, changed }
  }
  return unread
}

async function seenAt(
  side: Side,
  files: readonly ChangedFile[],
  { tree, scratch }: Place,
  loading: Omit<Loading, 'scope'>,
): Promise<string | null> {
  const { ports, probes } = loading
  const wanted = loading.request.projects
  const projects = projectsIn(tree, wanted)
  if (projects.length < wanted.length) return `${side} does not have all projects`
  const load = await loadIn({ tree, scratch }, projects, side, side, loading)
  const paths = files.map((file) => file.path)
  const sight = await openSight(tree, scratch, paths, foldersOf(files))
  const start = { ...load, folder: tree }
  const request = { question: 'reads', ...requestOf(load), ...sight.request, apart: true }
  const probe = probes.take(start)
  try {
    await ports.stage(side, `Looking at what ${side} reads`, (say) =>
      probe.ask({ side, what: `Loading ${side}`, request }, readsAnswer, {
        onPrinted: (printed) => ports.onPrinted(`loading ${side}`, printed),
        onProgress: countFiles(say),
      }),
    )
  } catch (error) {
    await probe[Symbol.asyncDispose]()
    throw error
  }
  // Only a fork of it has run the project's code.
  await probes.giveBack(start, probe)
  return await sight.seen()
}
