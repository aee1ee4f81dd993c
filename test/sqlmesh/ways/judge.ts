import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { settleByReads } from '../../../src/check/observeReads.ts'
import type { ChangedFile } from '../../../src/git/changedFiles.ts'
import { openRepository } from '../../../src/git/repository.ts'
import { readSubmodules, type Submodules } from '../../../src/git/submodules.ts'
import { openTrees } from '../../../src/git/trees.ts'
import { Failure } from '../../../src/platform/failure.ts'
import type { Scope } from '../../../src/scope/scope.ts'
import { loadBoth } from '../../../src/sqlmesh/loadBoth.ts'
import { openObservation } from '../../../src/sqlmesh/loadObservation.ts'
import { bothOf } from '../../helpers/loads.ts'
import { LONG } from '../../helpers/long.ts'
import { probeServer } from '../../helpers/probeServer.ts'
import { compared } from '../../helpers/scopes.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { writeFiles } from '../../helpers/writeFiles.ts'
import type { Case } from './cases.ts'
import { differenceOf, type Loaded } from './difference.ts'
import { commitAll, writeTree } from './repository.ts'
import { type Said, stockServer } from './stockServer.ts'
import type { Tree } from './tree.ts'
import type { Way } from './way.ts'

/** The folder of every project. */
const PROJECT = 'wh'

/** What the product did with a case, and what stock SQLMesh says to that. */
export type Verdict = {
  /**
   * `refused`: it could not tell, which is red. `given up`: everything was loaded after all. `nothing seen`,
   * `files seen`: what was left once it was seen that no code reads what differs; `everything seen`: some does.
   */
  readonly decision:
    | Exclude<Scope['kind'], 'observed'>
    | 'refused'
    | 'given up'
    | `${Exclude<Scope['kind'], 'observed'>} seen`
  /** Stock refuses both commits, so that there is nothing to compare. */
  readonly broken: boolean
  /** What the product has got wrong; null: nothing. */
  readonly wrong: string | null
  /** Only what was observed has everything loaded, and less would have been wrong. */
  readonly needed: boolean
}

type Narrow = Extract<Scope, { kind: 'nothing' | 'files' }>

export type Judge = AsyncDisposable & {
  readonly judge: (one: Case) => Promise<Verdict>
  /** What stock says of both commits. */
  readonly askBoth: (one: Case) => Promise<readonly [base: Said, head: Said]>
}

