import { tmpdir } from 'node:os'
import { changedFiles } from '../../src/git/changedFiles.ts'
import type { Commits } from '../../src/git/commits.ts'
import { openReader } from '../../src/git/reader.ts'
import { openRepository } from '../../src/git/repository.ts'
import { parseInputs } from '../../src/inputs.ts'
import { readScope } from '../../src/readScope.ts'
import type { Scope } from '../../src/sqlmesh/scope.ts'

/** What the product decides to load of two commits that a clone has. */
export async function scopeIn(
  clone: string,
  commits: Commits,
  inputs: Readonly<Record<string, string>> = {},
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Scope> {
  const { objects } = await openRepository(clone)
  await using reader = await openReader(objects, tmpdir())
  const changed = await changedFiles(reader.git, commits)
  const search = { workspace: clone, environment }
  return await readScope(reader, commits, changed, parseInputs(inputs), search)
}
