/** Fields to ask a GraphQL server for, below one type. `true` is a field without fields of its own. */
export type Selection = {
  readonly type: string
  readonly fields: Readonly<Record<string, true | Selection | FieldsCall>>
}

/** A field that takes arguments, as they are written: `(assetKeys: $keys)`. */
export type FieldsCall = { readonly args: string; readonly of: Selection }

/** Fields that a server does not have, as `Type.field`. */
export type Lacking = ReadonlySet<string>

/** What GraphQL writes between braces; '' when the server has none of the fields. */
export function fieldsText({ type, fields }: Selection, lacking: Lacking): string {
  const parts = Object.entries(fields).flatMap(([name, below]) => {
    if (lacking.has(`${type}.${name}`)) return []
    if (below === true) return [name]
    const [args, of] = 'args' in below ? [below.args, below.of] : ['', below]
    const inner = fieldsText(of, lacking)
    return inner === '' ? [] : [`${name}${args} { ${inner} }`]
  })
  return parts.join(' ')
}

/** The fields that a server says it lacks (graphql-core, `FieldsOnCorrectTypeRule`). */
export function lackingFields(messages: readonly string[]): readonly string[] {
  return messages.flatMap((message) => {
    const match = /Cannot query field ['"](\w+)['"] on type ['"](\w+)['"]/.exec(message)
    return match === null ? [] : [`${match[2]}.${match[1]}`]
  })
}
