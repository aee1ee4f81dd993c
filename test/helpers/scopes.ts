import { tmpdir } from 'node:os'
import type { Commits } from '../../src/git/commits.ts'
import { openReader } from '../../src/git/objectReader.ts'
import { openRepository } from '../../src/git/repository.ts'
import { readSubmodules, type Submodules } from '../../src/git/submodules.ts'
import { parseInputs } from '../../src/inputs/request.ts'
import { compareFiles } from '../../src/scope/compareFiles.ts'
import type { Scope } from '../../src/scope/scope.ts'

type Inputs = Readonly<Record<string, string>>

/** What the product decides to load of two commits that a clone has. */
export async function scopeIn(
  clone: string,
  commits: Commits,
  inputs: Inputs = {},
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Scope> {
  await using submodules = await readSubmodules(await openRepository(clone), commits, tmpdir())
  return (await compared(submodules, clone, inputs, environment)).scope
}

/** The same of two commits whose submodules have been read, with the files that differ. */
export async function compared(
  submodules: Submodules,
  workspace: string,
  inputs: Inputs,
  environment: NodeJS.ProcessEnv = process.env,
): ReturnType<typeof compareFiles> {
  await using reader = await openReader(submodules.objects, tmpdir())
  const search = { workspace, environment }
  return await compareFiles(reader, submodules, parseInputs(inputs), search)
}
