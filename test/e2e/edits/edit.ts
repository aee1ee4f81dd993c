import type { Files } from '../../helpers/project.ts'

/**
 * One edit of a SQLMesh project, and what the report must say of it. Each edit has models, macros and
 * seeds of its own, all named after it, so that one run of the product judges many edits at once.
 */
export type Edit = {
  /** Lower case with underscores: the schema of its models. */
  readonly name: string
  /** Files by path inside the project; `head` replaces, adds, and with null deletes. */
  readonly base: Files
  readonly head: Files
  /** Rows of the report, as `rowText` writes them. None = not listed at all. */
  readonly rows: readonly string[]
}

const defaultQuery = 'SELECT id, amount FROM raw.events'

type Shape = {
  /** Default: m */
  readonly model?: string
  readonly query?: string
  /** Further lines of the MODEL block, each `name value`. */
  readonly settings?: readonly string[]
  /** Default: FULL */
  readonly kind?: string
  /** Text before and after the query. */
  readonly before?: string
  readonly after?: string
}

/** A SQL model's file. */
export function sql(edit: string, shape: Shape = {}): string {
  const { model = 'm', query = defaultQuery, settings = [], kind = 'FULL' } = shape
  const block = [`name ${edit}.${model}`, `kind ${kind}`, ...settings].join(',\n  ')
  return `MODEL (\n  ${block}\n);\n\n${shape.before ?? ''}${query}${shape.after ?? ''}\n`
}

/** Where `sql` models lie. */
export const modelFile = (edit: string, model = 'm') => `models/${edit}/${model}.sql`

/** An edit of one SQL model. */
export function edit(name: string, base: Shape, head: Shape, ...rows: string[]): Edit {
  const file = modelFile(name)
  return { name, base: { [file]: sql(name, base) }, head: { [file]: sql(name, head) }, rows }
}

/** An edit of other files, with one SQL model that uses them unless `base` has its own. */
export function files(
  name: string,
  shape: Shape,
  base: Files,
  head: Files,
  ...rows: string[]
): Edit {
  return { name, base: { [modelFile(name)]: sql(name, shape), ...base }, head, rows }
}

type ReportRow = {
  readonly key: readonly string[]
  readonly status: string
  readonly causes: readonly { kind: string; detail: string; file: string | null }[]
  readonly parents: {
    readonly added: readonly (readonly string[])[]
    readonly removed: readonly (readonly string[])[]
  }
  readonly formattingOnly: boolean
  readonly reasons: readonly string[]
}

/** `unsynced m | query: WHERE added (models/…/m.sql) | +raw.refunds`, formatting marked with `~`. */
export function rowText(row: ReportRow): string {
  const parts = [
    `${row.status} ${row.key.at(-1)}${row.formattingOnly ? ' ~' : ''}`,
    ...row.causes.map(({ kind, detail, file }) => {
      const where = file === null ? '' : ` (${file})`
      return `${kind}: ${detail}${where}`
    }),
    ...row.parents.added.map((key) => `+${key.slice(-2).join('.')}`),
    ...row.parents.removed.map((key) => `-${key.slice(-2).join('.')}`),
  ]
  return parts.join(' | ')
}

/** The rows of one edit. */
export function rowsOf(edit: Edit, assets: readonly ReportRow[]): string[] {
  return assets.filter(({ key }) => key.at(-2) === edit.name).map(rowText)
}
