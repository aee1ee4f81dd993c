import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { temporaryFolder } from './temporary.ts'

/** Canary: actions/checkout leaves the token in .git/config, where no project code may find it. */
export const checkoutCredential = 'Y2FuYXJ5Q2hlY2tvdXRDcmVkZW50aWFs'

export type PullRequest = {
  readonly number: number
  readonly base: { readonly ref: string; readonly sha: string }
  readonly head: { readonly ref: string; readonly sha: string }
  /** `refs/pull/N/merge`; null when base and head conflict, as on GitHub. */
  readonly mergeSha: string | null
}

export type MergeGroup = {
  readonly headRef: string
  readonly headSha: string
  readonly baseRef: string
  readonly baseSha: string
}

export type CheckoutOptions = {
  /** `refs/pull/7/merge`, `refs/heads/main` or a commit; what `ref:` or the event gives. */
  readonly ref: string
  /** `fetch-depth`; 0 is everything. */
  readonly depth?: number
}

/** A commit of another repository in the place of a folder. */
export type Submodule = { readonly submodule: string }

export type Origin = AsyncDisposable & {
  /** `file://…`, so that fetches go through git's protocol and shallow clones are real. */
  readonly url: string
  /**
   * Puts a commit onto `branch`, which starts at main when it is new. Files are by path; null
   * deletes. Returns the commit's SHA; the same calls give the same SHAs.
   */
  commit(
    files: Readonly<Record<string, string | null | Submodule>>,
    message: string,
    branch?: string,
  ): Promise<string>
  /** Opens or updates a pull request: (re)makes `refs/pull/N/head` and `/merge`. */
  pullRequest(options?: { base?: string; head?: string; number?: number }): Promise<PullRequest>
  /** A merge queue's branch for that pull request. */
  mergeGroup(pullRequest: PullRequest): Promise<MergeGroup>
  /** A new clone as actions/checkout leaves it; its folder. */
  checkout(options: CheckoutOptions): Promise<string>
}

const run = promisify(execFile)

/** A script is a program. */
const modeOf = (content: string) => (content.startsWith('#!') ? '100755' : '100644')

/** Nothing of the machine's git configuration, and a fixed author and clock. */
const environment = {
  PATH: process.env['PATH'],
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Alice',
  GIT_AUTHOR_EMAIL: 'alice@example.com',
  GIT_COMMITTER_NAME: 'Alice',
  GIT_COMMITTER_EMAIL: 'alice@example.com',
}

/** Runs git in `folder`; its output without the last line end. Throws on a non-zero exit. */
export async function git(
  folder: string,
  args: readonly string[],
  options: { env?: Readonly<Record<string, string>>; input?: string } = {},
): Promise<string> {
  const running = run('git', ['-C', folder, ...args], { env: { ...environment, ...options.env } })
  // A git that does not read its input may be gone before it arrives; its exit code says enough.
  running.child.stdin?.on('error', () => {}).end(options.input ?? '')
  return (await running).stdout.trimEnd()
}

/**
 * A throw-away repository that plays GitHub's side: bare, and with GitHub's refs. Commits are made
 * without a working tree.
 */
