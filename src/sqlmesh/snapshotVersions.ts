import { z } from 'zod'
import { answerOf } from '../interpreter/answerEnvelope.ts'
import type { Progress } from '../interpreter/askProcess.ts'
import type { Side } from '../platform/failure.ts'
import type { ModelChange } from './changes.ts'
import { belowIn, removedFrom, withOtherParents } from './keptVersions.ts'
import type { Manifest, Model } from './manifest.ts'
import { type Load, type Probe, requestOf } from './probe.ts'

/** By fqn: whether a change gives the model a new `snapshot.version`. Models not named are unknown. */
export type SnapshotVersions = ReadonlyMap<string, 'new' | 'reused'>

const versions = answerOf({ versions: z.record(z.string(), z.enum(['new', 'reused'])) })

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
  const touched = belowIn(head, [...changes.keys(), ...withOtherParents(base, head)])
  return [...touched, ...removedFrom(base, head)].sort()
}

/**
 * Asks SQLMesh. Head's files have to be where they were loaded.
 *
 * @param probe the process that has loaded head, which knows its files already, or another that is started as it was
 * @param load head's
 * @param kept the folders in which both loads have left their models
 * @throws Failure as a load does
 */
export async function categorise(
  probe: Probe,
  load: Load,
  asked: VersionsQuestion,
  kept: Readonly<Record<Side, string>>,
  onProgress: (progress: Progress) => void,
): Promise<SnapshotVersions> {
  const request = { question: 'versions', ...requestOf(load), ...asked, kept }
  // Nothing depends on it that would need what was printed to be understood.
  const listener = { onPrinted: () => {}, onProgress }
  const { side } = load
  const question = { side, what: `Categorising ${side}`, request }
  const answer = await probe.ask(question, versions, listener)
  return new Map(Object.entries(answer.versions))
}
