import { Failure, type Side } from '../platform/failure.ts'
import { firstLine, type Git } from './gitCommand.ts'

/** One commit by its full SHA. */
export type Commits = { readonly base: string; readonly head: string }

/** What to resolve: see `Comparison` in event.ts, whose shape this is. */
type Wanted = {
  readonly head: string
  readonly headFetchRef: string | null
  readonly base:
    | { readonly kind: 'commit'; readonly revision: string }
    | { readonly kind: 'first-parent' }
    | { readonly kind: 'merge-base'; readonly with: string }
    | { readonly kind: 'default-branch'; readonly name: string | null }
}

/** A shallow clone is deepened in these steps until a merge-base shows. */
const DEEPEN = [50, 200, 1000, 10_000]

const FULL_SHA = /^([0-9a-f]{40}|[0-9a-f]{64})$/

/**
 * SHA of the commit that the working tree has checked out.
 *
 * @throws Failure `git` in a repository without a commit
 */
export async function checkedOutCommit(git: Git): Promise<string> {
  const commit = await lookUp(git, 'HEAD')
  if (commit !== null) return commit
  throw new Failure('git', 'The repository has no commit checked out.', {
    hint: 'In a workflow, run actions/checkout before this action.',
  })
}

/**
 * Finds both commits, fetching what a shallow clone lacks. Only objects (and the list of shallow
 * commits) are added: no ref, no FETCH_HEAD, no index.
 *
 * @throws Failure `git` that names the side
 */
export async function resolveCommits(git: Git, wanted: Wanted): Promise<Commits> {
  const head = await resolve(git, wanted.head, 'head', wanted.headFetchRef)
  return { head, base: await resolveBase(git, wanted.base, head) }
}

async function resolveBase(git: Git, rule: Wanted['base'], head: string): Promise<string> {
  switch (rule.kind) {
    case 'commit':
      return await resolve(git, rule.revision, 'base', null)
    case 'first-parent':
      return await resolve(git, await firstParent(git, head), 'base', null)
    case 'merge-base':
      return await mergeBase(git, await resolve(git, rule.with, 'base', null), head)
    case 'default-branch': {
      const name = rule.name ?? (await defaultBranch(git))
      // Full names, since a tag of the same name would win.
      const places = [`refs/heads/${name}`, `refs/remotes/origin/${name}`]
      const tip = await resolve(git, name, 'base', `refs/heads/${name}`, places)
      return await mergeBase(git, tip, head)
    }
  }
}

/** The commit that `revision` names here, or null. Never fetches. */
async function lookUp(git: Git, revision: string): Promise<string | null> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]
  const commit = await git(args).catch(() => '')
  return FULL_SHA.test(commit) ? commit : null
}

async function resolve(
  git: Git,
  revision: string,
  side: Side,
  fetchRef: string | null,
  // `main` in a CI checkout is only known as the remote's branch.
  places: readonly string[] = [revision, `refs/remotes/origin/${revision}`],
): Promise<string> {
  const isSha = FULL_SHA.test(revision)
  for (const place of isSha ? [revision] : places) {
    const known = await lookUp(git, place)
    if (known !== null) return known
  }
  const ref = fetchRef ?? (isSha ? null : `refs/heads/${revision}`)
  const attempts = [...(isSha ? [revision] : []), ...(ref === null ? [] : [ref])]
  let reason: unknown = 'the remote has another commit there'
  for (const attempt of attempts) {
    const fetched = await fetchCommit(git, attempt).catch((error: unknown) => {
      reason = error
      return null
    })
    if (fetched !== null && (!isSha || fetched === revision)) return fetched
  }
  throw new Failure(
    'git',
    `The ${side} commit ${revision} is not in this clone and could not be fetched: ${firstLine(reason)}`,
    {
      side,
      hint: 'Let actions/checkout keep its credentials, or give it `fetch-depth: 0`; a commit removed by a force-push needs a new run.',
      cause: reason,
    },
  )
}

/** No commit is taken to be later than that: 2100, in seconds. */
const LATEST = 4_102_444_800

/**
 * The time at which two commits are compared, in seconds since 1970: when the later of them was committed,
 * so that neither gets older by its own word.
 */
