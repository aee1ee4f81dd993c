import type { AssetGraph } from '../../dagster/asset.ts'
import type { Collision } from '../../dagster/assetGraph.ts'
import type { AssetKey } from '../../dagster/assetKeys.ts'
import type { Detected } from '../../dagster/integrations/registry.ts'
import { howToName, type UnknownCatalog } from '../../dagster/unknownCatalogs.ts'
import type { Failure, Side } from '../../platform/failure.ts'
import { isUpgradeOnly, type ModelChange } from '../../sqlmesh/changes.ts'
import { type Manifest, type Part, UNKNOWN_CATALOG } from '../../sqlmesh/manifest.ts'
import type { Unstable } from '../../sqlmesh/stability.ts'
import type { Upgrade } from '../../sqlmesh/upgrade.ts'
import type { Notice } from '../model.ts'

/** A few names, then how many more. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `\`${name}\``)
  const rest = names.length - shown.length
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ')
}

/** Keys that are not Dagster's, because a catalog is not known here. */
export function aboutCatalogs(missing: readonly UnknownCatalog[]): Notice[] {
  if (missing.length === 0) return []
  const named = missing.map(({ gateway, connection }) => `\`${gateway}\` (${connection})`)
  const gateways = [...new Set(named)].join(', ')
  return [
    {
      level: 'warning',
      code: 'catalog-unknown',
      message: `The catalog of the gateway ${gateways} is not known here: the configuration names none, or an unset variable, and only the server could tell. Asset keys hold \`${UNKNOWN_CATALOG}\` in its place, so they are not Dagster’s. ${howToName(missing)}`,
    },
  ]
}

/** Models on one key: Dagster would refuse to load such definitions. */
export function aboutCollisions(collisions: readonly Collision[]): Notice[] {
  const distinct = new Map(collisions.map((collision) => [JSON.stringify(collision), collision]))
  return [...distinct.values()].map(({ key, models }) => ({
    level: 'warning',
    code: 'key-collision',
    message: `${models.length} models share the asset key \`${key.join('/')}\`: ${some(models)}. Dagster refuses definitions with a duplicate key, so check the input \`integration\` or \`asset-key\`.`,
  }))
}

/** Code versions that moved although no part of the model explains it, or with an upgrade. */
export function aboutCauses(
  changes: ReadonlyMap<string, ModelChange>,
  upgrade: Upgrade | null,
): Notice[] {
  const notices: Notice[] = []
  const unknown = [...changes.values()].filter((change) =>
    change.causes.some((cause) => cause.kind === 'unknown'),
  )
  if (unknown.length > 0) {
    notices.push({
      level: 'warning',
      code: 'unknown-cause',
      message: `The data hash of ${some(unknown.map((change) => change.fqn))} moved, and no known part of the model explains it.`,
    })
  }
  return upgrade === null ? notices : [...notices, aboutUpgrade(changes, upgrade)]
}

function aboutUpgrade(
  changes: ReadonlyMap<string, ModelChange>,
  { detail, rebased }: Upgrade,
): Notice {
  const all = [...changes.values()]
  const only = all.filter(isUpgradeOnly).length
  const moves =
    only === 0
      ? 'moves no data hash'
      : `moves ${only} of ${all.length} changed data hashes although no file of theirs changed`
  const told =
    rebased === null
      ? ' Base does not load with head’s versions, so the two were told apart by which files changed.'
      : ''
  return {
    level: only === 0 ? 'info' : 'warning',
    code: 'sqlmesh-upgrade',
    message: `Base and head were loaded with the versions that they install: ${detail}. That alone ${moves}.${told}`,
  }
}

/** Texts that changed under one and the same hash. */
export function aboutHashCollisions(fqns: readonly string[]): Notice[] {
  if (fqns.length === 0) return []
  const [its, it] = fqns.length === 1 ? ['its', 'it'] : ['their', 'them']
  return [
    {
      level: 'warning',
      code: 'hash-collision',
      message: `${some(fqns)} changed, but by chance ${its} data hash (a CRC32) is the same as before: Dagster will not flag ${it}. Materialize ${it} by hand.`,
    },
  ]
}

/** Hashes that no commit changes: they differ from load to load. */
export function aboutStability(unstable: readonly Unstable[], head: Manifest | null): Notice[] {
  const loads: Notice[] = unstable.map(({ fqn, parts }) => ({
    level: 'warning',
    code: 'unstable-hash',
    message: `The data hash of \`${fqn}\` differs from one load of the same files to the next, because of ${some(parts.map(whereIs))}: Dagster will flag it whenever its code location reloads. What only that moves is left out of the verdict.`,
  }))
  const constants = new Map<string, { why: 'order' | 'path'; models: string[] }>()
  for (const { fqn, restless } of head?.models ?? []) {
    for (const { name, why } of restless) {
      const models = constants.get(name)?.models ?? []
      constants.set(name, { why, models: [...models, fqn] })
    }
  }
  const elsewhere: Notice[] = [...constants].map(([name, { why, models }]) => ({
    level: 'info',
    code: 'restless-constant',
    message: `The constant \`${name}\` is part of the data hash of ${some(models)}, and ${why === 'order' ? 'it is a set, whose order differs between processes' : 'it holds the folder that the project lies in'}: the code version in Dagster can differ from what was compared here.`,
  }))
  return [...loads, ...elsewhere]
}

