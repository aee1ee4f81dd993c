import { existsSync } from 'node:fs'
import path from 'node:path'
import type { DefinitionsTarget } from '../inputValues.ts'
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
  const text = (await readText(tree, 'pyproject.toml')) ?? ''
  const section = /^\[tool\.dagster\]\s*$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(text)?.[1] ?? ''
  const module = /^module_name\s*=\s*["']([\w.]+)["']/m.exec(section)?.[1]
  if (module !== undefined) return { file: null, module, attribute: null }
  const file = [...new Set(['.', ...projects])]
    .map((folder) => path.posix.join(folder, 'definitions.py'))
    .find((candidate) => existsSync(path.join(tree, candidate)))
  return file === undefined ? null : { file, module: null, attribute: null }
}

/** As the input `definitions` names it. */
export function targetText({ file, module, attribute }: DefinitionsTarget): string {
  return [file ?? module ?? '', attribute].filter((part) => part !== null).join(':')
}