export async function temporaryOrigin(): Promise<Origin> {
  const folder = await temporaryFolder()
  const bare = join(folder.path, 'origin.git')
  await mkdir(bare)
  await git(bare, ['init', '--quiet', '--bare', '--initial-branch=main'])
  // GitHub serves any commit it has by its SHA.
  await git(bare, ['config', 'uploadpack.allowAnySHA1InWant', 'true'])
  await git(bare, ['config', 'uploadpack.allowFilter', 'true'])
  const url = pathToFileURL(bare).href
  let commits = 0
  let clones = 0

  const commitTree = (tree: string, parents: readonly string[], message: string) => {
    const date = `${Date.UTC(2026, 0, 5, 8, commits) / 1000} +0000`
    commits += 1
    return git(
      bare,
      ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-m', message],
      { env: { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date } },
    )
  }
  const entryOf = async (content: string | null | Submodule) => {
    // `0 <nothing>` removes the path.
    if (content === null) return `0 ${'0'.repeat(40)}`
    if (typeof content !== 'string') return `160000 ${content.submodule}`
    const written = ['hash-object', '-w', '--stdin']
    return `${modeOf(content)} ${await git(bare, written, { input: content })}`
  }
  const tip = (ref: string) => git(bare, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`])

  return {
    url,
    async commit(files, message, branch = 'main') {
      const ref = `refs/heads/${branch}`
      const parent = await tip(ref).catch(() => tip('refs/heads/main').catch(() => null))
      const index = { env: { GIT_INDEX_FILE: join(folder.path, 'index') } }
      await git(bare, ['read-tree', ...(parent === null ? ['--empty'] : [parent])], index)
      for (const [path, content] of Object.entries(files)) {
        const entry = `${await entryOf(content)}\t${path}\n`
        await git(bare, ['update-index', '--index-info'], { ...index, input: entry })
      }
      const tree = await git(bare, ['write-tree'], index)
      const sha = await commitTree(tree, parent === null ? [] : [parent], message)
      await git(bare, ['update-ref', ref, sha])
      return sha
    },
    async pullRequest({ base = 'main', head = 'feature', number = 7 } = {}) {
      const [baseSha, headSha] = [await tip(`refs/heads/${base}`), await tip(`refs/heads/${head}`)]
      await git(bare, ['update-ref', `refs/pull/${number}/head`, headSha])
      const tree = await git(bare, ['merge-tree', '--write-tree', baseSha, headSha]).catch(
        () => null,
      )
      const mergeRef = `refs/pull/${number}/merge`
      const mergeSha =
        tree && (await commitTree(tree, [baseSha, headSha], `Merge ${headSha} into ${baseSha}`))
      await git(
        bare,
        mergeSha ? ['update-ref', mergeRef, mergeSha] : ['update-ref', '-d', mergeRef],
      )
      return {
        number,
        base: { ref: base, sha: baseSha },
        head: { ref: head, sha: headSha },
        mergeSha,
      }
    },
    async mergeGroup({ number, base, head }) {
      const baseSha = await tip(`refs/heads/${base.ref}`)
      const headRef = `refs/heads/gh-readonly-queue/${base.ref}/pr-${number}-${baseSha}`
      const tree = await git(bare, ['merge-tree', '--write-tree', baseSha, head.sha])
      const headSha = await commitTree(tree, [baseSha, head.sha], `Merge pull request #${number}`)
      await git(bare, ['update-ref', headRef, headSha])
      return { headRef, headSha, baseRef: `refs/heads/${base.ref}`, baseSha }
    },
    async checkout({ ref, depth = 1 }) {
      clones += 1
      const clone = join(folder.path, `clone-${clones}`)
      await mkdir(clone)
      await checkoutLikeActions(clone, url, { ref, depth })
      return clone
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

/** The git calls of actions/checkout (getRefSpec, getCheckoutInfo in its ref-helper.ts). */
async function checkoutLikeActions(
  clone: string,
  url: string,
  { ref, depth }: Required<CheckoutOptions>,
): Promise<void> {
  const header = 'http.https://github.com/.extraheader'
  await git(clone, ['init', '--quiet', '--initial-branch=master'])
  await git(clone, ['remote', 'add', 'origin', url])
  await git(clone, ['config', '--local', 'gc.auto', '0'])
  await git(clone, ['config', '--local', header, `AUTHORIZATION: basic ${checkoutCredential}`])

  const branch = ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : null
  const tracking =
    branch === null
      ? ref.replace(/^refs\/pull\//, 'refs/remotes/pull/')
      : `refs/remotes/origin/${branch}`
  const refspec = ref.startsWith('refs/') ? `+${ref}:${tracking}` : ref
  const everything = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*']
  const what = depth === 0 ? [...everything, refspec] : [`--depth=${depth}`, 'origin', refspec]
  const fetch = ['fetch', '--quiet', '--no-tags', '--prune', '--no-recurse-submodules']
  await git(clone, [...fetch, ...(depth === 0 ? ['origin', ...what] : what)])
  const switchTo = branch === null ? [tracking] : ['-B', branch, tracking]
  await git(clone, ['checkout', '--quiet', '--force', ...switchTo])
}