/** Makes a commit of each project of the cases, and starts what loads them: the product's probe, and stock. */
export async function openJudge(python: string, cases: readonly Case[]): Promise<Judge> {
  const folder = await temporaryFolder()
  const clone = join(folder.path, 'clone')
  await mkdir(clone)
  const commitOf = await committed(clone, cases)
  const repository = await openRepository(clone)
  const stock = await stockServer(python)
  const probe = await probeServer(python)
  // Paths are part of some hashes: whatever is loaded is at the same one.
  const trees = await openTrees(folder.path)
  const known = new Map<string, Promise<Said>>()
  let sites = 0

  /** @param repository where what is installed leads to */
  const install = async (site: Way['site'], repository: string) => {
    if (site === null) return null
    sites += 1
    const place = join(folder.path, `site-${sites}`)
    const texts = Object.entries(site).map(([path, text]) => {
      return [path, text.replaceAll('{tree}', repository)] as const
    })
    await writeFiles(place, Object.fromEntries(texts))
    return place
  }

  const load = async (tree: Tree, site: Way['site']) => {
    const place = join(trees.loadFolder, 'tree')
    await writeTree(place, tree)
    const said = await stock.load([join(place, PROJECT)], await install(site, place))
    await writeTree(place, {})
    return said
  }
  const ask = async (tree: Tree, site: Way['site']) => {
    const key = JSON.stringify([keyOf(tree), site])
    if (!known.has(key)) known.set(key, load(tree, site))
    return await (known.get(key) as Promise<Said>)
  }

  const askBoth: Judge['askBoth'] = async (one) => {
    const site = siteOf(one)
    return [await ask(one.base, site), await ask(one.head, site)]
  }

  /** What the product loads of both commits; null where that becomes everything. */
  const loadNarrowly = async (
    { objects, commits }: Submodules,
    scope: Extract<Scope, { kind: 'files' }>,
    site: Way['site'],
  ): Promise<Loaded> => {
    await trees.checkout(objects, commits, scope.files)
    const installed = await install(site, clone)
    const everything = new Error('everything is loaded')
    try {
      const loads = await loadBoth(scope, {
        load: async (side, extent) =>
          await trees.visit(side, async (tree) => {
            const place = { tree, projects: [PROJECT], workspace: clone }
            return { manifest: await probe.load(side, place, extent, installed) }
          }),
        complete: () => Promise.reject(everything),
      })
      const { base, head } = bothOf(loads)
      return base.manifest && head.manifest && { base: base.manifest, head: head.manifest }
    } catch (error) {
      if (error === everything) return null
      throw error
    }
  }

  /** What is left to load, once it was seen what the code reads. */
  const settled = async (
    scope: Extract<Scope, { kind: 'observed' }>,
    changed: readonly ChangedFile[],
    { objects, commits }: Submodules,
    site: Way['site'],
  ) => {
    await trees.checkout(objects, commits, null)
    const installed = await install(site, clone)
    return await settleByReads(scope, changed, (side) =>
      trees.visit(side, async (tree, scratch) => {
        const observation = await openObservation(changed, tree, scratch)
        const place = { tree, projects: [PROJECT], workspace: clone }
        await probe.reads(side, place, observation, installed)
        return await observation.seen()
      }),
    )
  }

  /** What the product decides to load; null where it could not tell. */
  const decide = async (submodules: Submodules, site: Way['site']) => {
    const found = await compared(submodules, clone, { project: PROJECT }).catch((error) => {
      if (error instanceof Failure) return null
      throw error
    })
    if (found === null) return null
    const { scope: first, changed } = found
    if (first.kind !== 'observed')
      return { scope: first, decision: first.kind, unread: null } as const
    const scope = await settled(first, changed, submodules, site)
    const { unread } = first
    return { scope, decision: `${scope.kind} seen`, unread } as const
  }

  /** What is wrong with loading no more than that; null: nothing, or a whole load after all. */
  const wrongWith = async (scope: Narrow, one: Case, submodules: Submodules) => {
    const site = siteOf(one)
    const [base, head] = await askBoth(one)
    if ('error' in base && 'error' in head) return { broken: true, givenUp: false, wrong: null }
    const loaded = scope.kind === 'nothing' ? null : await loadNarrowly(submodules, scope, site)
    const givenUp = scope.kind === 'files' && loaded === null
    const wrong = givenUp
      ? null
      : (refusalOf(base, head) ?? differenceOf(modelsOf(base, head), loaded))
    return { broken: false, givenUp, wrong }
  }

  const judge: Judge['judge'] = async (one) => {
    const commits = { base: commitOf(one.base), head: commitOf(one.head) }
    await using submodules = await readSubmodules(repository, commits, folder.path)
    const decided = await decide(submodules, siteOf(one))
    const right = { broken: false, needed: false, wrong: null }
    // The check is red then, or loads everything anyway.
    if (decided === null) return { ...right, decision: 'refused' }
    const { scope, decision, unread } = decided
    if (scope.kind === 'everything') {
      // As long as everything else of the case.
      const without = LONG && unread !== null ? await wrongWith(unread, one, submodules) : null
      return { ...right, decision, needed: (without?.wrong ?? null) !== null }
    }
    const { broken, givenUp, wrong } = await wrongWith(scope, one, submodules)
    return { decision: givenUp ? 'given up' : decision, broken, needed: false, wrong }
  }

  return {
    judge,
    askBoth,
    async [Symbol.asyncDispose]() {
      await stock[Symbol.asyncDispose]()
      await probe[Symbol.asyncDispose]()
      await trees[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

async function committed(clone: string, cases: readonly Case[]) {
  const all = cases.flatMap(({ base, head }) => [base, head])
  const trees = new Map(all.map((tree) => [keyOf(tree), tree]))
  const commits = await commitAll(clone, [...trees.values()])
  const byTree = new Map([...trees.keys()].map((key, index) => [key, commits[index] as string]))
  return (tree: Tree) => byTree.get(keyOf(tree)) as string
}

function keyOf(tree: Tree): string {
  return JSON.stringify(Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function siteOf({ ways }: Case): Way['site'] {
  const sites = ways.map(({ site }) => site).filter((site) => site !== null)
  return sites.length === 0 ? null : Object.assign({}, ...sites)
}

/** Which commit stock refuses, which nothing but a load can tell. */
function refusalOf(base: Said, head: Said): string | null {
  for (const [side, said] of Object.entries({ base, head })) {
    if ('error' in said) return `stock refuses ${side}: ${lastLine(said.error)}`
  }
  return null
}

function modelsOf(base: Said, head: Said) {
  if ('error' in base || 'error' in head) throw new Error('stock refuses a commit')
  return { base: base.models, head: head.models }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? ''
}
