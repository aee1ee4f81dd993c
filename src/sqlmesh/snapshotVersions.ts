import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import type { Side } from '../failure.ts'
import { answerOf, askPython, type Printed } from '../python/ask.ts'
import type { ModelChange } from './changes.ts'
import type { Manifest, Model } from './manifest.ts'
import { type Load, requestOf } from './probe.ts'

/** By fqn: whether a change gives the model a new `snapshot.version`. Models not named are unknown. */
export type SnapshotVersions = ReadonlyMap<string, 'new' | 'reused'>

const versions = answerOf({ versions: z.record(z.string(), z.enum(['new', 'reused'])) })

/** Lies beside this file, and beside the bundle. */
const SCRIPT = path.join(import.meta.dirname, 'probe_categories.py')

/** What SQLMesh is asked about. */
export type VersionsQuestion = {
  /** The models whose snapshot version the change can move: those that it touches, and all below. And
   * those that it removes, whose columns the others may have read. Sorted fqns. */
  readonly models: readonly string[]
  /** Those among them that are the same on both commits, where only some files are loaded. */
  readonly same: readonly string[]
  /** Files that hold the others of base, and all of head; null = load everything. */
  readonly files: Readonly<Record<Side, readonly string[]>> | null
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
  if (changedFiles === null) return { models, same: [], files: null }
  const paths = new Set(changedFiles)
  const own = (manifest: Manifest) => manifest.models.filter(({ fqn }) => affected.has(fqn))
  const affected = new Set(models)
  const isSame = ({ fqn, path }: Model) => !changes.has(fqn) && (path === null || !paths.has(path))
  const pathsOf = (some: readonly Model[]) =>
    [...new Set(some.flatMap((model) => model.path ?? []))].sort()
  const same = own(head)
    .filter(isSame)
    .map(({ fqn }) => fqn)
  const differing = own(base).filter((model) => !isSame(model))
  return { models, same, files: { base: pathsOf(differing), head: pathsOf(own(head)) } }
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

/**
 * Asks one commit's SQLMesh: base leaves its models in the file `exchange`, head compares its own
 * with them and answers.
 *
 * @throws Failure as a load does
 */
export async function loadSnapshotVersions(
  load: Load,
  { models, same, files }: VersionsQuestion,
  exchange: string,
  onPrinted: (printed: Printed) => void,
): Promise<SnapshotVersions> {
  const { side, python, timeoutSeconds, environment, given, confine } = load
  await mkdir(environment['SQLMESH_HOME'] as string, { recursive: true })
  const shared = requestOf(load)
  const question = {
    what: `Categorising ${side}`,
    side,
    python,
    script: SCRIPT,
    folder: shared.projects[0] as string,
    environment,
    given,
    confine,
    request: { ...shared, side, models, same, files: files?.[side] ?? null, exchange },
    timeoutSeconds,
  }
  const answer = await askPython(question, versions, onPrinted)
  return new Map(Object.entries(answer.versions))
}
