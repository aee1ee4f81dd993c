import { existsSync } from 'node:fs'
import path from 'node:path'
import type { DefinitionsTarget } from '../dagster/definitions.ts'
import { at, type Table, tomlTable } from '../interpreter/formats/parseDocuments.ts'
import { Failure } from '../platform/failure.ts'
import { readText } from './readText.ts'

/**
 * Where the Dagster definitions of a commit probably are: as `[tool.dagster]` in the root's
 * pyproject.toml says, or a file `definitions.py`, in the root or in a project.
 *
 * @param tree the commit's files
 * @returns null where nothing looks like it
 * @throws Failure where there is a pyproject.toml that cannot be read
 */
export async function guessDefinitions(
  tree: string,
  projects: readonly string[],
): Promise<DefinitionsTarget | null> {
  const text = await readText(tree, 'pyproject.toml')
  const module = text === null ? undefined : at(readToml(text), 'tool', 'dagster', 'module_name')
  if (typeof module === 'string') return { file: null, module, attribute: null }
  const file = [...new Set(['.', ...projects])]
    .map((folder) => path.posix.join(folder, 'definitions.py'))
    .find((candidate) => existsSync(path.join(tree, candidate)))
  return file === undefined ? null : { file, module: null, attribute: null }
}

function readToml(text: string): Table {
  try {
    return tomlTable(text)
  } catch (cause) {
    throw new Failure('config', (cause as Error).message, {
      file: 'pyproject.toml',
      hint: 'Mend it, so that what it says of Dagster can be read.',
      cause,
    })
  }
}

/** As the input `definitions` names it. */
export function targetText({ file, module, attribute }: DefinitionsTarget): string {
  return [file ?? module ?? '', attribute].filter((part) => part !== null).join(':')
}
