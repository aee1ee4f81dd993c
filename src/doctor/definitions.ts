import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { DefinitionsTarget } from '../inputs.ts'

/**
 * Where the Dagster definitions of a commit probably are: as `[tool.dagster]` in pyproject.toml says,
 * or a file `definitions.py`, in a project or in the root.
 *
 * @param tree the commit's files
 * @returns null where nothing looks like it
 */
export async function guessDefinitions(
  tree: string,
  projects: readonly string[],
): Promise<DefinitionsTarget | null> {
  const folders = [...new Set(['.', ...projects])]
  for (const folder of folders) {
    const file = path.join(tree, folder, 'pyproject.toml')
    const text = await readFile(file, 'utf8').catch(() => '')
    const section = /^\[tool\.dagster\]\s*$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(text)?.[1] ?? ''
    const module = /^module_name\s*=\s*["']([\w.]+)["']/m.exec(section)?.[1]
    if (module !== undefined && folder === '.') return { file: null, module, attribute: null }
  }
  const file = folders
    .map((folder) => path.posix.join(folder, 'definitions.py'))
    .find((candidate) => existsSync(path.join(tree, candidate)))
  return file === undefined ? null : { file, module: null, attribute: null }
}

/** As the input `definitions` names it. */
export function targetText({ file, module, attribute }: DefinitionsTarget): string {
  return [file ?? module ?? '', attribute].filter((part) => part !== null).join(':')
}