export async function committedAt(git: Git, { base, head }: Commits): Promise<number> {
  const dates = await git(['log', '--no-walk', '--format=%ct', '--end-of-options', base, head])
  return Math.min(Math.max(0, ...dates.split('\n').map(Number)), LATEST)
}

/** Fetches one commit by SHA or full ref name from origin and gives its SHA; null if it is not there then. */
export async function fetchCommit(git: Git, what: string): Promise<string | null> {
  const depth = (await isShallow(git)) ? ['--depth=1'] : []
  if (!FULL_SHA.test(what)) await requireRefName(git, what)
  await git(['fetch', ...QUIETLY, ...depth, '--end-of-options', 'origin', what])
  if (FULL_SHA.test(what)) return await lookUp(git, what)
  const listed = await git(['ls-remote', UPLOAD_PACK, '--end-of-options', 'origin', what])
  // It also lists refs that merely end like this one.
  const line = listed.split('\n').find((one) => one.endsWith(`\t${what}`))
  return await lookUp(git, line?.split('\t')[0] ?? '')
}

/** What is no name could be a refspec, which moves the user's branches. @throws Error */
async function requireRefName(git: Git, ref: string): Promise<void> {
  if ((await git(['check-ref-format', '--normalize', ref])) === ref) return
  throw new Error(`${ref} is no name that a branch can have`)
}

/** The remote's program is not the repository's to choose. */
const UPLOAD_PACK = '--upload-pack=git-upload-pack'

/** What every fetch is told. An empty refmap keeps a fetched branch from moving its remote-tracking ref. */
export const QUIETLY = [
  UPLOAD_PACK,
  '--refmap=',
  '--quiet',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-recurse-submodules',
]

/** Whether the clone lacks history. */
export async function isShallow(git: Git): Promise<boolean> {
  return (await git(['rev-parse', '--is-shallow-repository'])) === 'true'
}

/** First parent as the commit object itself says: a shallow clone hides it from `rev^1`. */
async function firstParent(git: Git, commit: string): Promise<string> {
  const object = await git(['cat-file', 'commit', commit])
  const header = object.slice(0, object.indexOf('\n\n'))
  const parent = /^parent ([0-9a-f]+)$/m.exec(header)?.[1]
  if (parent !== undefined) return parent
  throw new Failure('git', `The commit ${commit} has no parent to compare with.`, {
    side: 'base',
    hint: 'Give the input `base`.',
  })
}

async function mergeBase(git: Git, base: string, head: string): Promise<string> {
  for (const depth of [0, ...DEEPEN]) {
    if (depth > 0) {
      if (!(await isShallow(git))) break
      await git([
        'fetch',
        ...QUIETLY,
        `--deepen=${depth}`,
        '--end-of-options',
        'origin',
        base,
        head,
      ])
    }
    const found = await git(['merge-base', '--end-of-options', base, head])
    if (FULL_SHA.test(found)) return found
  }
  throw new Failure('git', `The commits ${base} and ${head} share no history.`, {
    side: 'base',
    hint: 'Give actions/checkout `fetch-depth: 0`, or give the input `base`.',
  })
}

/**
 * Name of the default branch: as the clone knows it, else the only one with a usual name, else as
 * the remote says. A clone made by actions/checkout has no `origin/HEAD`.
 */
async function defaultBranch(git: Git): Promise<string> {
  const head = await git(['symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD'])
  if (head.startsWith('origin/')) return head.slice('origin/'.length)
  const usual: string[] = []
  for (const name of ['main', 'master']) {
    const here = await lookUp(git, `refs/heads/${name}`)
    const there = await lookUp(git, `refs/remotes/origin/${name}`)
    if (here !== null || there !== null) usual.push(name)
  }
  const [only, another] = usual
  if (only !== undefined && another === undefined) return only
  const listed = await git(['ls-remote', UPLOAD_PACK, '--symref', 'origin', 'HEAD']).catch(() => '')
  const named = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(listed)?.[1]
  if (named !== undefined) return named
  throw new Failure('git', 'The default branch of this repository is not known.', {
    side: 'base',
    hint: 'Name the commit to compare with: the input `base`, or BASE on the command line.',
  })
}
