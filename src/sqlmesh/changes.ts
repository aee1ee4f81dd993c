import { type Manifest, type Model, PART_KINDS, type Part } from './manifest.ts'
import { mayComeFrom, type Upgrade } from './upgrade.ts'

/** Of the JSON report. */
export const CAUSE_KINDS = [...PART_KINDS, 'formatting', 'sqlmesh-upgrade', 'unknown'] as const

export type CauseKind = (typeof CAUSE_KINDS)[number]

/** One reason why a model's `data_hash` moved. */
export type Cause = {
  readonly kind: CauseKind
  /** What exactly, in the field's own terms; plain text from the project, not yet escaped. */
  readonly detail: string
  /** Where it is written, relative to the repository root. */
  readonly file: string | null
}

/** A model of both commits whose `data_hash` differs. */
export type ModelChange = {
  readonly fqn: string
  /** Never empty: what cannot be explained is `unknown`. */
  readonly causes: readonly Cause[]
  /** Only the text differs: SQLMesh itself would call it metadata and rebuild nothing. */
  readonly formattingOnly: boolean
}

/**
 * Explains every `data_hash` that differs between two commits by the parts that moved
 * (SQLMesh `Model._data_hash_values`).
 *
 * @param upgrade how to tell an upgrade's changes from the commit's own; null where both commits
 *   were loaded with the same programs
 * @returns changes by fqn, in the order of the head's models
 */
export function compareManifests(
  base: Manifest,
  head: Manifest,
  upgrade: Upgrade | null = null,
): ReadonlyMap<string, ModelChange> {
  const before = new Map(base.models.map((model) => [model.fqn, model]))
  const explainMoved = upgrade === null ? explain : upgradeExplainer(upgrade)
  const changes = new Map<string, ModelChange>()
  for (const model of head.models) {
    const old = before.get(model.fqn)
    if (old === undefined || old.dataHash === model.dataHash) continue
    changes.set(model.fqn, explainMoved(old, model))
  }
  return changes
}

/**
 * Models whose text changed while their `data_hash` did not: it is a CRC32, and those collide.
 * Dagster sees no change there.
 *
 * @returns their fqns, in the order of the head's models
 */
export function findHashCollisions(base: Manifest, head: Manifest): readonly string[] {
  if (base.versions.sqlmesh !== head.versions.sqlmesh) return []
  const before = new Map(base.models.map((model) => [model.fqn, model]))
  const collided = head.models.filter(({ fqn, dataHash, ingredients }) => {
    const old = before.get(fqn)
    if (!dataHash || ingredients === null || old?.ingredients == null) return false
    return old.dataHash === dataHash && old.ingredients !== ingredients
  })
  return collided.map(({ fqn }) => fqn)
}

/** A part that two manifests have differently; undefined where one of them lacks it. */
export type Moved = { readonly base: Part | undefined; readonly head: Part | undefined }

/** @param counts which of the moved parts may be causes */
function explain(
  base: Model,
  head: Model,
  counts: (part: Part) => boolean = () => true,
): ModelChange {
  const moved = movedParts(base, head).filter((part) => counts((part.head ?? part.base) as Part))
  const formattingOnly = moved.length > 0 && moved.every(isFormatting)
  if (formattingOnly) {
    return { fqn: head.fqn, formattingOnly, causes: distinct(moved.map(formattingCause)) }
  }
  const own = moved.filter((part) => !isFormatting(part))
  const telling = own.filter((part) => !(part.head ?? part.base)?.onlyAlone)
  const causes = withoutFollowers(telling.length > 0 ? telling : own).flatMap(causesOf)
  if (causes.length > 0) return { fqn: head.fqn, formattingOnly, causes: distinct(causes) }
  const detail = 'no known part of the model moved'
  return { fqn: head.fqn, formattingOnly, causes: [{ kind: 'unknown', detail, file: head.path }] }
}

/** True if nothing but the upgrade moved the hash: no file of the model changed. */
export function isUpgradeOnly({ causes }: Pick<ModelChange, 'causes'>): boolean {
  return causes.length > 0 && causes.every((cause) => cause.kind === 'sqlmesh-upgrade')
}

/**
 * The parts' digests depend on the versions as the hash itself does, so base is compared in two
 * steps: as it was loaded with its own programs and with head's (the upgrade), and then with head
 * (the commit). Where head's programs do not load base, the files decide.
 */
function upgradeExplainer({ detail, rebased, changedFiles }: Upgrade) {
  const again = new Map(rebased?.models.map((model) => [model.fqn, model]))
  const cause: Cause = { kind: 'sqlmesh-upgrade', detail, file: null }
  return (base: Model, head: Model): ModelChange => {
    const between = again.get(head.fqn)
    const only = { fqn: head.fqn, formattingOnly: false, causes: [cause] }
    if (between?.dataHash === head.dataHash) return only
    if (between?.dataHash === base.dataHash) return explain(between, head)
    const own =
      between === undefined
        ? explain(base, head, (part) => mayComeFrom(changedFiles, part))
        : explain(between, head)
    const known = own.causes.filter(({ kind }) => between !== undefined || kind !== 'unknown')
    return { ...only, causes: [...known, cause] }
  }
}