/** Code from elsewhere gets no variables of the job's. */
export function aboutWithheld(names: readonly string[]): Notice[] {
  if (names.length === 0) return []
  const message = `This pull request comes from a fork or from Dependabot, so ${some(names)} of the input \`env\` ${names.length === 1 ? 'is' : 'are'} empty while it is installed and loaded.`
  return [{ level: 'info', code: 'variables-withheld', message }]
}

/** Why no commit had to be loaded. */
export function nothingLoaded(why: string): Notice {
  return {
    level: 'info',
    code: 'not-loaded',
    message: `${why} So the models were neither loaded nor counted.`,
  }
}

/** SQLMesh could not say which snapshot versions the change makes new. */
export function versionsUnknown(why: string): Notice {
  return {
    level: 'info',
    code: 'snapshot-versions-unknown',
    message: `SQLMesh could not categorise the change, so that it is open how far it goes, and rows that depend on it say \`possible\`: ${why}`,
  }
}

function whereIs({ name, file }: Part): string {
  return file === null ? name : `${name} in ${file}`
}

/**
 * SQLMesh assets without a code version: Dagster never flags a change of their code. Where none has
 * one, the report says so by itself.
 *
 * @param defined true if the graph is that of the user's definitions
 */
export function aboutMissingVersions(head: AssetGraph, defined: boolean): Notice[] {
  const without = [...head.values()].filter(
    ({ neverMaterialized, codeVersion, models }) =>
      !neverMaterialized && codeVersion === null && models.length > 0,
  )
  if (without.length === 0) return []
  const assets = some(without.map((asset) => asset.key.join('/')))
  const why = defined ? 'in the definitions' : 'because SQLMesh gives no data hash'
  return [
    {
      level: 'warning',
      code: 'no-code-version',
      message: `${assets} ${without.length === 1 ? 'has' : 'have'} no code version, ${why}: Dagster will not flag a change of code there.`,
    },
  ]
}

/** Partitions that base does not have: they are missing, not Unsynced, so that no row stands for them. */
export function aboutAddedPartitions(keys: readonly AssetKey[]): Notice[] {
  if (keys.length === 0) return []
  const assets = some(keys.map((key) => key.join('/')))
  const gets = keys.length === 1 ? 'gets' : 'get'
  return [
    {
      level: 'info',
      code: 'partitions-added',
      message: `${assets} ${gets} partitions that base does not have: Dagster shows them as never materialized.`,
    },
  ]
}

/** Asset keys rest on an assumption where no integration is installed beside SQLMesh. */
export function aboutIntegration({ integration, assumed }: Detected): Notice[] {
  if (!assumed) return []
  return [
    {
      level: 'info',
      code: 'integration-assumed',
      message: `No Dagster integration is installed where the project was loaded, so asset keys are those of \`${integration.name}\`. Set the input \`integration\` to be sure.`,
    },
  ]
}

/** Files that a load does not see as they would be in a checkout. */
export function aboutFiles(linksOut: readonly string[], pointers: readonly string[]): Notice[] {
  const found: Notice[] = []
  if (linksOut.length > 0) {
    found.push({
      level: 'warning',
      code: 'link-leads-out',
      message: `Symbolic links that lead out of the repository were left out: ${some(linksOut)}. What is there is not part of a commit, so models that it holds are not compared.`,
    })
  }
  if (pointers.length > 0) {
    found.push({
      level: 'warning',
      code: 'lfs-pointer',
      message: `Git LFS keeps the contents of ${some(pointers)} elsewhere, and the check does not download them. That they change is seen; code versions that depend on them are not those of a full checkout.`,
    })
  }
  return found
}

/** A project folder that one commit does not have: its assets are all new, or all removed. */
export function aboutAbsentProjects(side: Side, missing: readonly string[]): Notice[] {
  if (missing.length === 0) return []
  const effect = side === 'base' ? 'new' : 'removed'
  const message = `The ${side} commit has no SQLMesh project in ${some(missing)}, so all its assets are ${effect}.`
  return [{ level: 'info', code: 'project-absent', message }]
}

/** Why the other commit does not load either. Its code is how a report knows that both failed. */
export function failedToo(side: Side, { message }: Failure): Notice {
  return {
    level: 'warning',
    code: `${side}-failed`,
    message: `The ${side} commit does not load either: ${firstLine(message)}`,
  }
}

/** What the load itself had to say. */
export function aboutLoad(
  side: Side,
  loaded: Pick<Manifest, 'notices'> & Partial<Pick<Manifest, 'refused'>>,
): Notice[] {
  const told = loaded.notices.map(({ code, message }) => ({
    level: 'info' as const,
    code,
    message: `While loading ${side}: ${message}`,
  }))
  // Of head it is no notice but the failure (`acceptable`).
  return loaded.refused ? [aboutRefusedBase(loaded.refused.message), ...told] : told
}

/** SQLMesh's loaders give base's models, but its `Context` does not accept them: Dagster cannot load them either. */
function aboutRefusedBase(message: string): Notice {
  return {
    level: 'warning',
    code: 'base-refused',
    message: `SQLMesh itself refuses to load the base commit, so that its code location does not load either; its models were compared all the same. SQLMesh says: ${firstLine(message)}`,
  }
}

function firstLine(text: string): string {
  return text.split('\n').find((line) => line.trim() !== '') ?? ''
}
