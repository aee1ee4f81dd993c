import { constants, mkdir, open, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { watchAccess } from '../interpreter/accessTimes.ts'
import { answerOf } from '../interpreter/answerEnvelope.ts'

/** What the probe answers once it has run what it was asked to. */
export const readsAnswer = answerOf({ reads: z.strictObject({}) })

/** What is asked of the probe, and what there is to see once it has answered. */
export type Observation = {
  readonly request: {
    readonly changed: readonly string[]
    readonly moving: readonly string[]
    readonly listed: readonly string[]
    /** A folder with one file, to be listed and read. */
    readonly selfTest: string
    readonly log: string
  }
  /** What was read, or why that was not to be seen; null: nothing. */
  readonly seen: () => Promise<string | null>
}

/**
 * @param files that differ
 * @param tree with the files of one commit
 */
export async function openObservation(
  files: readonly Change[],
  tree: string,
  scratch: string,
): Promise<Observation> {
  const changed = files.map((file) => file.path)
  const listed = foldersOf(files)
  const moving = await movingFolders(tree, listed, changed)
  const selfTest = path.join(scratch, 'self-test')
  const log = path.join(scratch, 'reads')
  const toRead = path.join(selfTest, 'file')
  await mkdir(selfTest)
  await writeFile(toRead, 'Whoever reads this moves its access time.\n')
  const of = (paths: readonly string[]) => paths.map((one) => path.join(tree, one))
  const tested = await watchAccess([selfTest, toRead])
  const read = await watchAccess(of(changed))
  const folders = await watchAccess(of(listed))
  const seen = async () => {
    if ((await tested()).length < 2) return 'reads leave no trace here'
    const [first] = await read()
    if (first !== undefined) return `${path.relative(tree, first)} was read`
    const told = await linesOf(log)
    if (told === null) return 'what it looked at is not known'
    const found = told.filter((line) => line.startsWith('finds\t'))
    const other = told.find((line) => !found.includes(line))
    if (other !== undefined) return `its code ${other.replace('\t', ' ')}`
    const known = new Set(found.map((line) => line.slice('finds\t'.length)))
    const folder = (await folders())
      .map((one) => path.relative(tree, one))
      .find((one) => !known.has(`'${one || '.'}'`))
    return folder === undefined ? null : `the folder ${folder || '.'} was listed`
  }
  return { request: { changed, moving, listed, selfTest, log }, seen }
}

const MOST_BYTES = 1024 * 1024

/** What the load has told; null where the project's code has put anything else in its place. */
async function linesOf(log: string): Promise<readonly string[] | null> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const file = await open(log, flags).catch(() => null)
  if (file === null) return null
  try {
    const found = await file.stat()
    if (!found.isFile() || found.size > MOST_BYTES) return null
    const lines = (await file.readFile('utf8')).split('\n').filter((line) => line !== '')
    return lines.every((line) => TOLD.test(line)) ? lines : null
  } finally {
    await file.close()
  }
}

/** As observe/path_watch.py tells it. */
const TOLD = /^(opens|finds|lists|looks for|runs)\t.{1,500}$/

/** See git/changedFiles.ts, whose shape this is. */
type Change = { readonly path: string; readonly status: string }

/** Folders in which a name comes or goes: of each file that does, all that lead to it. */
function foldersOf(files: readonly Change[]): readonly string[] {
  const coming = files.filter(({ status }) => status !== 'modified')
  return [...new Set(coming.flatMap((file) => foldersAbove(file.path)))]
}

function foldersAbove(file: string): readonly string[] {
  const folder = path.posix.dirname(file)
  return folder === '.' ? ['.'] : [folder, ...foldersAbove(folder)]
}

/** Those of the folders that the other commit may not have: nothing is in them but what comes or goes. */
async function movingFolders(
  tree: string,
  folders: readonly string[],
  changed: readonly string[],
): Promise<readonly string[]> {
  const coming = new Set(changed)
  const holdsOthers = async (folder: string): Promise<boolean> => {
    const inside = await readdir(path.join(tree, folder), { withFileTypes: true }).catch(() => [])
    for (const entry of inside) {
      const one = path.posix.join(folder, entry.name)
      if (entry.isDirectory() ? await holdsOthers(one) : !coming.has(one)) return true
    }
    return false
  }
  const moving: string[] = []
  for (const folder of folders) {
    if (folder !== '.' && !(await holdsOthers(folder))) moving.push(folder)
  }
  return moving
}
