import { type ChangedFile, isEmptyAt } from '../git/changedFiles.ts'
import { type SeenInstallation, watchInstallation } from '../interpreter/installObservation.ts'
import { Failure, type Side } from '../platform/failure.ts'
import type { ComparedFiles } from '../scope/compareFiles.ts'
import { projectsIn } from '../scope/projectFolders.ts'
import type { LoadedScope, Scope } from '../scope/scope.ts'
import { openObservation, readsAnswer } from '../sqlmesh/loadObservation.ts'
import { requestOf } from '../sqlmesh/probe.ts'
import { interpreterFor, loadRequest, showLoad, type VisitedTree } from './loadRequest.ts'
import type { Session } from './session.ts'

type Observed = Extract<Scope, { kind: 'observed' }>
type Nothing = Extract<Scope, { kind: 'nothing' }>
type Settled = LoadedScope | Nothing

/**
 * Settles how much is loaded, where that depends on which files are read: an installation and a load are run to see
 * it. docs/what-is-loaded.md has the proof.
 *
 * @returns `everything` also where it could not be seen
 * @throws Failure `install-failed`, `timeout`, `environment` and the like, which another load would meet too
 */
export async function settleScope(
  { changed, scope, installs }: ComparedFiles,
  session: Session,
): Promise<Settled> {
  const differ =
    installs.kind === 'unseen'
      ? await observeInstallation(installs.because, changed, session)
      : installs.kind === 'differ'
        ? installs.because
        : null
  if (differ !== null) {
    const because = scope.kind === 'everything' ? scope.because : differ
    return { kind: 'everything', because, changed: null }
  }
  if (scope.kind !== 'observed') return scope
  const { trees } = session
  const settled = await settleByReads(scope, changed, (side) =>
    trees.visit(side, (tree, scratch) =>
      seenAt(side, scope.because, changed, { tree, scratch }, session),
    ),
  )
  // What the code has written to its commit's files is no part of what is compared.
  await trees.restore()
  return settled
}

/**
 * Installs for base, and sees whether that serves head too.
 *
 * @returns why not
 */
async function observeInstallation(
  because: string,
  files: readonly ChangedFile[],
  session: Session,
): Promise<string | null> {
  const { trees, environments, inputs } = session
  const seen = await trees.visit('base', async (tree, scratch): Promise<SeenInstallation> => {
    if (projectsIn(tree, inputs.projects).length < inputs.projects.length) {
      return { kind: 'differs', because: 'base does not have all projects' }
    }
    const paths = files.map((file) => file.path)
    const watch = await watchInstallation(tree, paths)
    await interpreterFor('base', { tree, scratch }, session, watch)
    return await watch.seen()
  })
  if (seen.kind === 'differs') return `${because}; ${seen.because}`
  if (!(await trees.share(seen.left))) return `${because}; what it leaves cannot be copied`
  environments.share()
  return null
}

/** @param look says what one commit's code reads, or why that was not to be seen; null: nothing that differs */
export async function settleByReads(
  { because, changed, unread }: Observed,
  files: readonly ChangedFile[],
  look: (side: Side) => Promise<string | null>,
): Promise<Settled> {
  // What is deleted can only be read at base, and so is what has something in it there alone; all else at head. Up to
  // the first read of a file that differs, code that is the same does the same.
  const needsBase = files.some((file) => file.status === 'deleted' || isEmptyAt('head', file))
  const sides: Side[] = needsBase ? ['head', 'base'] : ['head']
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
  because: string,
  files: readonly ChangedFile[],
  { tree, scratch }: VisitedTree,
  session: Session,
): Promise<string | null> {
  const { ports, probes, inputs } = session
  const wanted = inputs.projects
  const projects = projectsIn(tree, wanted)
  if (projects.length < wanted.length) return `${side} does not have all projects`
  const load = await loadRequest(side, side, projects, { tree, scratch }, session)
  const observation = await openObservation(files, tree, scratch)
  const start = { ...load, folder: tree }
  const request = { question: 'reads', ...requestOf(load), ...observation.request, apart: true }
  const probe = probes.take(start)
  try {
    const name = `Looking at what ${side} reads (${because})`
    const question = { side, what: `Loading ${side}`, request }
    await showLoad(side, name, `loading ${side}`, ports, (listener) =>
      probe.ask(question, readsAnswer, listener),
    )
  } catch (error) {
    await probe[Symbol.asyncDispose]()
    throw error
  }
  // Only a fork of it has run the project's code.
  await probes.giveBack(start, probe)
  return await observation.seen()
}
