import { lstat, readlink, rm } from 'node:fs/promises'
import path from 'node:path'

/** As many links as the kernel follows. */
const MOST_STEPS = 40

/**
 * Takes away the symbolic links that lead out of a commit's files: what is there belongs to the
 * machine, not to the commit, and a load would read it (and could quote it).
 *
 * @param tree absolute folder with the commit's files, without symbolic links in its own path
 * @param links paths relative to it; not all need to be there
 * @returns those that were taken away
 */
export async function removeLinksOut(
  tree: string,
  links: readonly string[],
): Promise<readonly string[]> {
  const out: string[] = []
  for (const link of links) if (await leadsOut(tree, link)) out.push(link)
  // Only now: a link may lead out by way of another.
  for (const link of out) await rm(path.join(tree, link), { force: true })
  return out
}

/** Follows a link as the kernel would, and says whether it is ever outside. */
async function leadsOut(tree: string, link: string): Promise<boolean> {
  const left = link.split('/')
  const here: string[] = []
  for (let steps = 0; left.length > 0; ) {
    const part = left.shift() as string
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (here.pop() === undefined) return true
      continue
    }
    here.push(part)
    const target = await targetOf(path.join(tree, ...here))
    if (target === null) continue
    steps += 1
    // Links in a ring lead nowhere, and whoever follows them by hand does not come back.
    if (steps > MOST_STEPS || path.isAbsolute(target)) return true
    here.pop()
    left.unshift(...target.split('/'))
  }
  return false
}

/** Where a symbolic link leads; null for anything else, and for nothing. */
async function targetOf(file: string): Promise<string | null> {
  const there = await lstat(file).catch(() => null)
  return there?.isSymbolicLink() === true ? await readlink(file) : null
}
