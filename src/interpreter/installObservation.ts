import { randomUUID } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { lstat, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { canClone, watchAccess } from './accessTimes.ts'

/** What an installation in one commit's tree does with the files there. */
export type InstallWatch = {
  /** Runs a program in the installation's own sandbox that reads a file, before the installation starts. */
  readonly testBy: (read: (file: string) => Promise<unknown>) => Promise<void>
  readonly seen: () => Promise<SeenInstallation>
}

/** What was seen of an installation. */
export type SeenInstallation =
  /** Why it may make another environment of the other commit. */
  | { readonly kind: 'differs'; readonly because: string }
  /** It read nothing that differs. */
  | {
      readonly kind: 'same'
      /** What it left beside the commit's files: the paths that lead to all of it, relative to the tree. */
      readonly left: readonly string[]
    }

/** More entries than this are not looked at. */
const MOST_ENTRIES = 200_000
/** More than this is not copied. */
const MOST_LEFT = { entries: 10_000, bytes: 64 * 1024 * 1024 }

/**
 * To be made before the installation, in whose tree nothing else is at work until it has been `seen`.
 *
 * @param changed paths of files that both commits have and that differ, relative to the tree
 */
export async function watchInstallation(
  tree: string,
  changed: readonly string[],
): Promise<InstallWatch> {
  const read = await watchAccess(changed.map((file) => path.join(tree, file)))
  const before = await entriesIn(tree)
  let tested = false
  return {
    testBy: async (readBy) => {
      // In the tree, since that may be mounted in a way of its own.
      const file = path.join(tree, `.unsynced-${randomUUID()}`)
      await writeFile(file, 'Whoever reads this moves its access time.\n')
      try {
        if (await canClone(file)) return
        const accessed = await watchAccess([file])
        await readBy(file)
        tested = (await accessed()).length > 0
      } finally {
        await rm(file, { force: true })
      }
    },
    seen: async () => {
      if (!tested) return differs('reads leave no trace here')
      const [first] = await read()
      if (first !== undefined) return differs(`it reads ${path.relative(tree, first)}`)
      return compareEntries(before, await entriesIn(tree))
    },
  }
}

function differs(because: string): SeenInstallation {
  return { kind: 'differs', because }
}

/** Everything in a tree by its path; null if that is too much, or cannot be looked at. */
type Entries = ReadonlyMap<string, Entry> | null
type Entry = { readonly kind: Kind; readonly changed: bigint; readonly bytes: bigint }
type Kind = 'folder' | 'file' | 'link' | 'other'

function compareEntries(before: Entries, after: Entries): SeenInstallation {
  if (before === null || after === null) return differs('not all files could be looked at')
  for (const [file, { kind, changed }] of before) {
    const now = after.get(file)
    // Names come and go in a folder.
    const isSame = now?.kind === kind && (kind === 'folder' || now.changed === changed)
    if (!isSame) return differs(`it writes to ${file}`)
  }
  const added = [...after].filter(([file]) => !before.has(file))
  const odd = added.find(([, { kind }]) => kind === 'other')
  if (odd !== undefined) return differs(`it leaves ${odd[0]}, which cannot be copied`)
  const bytes = added.reduce((sum, [, entry]) => sum + entry.bytes, 0n)
  if (added.length > MOST_LEFT.entries || bytes > MOST_LEFT.bytes) {
    return differs('it leaves too much beside the files of the commit')
  }
  const names = new Set(added.map(([file]) => file))
  return { kind: 'same', left: [...names].filter((file) => !names.has(path.dirname(file))) }
}

async function entriesIn(tree: string): Promise<Entries> {
  // What an installation has made may be closed to everybody else.
  return await allEntriesIn(tree).catch(() => null)
}

async function allEntriesIn(tree: string): Promise<Entries> {
  const found = new Map<string, Entry>()
  const folders = ['']
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of await readdir(path.join(tree, folder))) {
      const file = path.join(folder, name)
      const status = await lstat(path.join(tree, file), { bigint: true })
      const kind = kindOf(status)
      found.set(file, { kind, changed: status.ctimeNs, bytes: status.size })
      if (found.size > MOST_ENTRIES) return null
      if (kind === 'folder') folders.push(file)
    }
  }
  return found
}

function kindOf(status: BigIntStats): Kind {
  if (status.isDirectory()) return 'folder'
  if (status.isSymbolicLink()) return 'link'
  return status.isFile() ? 'file' : 'other'
}
