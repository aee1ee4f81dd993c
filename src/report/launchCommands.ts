import type { AssetKey } from '../dagster/assetKeys.ts'
import { isIncomplete } from '../dagster/unknownCatalogs.ts'
import { keyText } from './presentation.ts'

/** Selections that pick exactly the given assets, and the keys that no selection can name. */
export type Selections = {
  readonly commands: readonly string[]
  readonly unnameable: readonly AssetKey[]
}

/** Assets of one command: a longer line is hard to paste, and Windows takes no more than 32,767 characters. */
const MOST_TERMS = 40

/**
 * Shell commands that materialize exactly these assets, in the syntax that `dg launch --assets` and
 * the search field of Dagster's asset catalog share (dagster `AssetSelection.from_string`).
 */
export function launchCommands(keys: readonly AssetKey[]): Selections {
  const terms = keys.filter(canBeNamed).map((key) => `key:"${keyText(key)}"`)
  const commands: string[] = []
  for (let start = 0; start < terms.length; start += MOST_TERMS) {
    commands.push(launchCommand(terms.slice(start, start + MOST_TERMS).join(' or ')))
  }
  return { commands, unnameable: keys.filter((key) => !canBeNamed(key)) }
}

/** One command for a selection, quoted for a POSIX shell. */
export function launchCommand(selection: string): string {
  return `dg launch --assets '${selection.replaceAll("'", `'\\''`)}'`
}

/**
 * A quoted key has no escapes, `*` in it is a wildcard, and the command line is split at every comma
 * before it is parsed (`asset_materialize_command_impl`, dagster 1.13). A key with a stand-in for its catalog
 * would pick nothing, or another asset.
 */
function canBeNamed(key: AssetKey): boolean {
  return !isIncomplete(key) && !/["\\,*\p{C}\p{Zl}\p{Zp}]/u.test(keyText(key))
}
