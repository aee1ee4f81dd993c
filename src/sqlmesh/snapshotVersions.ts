import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { answerOf, askPython, type Printed } from '../python/ask.ts'
import type { ModelChange } from './changes.ts'
import type { Manifest } from './manifest.ts'
import type { Load } from './probe.ts'

/** By fqn: whether a change gives the model a new `snapshot.version`. Models not named are unknown. */
export type SnapshotVersions = ReadonlyMap<string, 'new' | 'reused'>

const versions = answerOf({ versions: z.record(z.string(), z.enum(['new', 'reused'])) })

/** Lies beside this file, and beside the bundle. */
const SCRIPT = path.join(import.meta.dirname, 'probe_categories.py')

/**
 * The models whose snapshot version a change can move: those that it touches, and all below them.
 *
 * @returns fqns, sorted
 */
export function affectedModels(
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
  return [...found].sort()
}

/**
 * Asks one commit's SQLMesh: base leaves its models in the file `exchange`, head compares its own
 * with them and answers.
 *
 * @param models fqns as `affectedModels` gives them
 * @throws Failure as a load does
 */
export async function loadSnapshotVersions(
  load: Load,
  models: readonly string[],
  exchange: string,
  onPrinted: (printed: Printed) => void,
): Promise<SnapshotVersions> {
  const { side, python, tree, workspace, gateway, timeoutSeconds, environment, confine } = load
  const projects = load.projects.map((project) => path.join(tree, project))
  await mkdir(environment['SQLMESH_HOME'] as string, { recursive: true })
  const question = {
    what: `Categorising ${side}`,
    side,
    python,
    script: SCRIPT,
    folder: projects[0] as string,
    environment,
    confine,
    request: { side, projects, tree, workspace, gateway, env: load.given, models, exchange },
    timeoutSeconds,
  }
  const answer = await askPython(question, versions, onPrinted)
  return new Map(Object.entries(answer.versions))
}