/** Parts that differ, in the manifest's order: the base's that are gone come last. */
export function movedParts(base: Model, head: Model): Moved[] {
  const identity = (part: Part) => JSON.stringify([part.kind, part.name])
  const before = new Map(base.parts.map((part) => [identity(part), part]))
  const after = new Set(head.parts.map(identity))
  const changed = head.parts
    .map((part) => ({ base: before.get(identity(part)), head: part }))
    .filter((moved) => moved.base?.digest !== moved.head.digest)
  const gone = base.parts
    .filter((part) => !after.has(identity(part)))
    .map((part) => ({ base: part, head: undefined }))
  return [...changed, ...gone]
}

/**
 * The text moved, what it renders to did not (SQLMesh `is_metadata_only_change`). Where a macro moved
 * too, the rendered query says nothing about the text; its clauses do.
 */
function isFormatting({ base, head }: Moved): boolean {
  if (base === undefined || head === undefined) return false
  if (head.kind !== 'query' && head.kind !== 'statements') return false
  if (base.canonical !== null && base.canonical === head.canonical) return true
  if (base.clauses === null || head.clauses === null) return false
  return clauseChanges(base.clauses, head.clauses).length === 0
}

/** Another kind has other settings; that they come and go is no cause of its own. */
function withoutFollowers(moved: readonly Moved[]): readonly Moved[] {
  const isKind = ({ base, head }: Moved) => (head ?? base)?.kind === 'kind'
  const itself = moved.find((part) => isKind(part) && part.head?.name === 'kind')
  return itself === undefined ? moved : moved.filter((part) => part === itself || !isKind(part))
}

function formattingCause({ head }: Moved): Cause {
  return { kind: 'formatting', detail: `text of the ${head?.name}`, file: head?.file ?? null }
}

function causesOf(moved: Moved): Cause[] {
  const part = (moved.head ?? moved.base) as Part
  const cause = (detail: string): Cause => ({ kind: part.kind, detail, file: part.file })
  if (moved.base === undefined) return [cause(withValue(`${part.name} added`, part.value))]
  if (moved.head === undefined) return [cause(`${part.name} removed`)]
  const { base, head } = moved as { base: Part; head: Part }
  if (head.kind === 'query') return queryCauses(base, head)
  const columns = columnChanges(base.projections, head.projections)
  if (columns !== null) return [cause(`${part.name}: ${columns}`)]
  if (head.value !== null && base.value !== null && head.value !== base.value) {
    return [cause(`${part.name}: ${base.value} → ${head.value}`)]
  }
  const movedFile = base.file !== head.file && base.canonical === head.canonical
  if (movedFile && base.canonical !== null) {
    return [cause(`${part.name} moved from ${base.file ?? 'elsewhere'}`)]
  }
  return [cause(part.name)]
}

function withValue(text: string, value: string | null): string {
  return value === null ? text : `${text}: ${value}`
}

/** A query is told apart by its clauses; columns that come or go are a cause of their own kind. */
function queryCauses(base: Part, head: Part): Cause[] {
  const columns = columnChanges(base.projections, head.projections)
  const clauses = clauseChanges(base.clauses, head.clauses).filter(
    (change) => !(columns !== null && change === 'SELECT changed'),
  )
  const causes: Cause[] = []
  if (columns !== null) causes.push({ kind: 'columns', detail: columns, file: head.file })
  if (clauses.length > 0 || columns === null) {
    const detail = clauses.length > 0 ? clauses.join(', ') : 'query text'
    causes.push({ kind: 'query', detail, file: head.file })
  }
  return causes
}

function columnChanges(
  base: readonly string[] | null,
  head: readonly string[] | null,
): string | null {
  if (base === null || head === null) return null
  const added = head.filter((name) => !base.includes(name)).map((name) => `+${name}`)
  const removed = base.filter((name) => !head.includes(name)).map((name) => `-${name}`)
  if (added.length + removed.length > 0) return [...added, ...removed].join(', ')
  return base.join('\n') === head.join('\n') ? null : 'order of columns'
}

/** How the names of clauses start that say in which order others are. */
const ORDER = 'order of '

function clauseChanges(
  base: Readonly<Record<string, string>> | null,
  head: Readonly<Record<string, string>> | null,
): string[] {
  if (base === null || head === null) return []
  const names = [...new Set([...Object.keys(head), ...Object.keys(base)])].sort()
  const moved = names.filter((name) => base[name] !== head[name])
  // What comes or goes is in another place than before, which need not be said.
  const telling = moved.filter((name) => !name.startsWith(ORDER))
  return (telling.length > 0 ? telling : moved).map((name) => {
    if (base[name] === undefined) return `${name} added`
    return head[name] === undefined ? `${name} removed` : `${name} changed`
  })
}

function distinct(causes: readonly Cause[]): Cause[] {
  const seen = new Map(causes.map((cause) => [JSON.stringify(cause), cause]))
  return [...seen.values()]
}
