import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** The repository's root. */
export const root = join(import.meta.dirname, '..', '..')

type ActionFile = {
  readonly inputs: Readonly<Record<string, { readonly default?: unknown }>>
  readonly outputs: Readonly<Record<string, unknown>>
  readonly runs: { readonly using: string; readonly main: string }
}

/** action.yml as the runner reads it. */
export const actionFile = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as ActionFile

/**
 * The `INPUT_…` variables of a step: the runner fills in action.yml's defaults, so an action never
 * sees an input unset. Upper-cased, spaces become `_`, hyphens stay. Throws on an unknown input,
 * which on GitHub would be a mere warning.
 */
export function inputVariables(
  inputs: Readonly<Record<string, string>>,
  token: string,
): Record<string, string> {
  const unknown = Object.keys(inputs).filter((name) => !(name in actionFile.inputs))
  if (unknown.length > 0) throw new Error(`action.yml has no input ${unknown.join(', ')}`)
  return Object.fromEntries(
    Object.entries(actionFile.inputs).map(([name, input]) => {
      const value = inputs[name] ?? String(input.default ?? '')
      const evaluated = value.replace(/\$\{\{\s*github\.token\s*\}\}/, token)
      return [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, evaluated]
    }),
  )
}
