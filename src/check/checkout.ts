import { type Commits, checkedOutCommit, resolveCommits } from '../git/commits.ts'
import type { Comparison } from '../git/comparison.ts'
import { openReader, type Reader } from '../git/objectReader.ts'
import { completeCommits } from '../git/partialClone.ts'
import { openRepository, type Repository } from '../git/repository.ts'
import { readSubmodules, type Submodules } from '../git/submodules.ts'
import type { Request } from '../inputs/request.ts'
import { OpenedResources } from '../platform/openedResources.ts'
import { lookForGit } from '../sandbox/hiddenPlaces.ts'
import { type Isolation, isolate } from '../sandbox/sandbox.ts'
import { tryWays } from '../sandbox/sandboxWays.ts'
import type { Ports } from './ports.ts'

/** The user's checkout, before any commit of it is read. */
export type Checkout = {
  readonly repository: Repository
  /** SHA of the commit that is checked out. */
  readonly checkedOut: string
  readonly comparison: Comparison
  /** Variables of the input `env` that the compared code may not have, because it is a stranger's. */
  readonly withheld: readonly string[]
  /** How loads are kept to themselves, found out once. @throws Failure `isolation` where they cannot be as they have to be */
  readonly isolate: () => Promise<Isolation>
}

/**
 * Opens it, and begins to find out what isolates loads on this machine, which takes longer than the first questions
 * to git.
 *
 * @throws Failure `git` where there is no repository; `refused-event` and the like where there is nothing to compare
 */
export async function openCheckout(
  { isolation: wanted, env }: Pick<Request, 'isolation' | 'env'>,
  { folder, environment, choose }: Pick<Ports, 'folder' | 'environment' | 'choose'>,
): Promise<Checkout> {
  const trying = tryWays(environment)
  const repository = await openRepository(folder)
  const around = { environment, workspace: repository.root }
  const looking = lookForGit(around)
  const checkedOut = await checkedOutCommit(repository.git)
  const comparison = choose(checkedOut)
  const withheld = comparison.foreign ? env : []
  const given = comparison.foreign ? [] : env
  const find = async () => {
    const trial = await trying
    return isolate(wanted, trial, { ...around, given, gitFolders: await looking })
  }
  let found: Promise<Isolation> | null = null
  return {
    repository,
    checkedOut,
    comparison,
    withheld,
    isolate: () => {
      found ??= find()
      return found
    },
  }
}

/** @throws Failure `git` where one cannot be had */
export async function findCommits(
  { repository, comparison }: Checkout,
  { stage }: Pick<Ports, 'stage'>,
): Promise<Commits> {
  return await stage('git', 'Finding the commits', async () => {
    const found = await resolveCommits(repository.git, comparison)
    await completeCommits(repository, found)
    return found
  })
}

/** Both commits, to be read with the files of their submodules in them. */
export type ReadableCommits = AsyncDisposable & {
  readonly submodules: Submodules
  readonly reader: Reader
}

export async function openCommits(
  { repository }: Checkout,
  commits: Commits,
  { stage, temporary }: Pick<Ports, 'stage' | 'temporary'>,
): Promise<ReadableCommits> {
  await using opened = new OpenedResources()
  const submodules = await stage('git', 'Reading submodules', () =>
    readSubmodules(repository, commits, temporary),
  )
  opened.use(submodules)
  const reader = opened.use(await openReader(submodules.objects, temporary))
  const all = opened.move()
  return { submodules, reader, [Symbol.asyncDispose]: () => all[Symbol.asyncDispose]() }
}
