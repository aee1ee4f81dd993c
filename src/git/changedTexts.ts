import type { ChangedFile } from './changedFiles.ts'
import type { Commits } from './commits.ts'
import type { Git } from './gitCommand.ts'
import { type FileDiff, readDiffs } from './textDiff.ts'

/** What people want to see of the files themselves. */
export type ChangedTexts = {
  /** By path at head. */
  readonly diffs: ReadonlyMap<string, FileDiff>
  /** By path at head: the line on which the model of a changed file starts. */
  readonly modelLines: ReadonlyMap<string, number>
}

/** `MODEL (` of SQL models and `@model(` of Python models, as an extended regular expression. */
const MODEL_START = '^[[:space:]]*(MODEL[[:space:]]*\\(|@model\\()'

/**
 * Texts for the report's readers. Nothing depends on them: where git cannot give them, there are
 * none.
 */
export async function readTexts(
  git: Git,
  commits: Commits,
  changed: readonly ChangedFile[],
): Promise<ChangedTexts> {
  // A huge change may also exceed what one command line takes: then there is nothing to show either.
  const diffs = await readDiffs(git, commits, changed).catch(() => new Map<string, FileDiff>())
  const lines = readModelLines(git, commits.head, changed)
  return { diffs, modelLines: await lines.catch(() => new Map<string, number>()) }
}

async function readModelLines(
  git: Git,
  head: string,
  changed: readonly ChangedFile[],
): Promise<ReadonlyMap<string, number>> {
  const paths = changed
    .filter(({ status, path }) => status !== 'deleted' && /\.(sql|py)$/.test(path))
    .slice(0, MOST_FILES)
    .map(({ path }) => `:(top,literal)${path}`)
  if (paths.length === 0) return new Map()
  // Only the match itself is printed, so that a long line costs nothing.
  const options = [
    '-I',
    '-z',
    '-n',
    '-i',
    '-o',
    '--full-name',
    '--no-color',
    '-E',
    '-e',
    MODEL_START,
  ]
  const output = await git(['grep', ...options, head, '--', ...paths])
  return parseMatches(output, head)
}

const MOST_FILES = 1000

/** Records `COMMIT:PATH NUL LINE NUL MATCH` of git-grep; the first of each path counts. */
function parseMatches(output: string, commit: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  for (const match of output.matchAll(/([^\0]+)\0(\d+)\0[^\n]*(?:\n|$)/g)) {
    const path = (match[1] as string).slice(commit.length + 1)
    if (!lines.has(path)) lines.set(path, Number(match[2]))
  }
  return lines
}
