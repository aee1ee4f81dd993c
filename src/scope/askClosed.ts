import { z } from 'zod'
import { runPlain } from '../interpreter/anyPython.ts'
import { entryPoint } from '../platform/shippedPython.ts'
import type { Use } from './fileRoles.ts'

const ENTRY = entryPoint('closed.entry')

/** Texts to look at. */
export type ClosedQuestion = {
  /** What each may do, in the order of the contents. */
  readonly files: readonly (readonly [path: string, use: Use])[]
  /** As `git cat-file --batch` gives them. */
  readonly contents: Buffer
  readonly projects: readonly string[]
  /** Paths of symbolic links of the repository. */
  readonly links: readonly string[]
}

const answered = z.strictObject({
  /** Why it may read a file that SQLMesh's loaders do not look for; null if it reads none. */
  open: z.string().nullable(),
  /** Paths of the data of seeds; null where they may be any file. */
  seeds: z.array(z.string()).readonly().nullable(),
})

/** What the code and the texts of a commit can do while its projects load. */
export type Closed = Readonly<z.infer<typeof answered>>

/** Asks closed/entry.py. Whatever it cannot tell is not closed. */
export async function askClosed(
  { files, contents, projects, links }: ClosedQuestion,
  search: Parameters<typeof runPlain>[2],
): Promise<Closed> {
  const starts = projects.map((project) => (project === '.' ? '' : `${project}/`))
  const question = `${JSON.stringify({ starts, links, files })}\n`
  const answer = await runPlain(ENTRY, [question, contents], search)
  if (answer === null) return { open: 'no Python could tell what the project reads', seeds: null }
  return understood(answer)
}

/** A program called python3 may be anything, and print what it likes. */
function understood(answer: string): Closed {
  try {
    return answered.parse(JSON.parse(answer))
  } catch {
    return { open: 'the answer of a Python about it was not understood', seeds: null }
  }
}
