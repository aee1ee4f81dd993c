import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import type { Side } from '../failure.ts'
import { privateFolder } from '../privateFolder.ts'
import { answerOf, type Progress } from '../python/ask.ts'
import { startWaiting } from '../python/waiting.ts'
import type { ModelChange } from './changes.ts'
import type { Manifest, Model } from './manifest.ts'
import { type Load, requestOf } from './probe.ts'

/** By fqn: whether a change gives the model a new `snapshot.version`. Models not named are unknown. */
export type SnapshotVersions = ReadonlyMap<string, 'new' | 'reused'>

const versions = answerOf({ versions: z.record(z.string(), z.enum(['new', 'reused'])) })

/** Lies beside this file, and beside the bundle. */
const SCRIPT = path.join(import.meta.dirname, 'probe_categories.py')

type Parents = Readonly<Record<string, readonly string[]>>

/** What SQLMesh is asked about. */
export type VersionsQuestion = {
  /** The models whose snapshot version the change can move: those that it touches, and all below. And
   * those that it removes, whose columns the others may have read. Sorted fqns. */
  readonly models: readonly string[]
  /** The fqns that each model depends on, as each commit's load has told. */
  readonly parents: Readonly<Record<Side, Parents>>
  /** Those among them that are the same on both commits, which base need not have loaded. */
  readonly same: readonly string[]
  /** Whether only some files were loaded. */
  readonly narrow: boolean
}

/**
 * The question about a change of models.
 *
 * @param changes of `compareManifests`
 * @param changedFiles paths that differ, if it was enough to load some files
 */
export function versionsQuestion(
  changes: ReadonlyMap<string, ModelChange>,
  base: Manifest,
  head: Manifest,
  changedFiles: readonly string[] | null,
): VersionsQuestion {
  const models = affectedModels(changes, base, head)
  const parentsIn = (manifest: Manifest): Parents =>
    Object.fromEntries(manifest.models.map(({ fqn, dependsOn }) => [fqn, dependsOn]))
  const parents = { base: parentsIn(base), head: parentsIn(head) }
  if (changedFiles === null) return { models, parents, same: [], narrow: false }
  const paths = new Set(changedFiles)
  const isSame = ({ fqn, path }: Model) => !changes.has(fqn) && (path === null || !paths.has(path))
  const affected = new Set(models)
  const same = head.models
    .filter((model) => affected.has(model.fqn) && isSame(model))
    .map(({ fqn }) => fqn)
  return { models, parents, same, narrow: true }
}

function affectedModels(
  changes: ReadonlyMap<string, ModelChange>,
  base: Manifest,
  head: Manifest,
): readonly string[] {
  const before = new Map(base.models.map((model) => [model.fqn, model]))
  const touched = head.models.filter((model) => {
    const old = before.get(model.fqn)
    const sameParents = old?.dependsOn.join('\n') === model.dependsOn.join('\n')
    return changes.has(model.fqn) || !sameParents
  })
  const children = new Map<string, string[]>()
  for (const { fqn, dependsOn } of head.models) {
    for (const parent of dependsOn) children.set(parent, [...(children.get(parent) ?? []), fqn])
  }
  const found = new Set(touched.map(({ fqn }) => fqn))
  for (const fqn of found) {
    for (const child of children.get(fqn) ?? []) found.add(child)
  }
  const after = new Set(head.models.map(({ fqn }) => fqn))
  const removed = base.models.map(({ fqn }) => fqn).filter((fqn) => !after.has(fqn))
  return [...found, ...removed].sort()
}

/** A process that has begun to import SQLMesh, to categorise what changed. */
export type Categoriser = AsyncDisposable & {
  /**
   * Asks SQLMesh, once. Head's files have to be where they were loaded.
   *
   * @param kept the folders in which both loads have left their models
   * @throws Failure as a load does
   */
  readonly ask: (
    question: VersionsQuestion,
    kept: Readonly<Record<Side, string>>,
    onProgress: (progress: Progress) => void,
  ) => Promise<SnapshotVersions>
}

/** What both loads leave for the categories of the change. */
export type Kept = AsyncDisposable & {
  /** A private folder, in which each side's models are in a folder of their own. */
  readonly folder: string
  /** Starts what `take` may be asked for, to import SQLMesh while head is loaded. */
  readonly prepare: (load: Load) => void
  /** The process that was started, else a new one. @param load the same, which is head's */
  readonly take: (load: Load) => Categoriser
}

/**
 * @param parent where the private folder is made
 * @param room any folder that is there all the time, for the process to start in
 * @throws Failure `config` when no folder can be used
 */
export async function openKept(parent: string, room: string): Promise<Kept> {
  const models = await privateFolder(parent, 'models-')
  const waiting: Categoriser[] = []
  return {
    folder: models.path,
    prepare(load) {
      if (waiting.length === 0) waiting.push(startCategorising(load, room))
    },
    take: (load) => waiting.pop() ?? startCategorising(load, room),
    async [Symbol.asyncDispose]() {
      for (const categoriser of waiting) await categoriser[Symbol.asyncDispose]()
      await models[Symbol.asyncDispose]()
    },
  }
}

/**
 * @param load head's
 * @param folder any that is there all the time
 */
export function startCategorising(load: Load, folder: string): Categoriser {
  const { side, python, timeoutSeconds, environment, given, confine } = load
  const start = { side, python, timeoutSeconds, environment, given, confine, folder }
  const what = `Categorising ${side}`
  const waiting = startWaiting({ ...start, what, script: SCRIPT }, versions)
  return {
    async ask(question, kept, onProgress) {
      await mkdir(environment['SQLMESH_HOME'] as string, { recursive: true })
      // Nothing depends on it that would need what was printed to be understood.
      const listener = { onPrinted: () => {}, onProgress }
      const answer = await waiting.ask({ ...requestOf(load), ...question, kept }, listener)
      return new Map(Object.entries(answer.versions))
    },
    [Symbol.asyncDispose]: waiting[Symbol.asyncDispose],
  }
}
