import { constants, open, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { answerOf } from '../python/answer.ts'
import { setTraces } from './traces.ts'

/** What the probe answers once it has run what it was asked to. */
export const readsAnswer = answerOf({ reads: z.strictObject({ sqlmesh: z.string().nullable() }) })

/** What is asked of the probe, and what there is to see once it has answered. */
export type Sight = {
  readonly request: {
    readonly changed: readonly string[]
    readonly folders: readonly string[]
    readonly witness: string
    readonly log: string
  }
  /** What was read, or why that was not to be seen; null: nothing. */
  readonly seen: () => Promise<string | null>
}

/**
 * @param changed paths that differ, relative to the tree
 * @param folders those in which a name comes or goes
 */
export async function openSight(
  tree: string,
  scratch: string,
  changed: readonly string[],
  folders: readonly string[],
): Promise<Sight> {
  const witness = path.join(scratch, 'witness')
  const log = path.join(scratch, 'reads')
  await writeFile(witness, 'Whoever reads this moves its access time.\n')
  const of = (paths: readonly string[]) => paths.map((one) => path.join(tree, one))
  const noted = await setTraces([witness])
  const read = await setTraces(of(changed))
  const listed = await setTraces(of(folders))
  const seen = async () => {
    if ((await noted()).length === 0) return 'reads leave no trace here'
    const [first] = await read()
    if (first !== undefined) return `${path.relative(tree, first)} was read`
    const told = await linesOf(log)
    if (told === null) return 'what it looked at is not known'
    const found = told.filter((line) => line.startsWith('finds\t'))
    const other = told.find((line) => !found.includes(line))
    if (other !== undefined) return `its code ${other.replace('\t', ' ')}`
    const known = new Set(found.map((line) => line.slice('finds\t'.length)))
    const folder = (await listed())
      .map((one) => path.relative(tree, one))
      .find((one) => !known.has(`'${one || '.'}'`))
    return folder === undefined ? null : `the folder ${folder || '.'} was listed`
  }
  return { request: { changed, folders, witness, log }, seen }
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

/** As probe_reads.py tells it. */
const TOLD = /^(opens|finds|lists|looks for|runs)\t.{1,500}$/

/** See git/changedFiles.ts, whose shape this is. */
type Change = { readonly path: string; readonly status: string }

/** Folders in which a name comes or goes: of each file that does, all that lead to it. */
export function foldersOf(files: readonly Change[]): readonly string[] {
  const moving = files.filter(({ status }) => status !== 'modified')
  return [...new Set(moving.flatMap((file) => foldersAbove(file.path)))]
}

function foldersAbove(file: string): readonly string[] {
  const folder = path.posix.dirname(file)
  return folder === '.' ? ['.'] : [folder, ...foldersAbove(folder)]
}
